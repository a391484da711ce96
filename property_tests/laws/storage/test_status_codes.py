"""Laws of answers: what a status, a code, or the words of the object store library mean."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.roots import AzureRoot, GcsRoot, S3Root
from dicom_series_preview.core.faults.storage import (
    AccessDenied,
    Busy,
    ConnectionRefused,
    CredentialsRefused,
    NoBucket,
    NotFound,
    NoTls,
    StoreFailed,
    StoreFault,
    TimedOut,
    UnknownHost,
    Unreachable,
    Untrusted,
    WrongRegion,
)
from dicom_series_preview.core.storage.signing import advice
from dicom_series_preview.core.storage.status_codes import (
    actual_size,
    fault_of,
    is_cut,
    is_timeout,
    is_whole,
    s3_refusal,
    web_refusal,
)

PLACE = "s3://bucket/series/1.dcm"
ROOTS: list[S3Root | GcsRoot | AzureRoot] = [S3Root("bucket"), GcsRoot("bucket"), AzureRoot("bucket")]
roots = st.sampled_from(ROOTS)
TAIL = "\n\nDebug source:\nGeneric { certificate, dns error, Connection refused }"


def words(status: int, code: str = "", more: str = "") -> str:
    """An answer as the library tells it."""
    body = f"<Error><Code>{code}</Code>{more}</Error>" if code else more
    return (
        f"Error performing GET http://h/x in 1ms - Server returned non-2xx status code: {status} No: {body}"
    )


def of(text: str, root: S3Root | GcsRoot | AzureRoot = ROOTS[0], *, signed: bool = False) -> StoreFault:
    return fault_of(text, root, PLACE, 7.0, signed=signed)


def told(status: int, code: str, more: str = "", *, signed: bool = False) -> list[StoreFault]:
    """The same answer of S3, by the library and by our own requests."""
    body = f"<Error><Code>{code}</Code>{more}</Error>" if code else more
    own = s3_refusal(status, body.encode(), {}, S3Root("bucket"), PLACE, signed=signed)
    return [of(words(status, code, more), signed=signed), own]


CODES = [
    ("NoSuchBucket", 404, NoBucket(PLACE)),
    ("ContainerNotFound", 404, NoBucket(PLACE)),
    ("InvalidBucketName", 400, NoBucket(PLACE)),
    *(
        (code, 400, CredentialsRefused(PLACE, f"400 {code}", "They have expired: get new ones."))
        for code in ("ExpiredToken", "TokenRefreshRequired", "InvalidToken")
    ),
    *(
        (code, 403, CredentialsRefused(PLACE, f"403 {code}", "Check the key and its secret."))
        for code in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthenticationFailed", "InvalidSecurity")
    ),
    (
        "RequestTimeTooSkewed",
        403,
        CredentialsRefused(PLACE, "403 RequestTimeTooSkewed", "The clock of this machine is wrong: set it."),
    ),
    *(
        (code, 400, WrongRegion(PLACE, None))
        for code in (
            "AuthorizationHeaderMalformed",
            "PermanentRedirect",
            "IllegalLocationConstraintException",
        )
    ),
]


@pytest.mark.parametrize(("code", "status", "fault"), CODES)
@given(signed=st.booleans())
def test_a_code_tells_what_is_wrong(code: str, status: int, fault: StoreFault, signed: bool) -> None:
    """Whatever the status says, and whether the request was signed or not."""
    assert told(status, code, signed=signed) == [fault, fault]


@given(
    region=st.sampled_from(["eu-central-1", "us-gov-west-1"]),
    code=st.sampled_from(["AuthorizationHeaderMalformed", "Other"]),
)
def test_a_region_that_is_told_is_the_right_one(region: str, code: str) -> None:
    """In the body, or, where the body is silent, in the header."""
    fault = WrongRegion(PLACE, region)
    assert told(400, code, f"<Region>{region}</Region>") == [fault, fault]
    fields = {"x-amz-bucket-region": region}
    assert s3_refusal(301, b"", fields, S3Root("bucket"), PLACE, signed=False) == fault
    body = b"<Error><Code>PermanentRedirect</Code></Error>"
    assert s3_refusal(400, body, fields, S3Root("bucket"), PLACE, signed=True) == fault


@given(status=st.sampled_from([301, 302, 307, 308]))
def test_a_redirect_is_told(status: int) -> None:
    """One that leads nowhere speaks of the region; one that leads elsewhere is not followed with a signature."""
    assert s3_refusal(status, b"", {}, S3Root("b"), PLACE, signed=True) == WrongRegion(PLACE, None)
    fault = s3_refusal(status, b"", {"location": "http://x/"}, S3Root("b"), PLACE, signed=True)
    assert isinstance(fault, StoreFailed)
    assert f"{status} and points elsewhere" in fault.reason
    # A status of 400 is no redirect, whatever its fields say.
    refused = s3_refusal(400, b"", {"location": "http://x/"}, S3Root("b"), PLACE, signed=True)
    assert refused == s3_refusal(400, b"", {}, S3Root("b"), PLACE, signed=True)
    assert of("Received redirect without LOCATION, this normally indicates") == WrongRegion(PLACE, None)


@pytest.mark.parametrize("status", [401, 403])
@given(root=roots, code=st.sampled_from(["", "AccessDenied"]))
def test_a_refusal_names_what_to_do_where_nothing_was_signed(
    status: int, root: S3Root | GcsRoot | AzureRoot, code: str
) -> None:
    """Signed, it is the store's last word."""
    reason = f"{status} {code}".strip()
    assert of(words(status, code), root) == AccessDenied(PLACE, f"{reason}, unsigned", advice(root))
    assert of(words(status, code), root, signed=True) == AccessDenied(PLACE, reason)


