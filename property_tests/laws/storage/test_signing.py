"""Laws of signatures: what is signed, with what, and the same as by the signer of the AWS libraries."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.roots import AzureRoot, GcsRoot, S3Root
from dicom_series_preview.core.storage.s3_listing import Listing, query
from dicom_series_preview.core.storage.signing import (
    PUBLIC_GCS,
    PUBLIC_S3,
    Keys,
    advice,
    bucket_address,
    endpoint_problem,
    is_payer,
    is_signed,
    keys_of,
    region_of,
    sign,
)
from property_tests.prose import flaws
from property_tests.strategies_location import buckets

words = st.text("abcXYZ019/+=", min_size=1, max_size=20)
names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)


class _At(S3SigV4Auth):  # type: ignore[misc]
    """Signs as of a given time."""

    def __init__(self, keys: Keys, region: str, at: datetime) -> None:
        super().__init__(Credentials(keys.key, keys.secret, keys.token), "s3", region)
        self._at = at.strftime("%Y%m%dT%H%M%SZ")

    def signed(self, request: AWSRequest) -> str:
        request.context["timestamp"] = self._at
        request.headers["X-Amz-Content-SHA256"] = self.payload(request)
        request.headers["X-Amz-Date"] = self._at
        if self.credentials.token:
            request.headers["X-Amz-Security-Token"] = self.credentials.token
        text = self.string_to_sign(request, self.canonical_request(request))
        return str(self.signature(text, request))


@given(
    keys=st.builds(Keys, words, words, st.none() | words),
    region=st.sampled_from(["us-east-1", "eu-central-1"]),
    at=times,
    name=names,
    prefix=st.none() | names,
    payer=st.booleans(),
)
def test_signatures_are_those_of_the_aws_libraries(
    keys: Keys, region: str, at: datetime, name: str, prefix: str | None, payer: bool
) -> None:
    """For objects of any name and listings below any prefix."""
    path, asked = f"/bucket/{quote(name, safe='/~')}", "" if prefix is None else query(Listing(prefix))
    fields = sign(keys, region, "host.example:9000", path, asked, at, payer=payer)
    request = AWSRequest("GET", f"http://host.example:9000{path}" + (f"?{asked}" if asked else ""))
    if payer:
        request.headers["x-amz-request-payer"] = "requester"
    assert fields["Authorization"].endswith(f"Signature={_At(keys, region, at).signed(request)}")
    assert f"Credential={keys.key}/{at:%Y%m%d}/{region}/s3/aws4_request, " in fields["Authorization"]
    assert fields.get("x-amz-security-token") == keys.token
    assert ("x-amz-request-payer" in fields) == payer
    listed = fields["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert listed == sorted(["host", *(name for name in fields if name != "Authorization")])


@given(secret=st.text("abcdef0123456789", min_size=12))
def test_secrets_are_never_printed(secret: str) -> None:
    """A key's name may be."""
    assert secret not in repr(Keys("AKIA", secret, secret))


@given(key=words, secret=words, token=st.none() | words)
def test_keys_come_from_the_environment(key: str, secret: str, token: str | None) -> None:
    """Both of a pair, or none."""
    told = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token or ""}
    assert keys_of(told) == Keys(key, secret, token)
    for missing in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert keys_of(told | {missing: ""}) is None
        assert keys_of({name: value for name, value in told.items() if name != missing}) is None


S3_NAMES = [
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
]
GCS_NAMES = [
    *("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH"),
    *("GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_BEARER_TOKEN"),
]
AZURE_NAMES = [
    *("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_MASTER_KEY"),
    *("AZURE_STORAGE_SAS_KEY", "AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_TOKEN", "AZURE_STORAGE_CLIENT_ID"),
    *("AZURE_CLIENT_ID", "AZURE_MSI_ENDPOINT", "AZURE_IDENTITY_ENDPOINT", "AZURE_USE_AZURE_CLI"),
    "AZURE_STORAGE_USE_EMULATOR",
]
MINE = [(S3Root("mine"), S3_NAMES), (GcsRoot("mine"), GCS_NAMES), (AzureRoot("mine"), AZURE_NAMES)]


