"""Every way in which a store says no: one plain sentence each, in good time, that says what to do."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

import pytest
import trustme
from attrs import define, field
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import AzureRoot, GcsRoot, HttpRoot, Root, S3Root, parse_root
from dicom_series_preview.core.faults.listings import NotAnIndex
from dicom_series_preview.core.faults.storage import (
    AccessDenied,
    BadSetting,
    Busy,
    ConnectionRefused,
    CredentialsRefused,
    NoBucket,
    NotFound,
    StoreFailed,
    StoreFault,
    TimedOut,
    UnknownHost,
    Untrusted,
    WrongRegion,
)
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network
from tests.support.servers import answering

SOON = 60.0  # s, in which a final answer has to be told

QUICK = Network(timeout=2.0, retries=1)


@define
class Talker:
    """A server that gives each request the same answer, and remembers what it was asked."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(factory=list)

    def handler(self, *args: object) -> BaseHTTPRequestHandler:
        talker = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                talker.requests.append((self.command, self.path, dict(self.headers)))
                self.send_response(talker.status)
                for name, value in {"Content-Length": str(len(talker.body)), **talker.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(talker.body)

            do_GET = do_HEAD = do_PROPFIND = do_PUT = answer  # noqa: N815  names of the base class

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler(*args)  # type: ignore[arg-type]


@pytest.fixture
def talker() -> Talker:
    return Talker()


@pytest.fixture
def endpoint(talker: Talker, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The talker's address, which is also what AWS_ENDPOINT_URL says; no credentials are set."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    with answering(talker.handler) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield url


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Credentials for the talker at `endpoint`, which looks at none."""
    assert endpoint
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def listing(root: Root, network: Network = QUICK) -> StoreFault:
    """The fault with which a listing ends."""
    began = time.monotonic()
    opened = open_store(root, network)
    if not is_successful(opened):
        return opened.failure()
    *_, last = opened.unwrap().pages("series")
    assert time.monotonic() - began < SOON
    return last.failure()


def reading(root: Root, network: Network = QUICK) -> StoreFault:
    """The fault with which a read ends."""
    return open_store(root, network).unwrap().read("series/1.dcm", 0, 100).failure()


def both(root: Root) -> tuple[StoreFault, StoreFault]:
    return listing(root), reading(root)


def error(code: str, more: str = "") -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>No.</Message>{more}</Error>".encode()


BUCKET = S3Root("bucket")


@pytest.mark.usefixtures("endpoint")
class TestS3:
    def test_missing_bucket(self, talker: Talker) -> None:
        talker.status, talker.body = 404, error("NoSuchBucket")
        for fault in both(BUCKET):
            assert isinstance(fault, NoBucket)
            assert "does not exist" in str(fault)

    def test_missing_object(self, talker: Talker) -> None:
        talker.status, talker.body = 404, error("NoSuchKey")
        assert reading(BUCKET) == NotFound("s3://bucket/series/1.dcm")

    def test_unsigned_request_denied_says_where_keys_come_from(self, talker: Talker) -> None:
        talker.status, talker.body = 403, error("AccessDenied")
        for fault in both(BUCKET):
            assert isinstance(fault, AccessDenied)
            assert "AWS_ACCESS_KEY_ID" in str(fault)
            assert "unsigned" in str(fault)

    @pytest.mark.usefixtures("keys")
    def test_signed_request_denied(self, talker: Talker) -> None:
        talker.status, talker.body = 403, error("AccessDenied")
        for fault in both(BUCKET):
            assert isinstance(fault, AccessDenied)
            assert "unsigned" not in str(fault)

    @pytest.mark.usefixtures("keys")
    @pytest.mark.parametrize(
        ("status", "code", "words"),
        [
            (403, "InvalidAccessKeyId", "Check the key"),
            (403, "SignatureDoesNotMatch", "Check the key"),
            (400, "ExpiredToken", "expired"),
            (403, "RequestTimeTooSkewed", "clock"),
        ],
    )
    def test_refused_credentials(self, talker: Talker, status: int, code: str, words: str) -> None:
        talker.status, talker.body = status, error(code)
        for fault in both(BUCKET):
            assert isinstance(fault, CredentialsRefused)
            assert words in str(fault)

    def test_wrong_region_unsigned_names_the_right_one(self, talker: Talker) -> None:
        talker.status = 301
        talker.headers = {"x-amz-bucket-region": "eu-central-1"}
        assert listing(BUCKET) == WrongRegion("s3://bucket/series", "eu-central-1")
        assert "AWS_REGION=eu-central-1" in str(listing(BUCKET))

    @pytest.mark.usefixtures("keys")
    def test_wrong_region_signed_names_the_right_one(self, talker: Talker) -> None:
        region = "<Region>eu-west-3</Region>"
        talker.status, talker.body = 400, error("AuthorizationHeaderMalformed", region)
        for fault in both(BUCKET):
            assert isinstance(fault, WrongRegion)
            assert fault.region == "eu-west-3"

    def test_a_busy_server_is_asked_again_and_then_reported(self, talker: Talker) -> None:
        talker.status, talker.body = 503, error("SlowDown")
        assert isinstance(listing(BUCKET), Busy)
        assert len(talker.requests) == 1 + QUICK.retries

    def test_a_refusal_is_final(self, talker: Talker) -> None:
        talker.status, talker.body = 403, error("AccessDenied")
        reading(BUCKET)
        assert len(talker.requests) == 1

    def test_no_header_asks_for_payment_unless_told(self, talker: Talker) -> None:
        talker.status, talker.body = 404, error("NoSuchKey")
        reading(BUCKET)
        assert "x-amz-request-payer" not in talker.requests[0][2]

    @pytest.mark.usefixtures("keys")
    def test_the_requester_pays_when_told(self, talker: Talker, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_REQUEST_PAYER", "requester")
        talker.status, talker.body = 404, error("NoSuchKey")
        both(BUCKET)
        assert [headers["x-amz-request-payer"] for _, _, headers in talker.requests] == ["requester"] * 2

    def test_a_setting_that_makes_no_sense_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_REQUEST_PAYER", "perhaps")
        fault = open_store(BUCKET, QUICK).failure()
        assert isinstance(fault, BadSetting)
        assert "perhaps" in str(fault)

    @pytest.mark.usefixtures("keys")
    def test_the_public_buckets_are_never_signed(self, talker: Talker) -> None:
        talker.status, talker.body = 404, error("NoSuchKey")
        for bucket in ("idc-open-data", "idc-open-data-two", "idc-open-data-cr", "mine"):
            reading(S3Root(bucket))
        signed = ["Authorization" in {name.title() for name in headers} for _, _, headers in talker.requests]
        assert signed == [False, False, False, True]

    @pytest.mark.usefixtures("keys")
    def test_a_session_token_is_sent(self, talker: Talker, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
        talker.status, talker.body = 404, error("NoSuchKey")
        reading(BUCKET)
        assert talker.requests[0][2]["x-amz-security-token"] == "token"

    def test_no_metadata_address_is_asked(
        self, talker: Talker, monkeypatch: pytest.MonkeyPatch, endpoint: str
    ) -> None:
        monkeypatch.setenv("AWS_METADATA_ENDPOINT", f"{endpoint}/metadata")
        talker.status, talker.body = 403, error("AccessDenied")
        both(BUCKET)
        assert [path for _, path, _ in talker.requests if "metadata" in path] == []


class TestOtherBuckets:
    def test_gcs_is_unsigned_without_credentials(
        self, talker: Talker, endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("GOOGLE_BASE_URL", endpoint)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
        talker.status, talker.body = 403, error("AccessDenied")
        fault = reading(GcsRoot("bucket", "scans"))
        assert isinstance(fault, AccessDenied)
        assert "GOOGLE_APPLICATION_CREDENTIALS" in str(fault)
        assert [unquote(path) for _, path, _ in talker.requests] == ["/bucket/scans/series/1.dcm"]

    def test_gcs_credentials_that_are_not_there_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file.json")
        fault = open_store(GcsRoot("bucket"), QUICK).failure()
        assert isinstance(fault, BadSetting)
        assert "/no/such/file.json" in str(fault)

    @pytest.mark.parametrize(
        ("here", "missing"),
        [
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
            ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        ],
    )
    def test_half_a_key_says_which_variable_is_missing(
        self, monkeypatch: pytest.MonkeyPatch, here: str, missing: str
    ) -> None:
        monkeypatch.delenv(missing, raising=False)
        monkeypatch.setenv(here, "half")
        fault = open_store(S3Root("bucket"), QUICK).failure()
        assert f"set {missing} as well as {here}" in str(fault)

    def test_azure_without_an_account_says_which_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
        fault = open_store(AzureRoot("container"), QUICK).failure()
        assert isinstance(fault, BadSetting)
        assert "AZURE_STORAGE_ACCOUNT_NAME" in str(fault)

    def test_azure_takes_account_and_endpoint_from_the_environment(
        self, talker: Talker, endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", f"{endpoint}/account")
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
        talker.status, talker.body = 404, error("ContainerNotFound")
        assert isinstance(reading(AzureRoot("container", "scans")), NoBucket)
        assert [path for _, path, _ in talker.requests] == ["/account/container/scans/series/1.dcm"]


def web(url: str) -> Root:
    return parse_root(url).unwrap()


class TestWeb:
    @pytest.mark.parametrize(("status", "words"), [(401, "user:password"), (403, "lets this folder")])
    def test_denied(self, talker: Talker, endpoint: str, status: int, words: str) -> None:
        talker.status = status
        for fault in both(web(endpoint)):
            assert isinstance(fault, AccessDenied)
            assert words in str(fault)

    def test_a_busy_server_is_asked_again_and_then_reported(self, talker: Talker, endpoint: str) -> None:
        talker.status = 503
        assert isinstance(reading(web(endpoint)), Busy)
        assert len(talker.requests) == 1 + QUICK.retries

    def test_a_page_that_is_no_index_is_named(self, talker: Talker, endpoint: str) -> None:
        talker.body = b"<html><title>Hospital portal</title><a href='about.html'>About</a></html>"
        talker.headers = {"Content-Type": "text/html"}
        fault = listing(web(endpoint))
        assert isinstance(fault, NotAnIndex)
        assert "Hospital portal" in str(fault)

    def test_an_answer_that_is_no_page_is_named(self, talker: Talker, endpoint: str) -> None:
        talker.headers = {"Content-Type": "application/json"}
        assert "application/json" in str(listing(web(endpoint)))

    def test_redirects_without_end_are_left(self, talker: Talker, endpoint: str) -> None:
        talker.status, talker.headers = 302, {"Location": "/elsewhere"}
        assert isinstance(reading(web(endpoint)), StoreFailed)
        assert len(talker.requests) < 10

    def test_a_redirect_to_a_file_is_not_followed(self, talker: Talker, endpoint: str) -> None:
        talker.status, talker.headers = 302, {"Location": "file:///etc/passwd"}
        assert isinstance(reading(web(endpoint)), StoreFailed)

    def test_another_range_than_asked_for_is_refused(self, talker: Talker, endpoint: str) -> None:
        talker.status, talker.body = 206, b"x" * 100
        talker.headers = {"Content-Range": "bytes 50-149/200"}
        assert isinstance(reading(web(endpoint)), StoreFailed)

    def test_a_login_is_sent_and_never_shown(self, talker: Talker, endpoint: str) -> None:
        talker.status = 401
        fault = reading(web(endpoint.replace("//", "//user:hush%21@")))
        assert talker.requests[0][2]["Authorization"] == "Basic dXNlcjpodXNoIQ=="
        assert "hush" not in str(fault)

    def test_a_login_is_not_sent_elsewhere(self, talker: Talker, endpoint: str) -> None:
        other = Talker(404)
        with answering(other.handler) as elsewhere:
            talker.status, talker.headers = 302, {"Location": f"{elsewhere}/1.dcm"}
            reading(web(endpoint.replace("//", "//user:secret@")))
        assert ["Authorization" in headers for _, _, headers in other.requests] == [False]

    def test_a_proxy_is_used_when_the_environment_names_one(
        self, talker: Talker, endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", endpoint)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        talker.status = 404
        reading(HttpRoot("http", "scans.example"))
        assert [path for _, path, _ in talker.requests] == ["http://scans.example/series/1.dcm"]


def refusing() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


REMOTE: list[Callable[[str], Root]] = [
    lambda _: BUCKET,
    web,
]


@pytest.mark.parametrize("root", REMOTE, ids=["s3", "web"])
class TestNetwork:
    def at(self, address: str, root: Callable[[str], Root], patch: pytest.MonkeyPatch) -> Root:
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.delenv("AWS_ACCESS_KEY_ID", raising=False)
        return root(address)

    def test_refused_connection(self, root: Callable[[str], Root], monkeypatch: pytest.MonkeyPatch) -> None:
        place = self.at(f"http://{refusing()}", root, monkeypatch)
        assert isinstance(listing(place, Network(longest_pause=0.05)), ConnectionRefused)

    def test_unknown_host(self, root: Callable[[str], Root], monkeypatch: pytest.MonkeyPatch) -> None:
        place = self.at("http://no-such-host.invalid", root, monkeypatch)
        assert isinstance(listing(place, Network()), UnknownHost)

    def test_silence(self, root: Callable[[str], Root], monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            place = self.at(f"http://127.0.0.1:{silent.getsockname()[1]}", root, monkeypatch)
            fault = listing(place, Network(timeout=0.5, retries=1))
        assert isinstance(fault, TimedOut)
        assert "--timeout" in str(fault)

    def test_a_certificate_of_nobody_known(
        self, root: Callable[[str], Root], monkeypatch: pytest.MonkeyPatch, talker: Talker
    ) -> None:
        with answering(talker.handler, tls(trustme.CA())) as url:
            fault = listing(self.at(url, root, monkeypatch), Network())
        assert isinstance(fault, Untrusted)
        assert "SSL_CERT_FILE" in str(fault)

    def test_a_private_authority_is_trusted_through_ssl_cert_file(
        self,
        root: Callable[[str], Root],
        monkeypatch: pytest.MonkeyPatch,
        talker: Talker,
        tmp_path: Path,
    ) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        talker.status = 404
        with answering(talker.handler, tls(authority)) as url:
            assert isinstance(reading(self.at(url, root, monkeypatch)), NotFound)


def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize("endpoint", ["", "foo", "http://", "localhost:9", "http:// host"])
def test_an_endpoint_that_is_no_address_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    fault = open_store(S3Root("bucket"), Network()).failure()
    assert isinstance(fault, BadSetting)
    assert f"AWS_ENDPOINT_URL is {endpoint!r}" in str(fault)