@given(status=st.sampled_from([429, *range(500, 600)]), code=st.sampled_from(["", "SlowDown"]))
def test_a_server_may_be_busy(status: int, code: str) -> None:
    """429 and whatever begins with 5."""
    fault = Busy(PLACE, f"{status} {code}".strip())
    assert told(status, code) == [fault, fault]


@given(status=st.integers(400, 499).filter(lambda status: status not in (401, 403, 404, 429)))
def test_other_refusals_are_quoted(status: int) -> None:
    """404 is nothing there; the others are the store's own."""
    fault = StoreFailed(PLACE, f"the store answered {status} Odd.")
    assert told(status, "Odd") == [fault, fault]
    assert told(404, "NoSuchKey") == [NotFound(PLACE), NotFound(PLACE)]


REASONS = [
    ("dns error: no such host", UnknownHost(PLACE)),
    ("failed to lookup address information", UnknownHost(PLACE)),
    ("tcp connect error: Connection refused (os error 111)", ConnectionRefused(PLACE)),
    ("Os { code: 111, kind: ConnectionRefused }", ConnectionRefused(PLACE)),
    ("received corrupt message of type InvalidContentType", NoTls(PLACE, "its answer is not TLS")),
    ("invalid peer certificate: InvalidCertificate(UnknownIssuer)", Untrusted(PLACE, "UnknownIssuer")),
    ("InvalidCertificate(Other(\n  Expired", Untrusted(PLACE, "Expired")),
    ("InvalidCertificate( Other( CaUsedAsEndEntity", Untrusted(PLACE, "CaUsedAsEndEntity")),
    ("received fatal alert: HandshakeFailure", Untrusted(PLACE, "handshake failed")),
    ("HttpError { kind: Timeout }", TimedOut(PLACE, 7.0)),
    ("Os { kind: TimedOut }", TimedOut(PLACE, 7.0)),
    ("operation timed out", TimedOut(PLACE, 7.0)),
    ("error decoding list response body", Unreachable(PLACE, "its answers break off")),
    ("hyper: IncompleteMessage", Unreachable(PLACE, "the connection was closed before an answer came")),
    ("HttpError { kind: Connect, x }", Unreachable(PLACE, "HttpError { kind: Connect, x }")),
    ("read: ConnectionReset", Unreachable(PLACE, "read: ConnectionReset")),
    ("Os { kind: ConnectionReset }", Unreachable(PLACE, "Os { kind: ConnectionReset }")),
    ("error sending request", Unreachable(PLACE, "error sending request")),
    (
        "Generic S3 error: Requested 0..5120, got 100..200",
        StoreFailed(PLACE, "the server answered with another range than was asked for."),
    ),
    ("something  else\nhappened", StoreFailed(PLACE, "something else happened")),
]


@pytest.mark.parametrize(("text", "fault"), REASONS)
@given(root=roots, signed=st.booleans())
def test_the_library_s_words_are_read(
    text: str, fault: StoreFault, root: S3Root | GcsRoot | AzureRoot, signed: bool
) -> None:
    """Whatever the store, and whether it is signed."""
    assert of(text, root, signed=signed) == fault


@example(text="a" * 200)
@example(text="a" * 201)
@given(text=st.text("ab \n", min_size=1, max_size=500).filter(str.strip))
def test_what_is_not_known_is_quoted_in_few_words(text: str) -> None:
    """In one line, without what is meant for the library's makers."""
    fault = of(text + "\n\nDebug source:\nmuch more")
    assert isinstance(fault, StoreFailed)
    assert len(fault.reason) <= 200
    assert "\n" not in fault.reason
    assert "Debug" not in fault.reason
    line = " ".join(text.split())
    assert fault.reason == (line if len(line) <= 200 else f"{line[:199]}…")


@given(size=st.integers(0, 10**12), start=st.integers(1, 10**12))
def test_a_range_beyond_the_end_tells_the_size(size: int, start: int) -> None:
    """416, with the size in the answer; without it, an object is empty that has no first byte."""
    text = words(416, "InvalidRange", f"<ActualObjectSize>{size}</ActualObjectSize>")
    assert actual_size(text, start) == size
    assert actual_size(words(416), start) is None
    assert actual_size(words(416), 0) == 0
    assert actual_size(words(404), 0) is None
    assert actual_size("other words", 0) is None


def test_what_the_library_says_on_the_way_is_told_apart() -> None:
    """A listing that broke off, a server that ignored a range, a time that ran out."""
    assert is_cut("error decoding list response body: x")
    assert is_whole("Received non-partial response when range requested")
    assert [is_timeout(text) for text in ("kind: Timeout", "TimedOut", "operation timed out", "x")] == [
        True
    ] * 3 + [False]
    assert not is_cut("x")
    assert not is_whole("x")


@given(status=st.integers(300, 599).filter(lambda status: status not in (401, 403, 404, 410)))
def test_a_web_server_s_refusals_have_their_meaning(status: int) -> None:
    """Those of RFC 9110; all others are quoted."""
    url = "https://host.example/s/"
    assert web_refusal(404, url) == web_refusal(410, url) == NotFound(url)
    login, forbidden = web_refusal(401, url), web_refusal(403, url)
    assert isinstance(login, AccessDenied)
    assert "user:password" in login.advice
    assert isinstance(forbidden, AccessDenied)
    assert (login.place, login.reason) == (url, "401")
    assert (forbidden.place, forbidden.reason) == (url, "403")
    assert forbidden.advice == "Check that the server lets this folder be listed and read."
    assert web_refusal(status, url) == StoreFailed(url, f"the server answered {status}.")