@pytest.mark.parametrize(("root", "names"), MINE)
def test_requests_are_signed_where_there_is_something_to_sign_with(
    root: S3Root | GcsRoot | AzureRoot, names: list[str]
) -> None:
    """One of the variables that the store reads, and it is not empty; those of others mean nothing."""
    assert not is_signed(root, {}, has_login=False)
    others = {name for _, of_root in MINE for name in of_root} - set(names)
    assert not is_signed(root, dict.fromkeys(others, "x"), has_login=False)
    for name in names:
        assert is_signed(root, {name: "x"}, has_login=False)
        assert not is_signed(root, {name: ""}, has_login=False)
    assert is_signed(root, {}, has_login=True) == isinstance(root, GcsRoot)


def test_the_public_buckets_are_never_signed() -> None:
    """Whatever the environment holds."""
    everything = dict.fromkeys([*S3_NAMES, *GCS_NAMES, *AZURE_NAMES], "x")
    public: list[S3Root | GcsRoot] = [*map(S3Root, sorted(PUBLIC_S3)), *map(GcsRoot, sorted(PUBLIC_GCS))]
    assert {root.bucket for root in public} >= {"idc-open-data", "idc-open-data-two", "idc-open-data-cr"}
    assert [root for root in public if is_signed(root, everything, has_login=True)] == []


@pytest.mark.parametrize(
    ("root", "name"),
    [
        (S3Root("b"), "AWS_SECRET_ACCESS_KEY"),
        (GcsRoot("b"), "GOOGLE_APPLICATION_CREDENTIALS"),
        (AzureRoot("b"), "AZURE_STORAGE_SAS_TOKEN"),
    ],
)
def test_advice_names_what_is_read(root: S3Root | GcsRoot | AzureRoot, name: str) -> None:
    """For each kind of store, in a sentence."""
    assert name in advice(root)
    assert flaws(advice(root)) == []


@given(bucket=buckets, region=st.sampled_from(["us-east-1", "eu-west-3", "cn-north-1"]))
def test_a_bucket_is_asked_in_its_region(bucket: str, region: str) -> None:
    """Its own, where the root names it, or that of the environment; China has an address of its own."""
    country = {"cn-north-1": ".cn"}.get(region, "")
    address = f"https://s3.{region}.amazonaws.com{country}/{bucket}"
    for root, environ in (
        (S3Root(bucket, region=region), {"AWS_REGION": "other", "AWS_DEFAULT_REGION": "other"}),
        (S3Root(bucket), {"AWS_REGION": region, "AWS_DEFAULT_REGION": "other"}),
        (S3Root(bucket), {"AWS_DEFAULT_REGION": region}),
    ):
        assert region_of(root, environ) == region
        assert bucket_address(root, environ) == address
    assert region_of(S3Root(bucket), {}) == "us-east-1"


@given(bucket=buckets, slash=st.sampled_from(["", "/"]))
def test_an_endpoint_goes_before_any_region(bucket: str, slash: str) -> None:
    """With the bucket behind its path."""
    environ = {"AWS_ENDPOINT_URL": f"http://localhost:9000/BOX{slash}"}
    assert (
        bucket_address(S3Root(bucket, region="eu-west-3"), environ) == f"http://localhost:9000/BOX/{bucket}"
    )


@pytest.mark.parametrize(
    "endpoint", ["http://localhost:9000", "https://s3.example/", "http://[::1]:9/x", "http://a/b?c"]
)
def test_an_address_is_an_endpoint(endpoint: str) -> None:
    """So is none at all."""
    assert endpoint_problem({"AWS_ENDPOINT_URL": endpoint}) is None
    assert endpoint_problem({}) is None


@pytest.mark.parametrize(
    "endpoint", ["", "foo", "http://", "localhost:9", "http:// host", "ftp://host", "http://a b"]
)
def test_what_is_no_address_is_no_endpoint(endpoint: str) -> None:
    """It is quoted."""
    assert f"AWS_ENDPOINT_URL is {endpoint!r}" in str(endpoint_problem({"AWS_ENDPOINT_URL": endpoint}))


OFF, ON = (None, "", "false", "No", "0", "n", "off"), ("requester", "TRUE", " yes ", "1", "y", "on")


@pytest.mark.parametrize(
    ("setting", "is_set"), [*((one, False) for one in OFF), *((one, True) for one in ON)]
)
def test_the_requester_pays_when_told(setting: str | None, is_set: bool) -> None:
    """As AWS_REQUEST_PAYER says."""
    assert is_payer(setting).unwrap() == is_set


def test_a_payer_that_is_none_is_quoted() -> None:
    """With what may stand there."""
    assert "'perhaps': it may be requester" in is_payer("perhaps").failure()
