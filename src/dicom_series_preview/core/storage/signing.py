"""Which requests to sign: only those for which the environment holds credentials.

Without this rule a store library would look for credentials at a metadata address, which answers only inside
a cloud and may hang elsewhere.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final, assert_never

from attrs import field, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import AzureRoot, GcsRoot, S3Root

PUBLIC_S3: Final = frozenset({"idc-open-data", "idc-open-data-two", "idc-open-data-cr"})
PUBLIC_GCS: Final = frozenset({"idc-open-data", "idc-open-cr", "idc-open-idc1"})

_S3: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_GCS: Final = (
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_BEARER_TOKEN",
)
_AZURE: Final = (
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_MASTER_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_STORAGE_CLIENT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_MSI_ENDPOINT",
    "AZURE_IDENTITY_ENDPOINT",
    "AZURE_USE_AZURE_CLI",
    "AZURE_STORAGE_USE_EMULATOR",
)


_EMPTY: Final = sha256(b"").hexdigest()

_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.\[\]:_-]*[A-Za-z0-9\]](/[!-~]*)?")


def is_signed(root: S3Root | GcsRoot | AzureRoot, environ: Mapping[str, str], *, has_login: bool) -> bool:
    """Whether requests to the root are signed; those to the public buckets of IDC never are.

    `has_login` tells whether gcloud's own login is on this machine.
    """
    match root:
        case S3Root(bucket=bucket):
            return bucket not in PUBLIC_S3 and _has(environ, _S3)
        case GcsRoot(bucket=bucket):
            return bucket not in PUBLIC_GCS and (has_login or _has(environ, _GCS))
        case AzureRoot():
            return _has(environ, _AZURE)
        case _ as never:
            assert_never(never)


def endpoint_problem(environ: Mapping[str, str]) -> str | None:
    """What is wrong with AWS_ENDPOINT_URL, if it is set: the store library ends the process over it."""
    endpoint = environ.get("AWS_ENDPOINT_URL")
    if endpoint is None or _ADDRESS.fullmatch(endpoint):
        return None
    return f"AWS_ENDPOINT_URL is {endpoint!r}, which is no address: unset it, or give http(s)://host[:port]"


@frozen
class Keys:
    """What requests to S3 are signed with; a token comes with keys that expire."""

    key: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def keys_of(environ: Mapping[str, str]) -> Keys | None:
    """The keys in the environment; None where there are none, or where they would have to be asked for."""
    key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    return Keys(key, secret, environ.get("AWS_SESSION_TOKEN") or None) if key and secret else None


def sign(
    keys: Keys, region: str, host: str, path: str, query: str, at: datetime, *, payer: bool = False
) -> dict[str, str]:
    """The header fields that sign a GET without a body (AWS Signature Version 4).

    `host` is the Host field, `path` and `query` are escaped as they are sent, with the query's fields in
    order; `at` is the time in UTC; `payer` tells that the one who asks pays.
    """
    when = at.strftime("%Y%m%dT%H%M%SZ")
    fields = {"host": host, "x-amz-content-sha256": _EMPTY, "x-amz-date": when}
    if payer:
        fields["x-amz-request-payer"] = "requester"
    if keys.token is not None:
        fields["x-amz-security-token"] = keys.token
    names = ";".join(fields)
    lines = "".join(f"{name}:{value}\n" for name, value in fields.items())
    request = f"GET\n{path}\n{query}\n{lines}\n{names}\n{_EMPTY}"
    scope = f"{when[:8]}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{when}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    key = f"AWS4{keys.secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={keys.key}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    )
    return {name: value for name, value in fields.items() if name != "host"} | {
        "Authorization": authorization
    }


def is_payer(setting: str | None) -> Result[bool, str]:
    """Whether AWS_REQUEST_PAYER says that the one who asks pays; refused with what is wrong about it."""
    word = (setting or "").strip().lower()
    if word in ("", "0", "false", "no", "n", "off"):
        return Success(False)
    if word in ("requester", "1", "true", "yes", "y", "on"):
        return Success(True)
    return Failure(f"AWS_REQUEST_PAYER is {setting!r}: it may be requester, or unset")


def region_of(root: S3Root, environ: Mapping[str, str]) -> str:
    """The region that the bucket is asked in."""
    return root.region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def bucket_address(root: S3Root, environ: Mapping[str, str]) -> str:
    """The address of a bucket, without a slash behind it."""
    region = region_of(root, environ)
    country = ".cn" if region.startswith("cn-") else ""
    endpoint = environ.get("AWS_ENDPOINT_URL") or f"https://s3.{region}.amazonaws.com{country}"
    return f"{endpoint.rstrip('/')}/{root.bucket}"


def advice(root: S3Root | GcsRoot | AzureRoot) -> str:
    """What to do about a request that was refused because it was not signed."""
    match root:
        case S3Root():
            return (
                "Credentials are read from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN "
                '(eval "$(aws configure export-credentials --format env)" sets them).'
            )
        case GcsRoot():
            return "Credentials are read from GOOGLE_APPLICATION_CREDENTIALS or gcloud's own login."
        case AzureRoot():
            return (
                "Credentials are read from AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN and the like."
            )
        case _ as never:
            assert_never(never)


def _has(environ: Mapping[str, str], names: tuple[str, ...]) -> bool:
    return any(environ.get(name) for name in names)
