"""Storage roots: where series folders lie, read from what the user types and printed back.

A `Root` that exists is well formed: buckets and hosts are named, prefixes have no empty, `.` or `..` segments
and no control characters.  Whether anything is there is for the shell to find out.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias, assert_never
from urllib.parse import quote, unquote, urlsplit

from attrs import evolve, field, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.request import BadRoot


@frozen
class S3Root:
    """A bucket of S3 or of a server that speaks its protocol.

    `prefix` is the path inside the bucket, "/"-separated, "" for the bucket itself; `region` is known when the
    root was given as an https address that names it.
    """

    bucket: str
    prefix: str = ""
    region: str | None = None


@frozen
class GcsRoot:
    """A bucket of Google Cloud Storage; `prefix` as in `S3Root`."""

    bucket: str
    prefix: str = ""


@frozen
class AzureRoot:
    """A container of Azure Blob Storage; the account comes from the environment if the root names none."""

    container: str
    prefix: str = ""
    account: str | None = None


@frozen
class HttpRoot:
    """A folder of a web server.

    `prefix` is the path with percent escapes undone (bytes that are no UTF-8 as surrogates); `authority` is
    `host[:port]`; `login` is `user:password` when the address holds one, and is never printed.
    """

    scheme: str
    authority: str
    prefix: str = ""
    login: str | None = field(default=None, repr=False)


@frozen
class DicomwebRoot:
    """A DICOMweb service (PS3.18) at a web address, below which studies and their series are."""

    service: HttpRoot


@frozen
class LocalRoot:
    """A folder of this machine, as typed (absolute or relative), without a trailing slash."""

    path: str


Root: TypeAlias = S3Root | GcsRoot | AzureRoot | HttpRoot | DicomwebRoot | LocalRoot

DICOMWEB: Final = "dicomweb+"
"""What stands before the address of a DICOMweb service, to tell it from that of a folder."""

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_ONE_SLASH: Final = re.compile(r"(s3|gs|az|https?):", re.IGNORECASE)
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_S3_HOST: Final = re.compile(
    r"(?:(?P<bucket>.+)\.)?s3(?:[.-](?:dualstack\.)?(?P<region>[a-z]{2}(?:-[a-z]+)+-\d+))?\.amazonaws\.com(?:\.cn)?"
)
_GCS_HOST: Final = re.compile(r"(?:(?P<bucket>.+)\.)?storage\.googleapis\.com")
_AZURE_HOST: Final = re.compile(r"(?P<account>[a-z0-9]+)\.blob\.core\.windows\.net")


def parse_root(text: str) -> Result[Root, BadRoot]:
    """Read a storage root: `s3://`, `gs://`, `az://`, `http(s)://`, `file://` or the path of a folder;
    or a DICOMweb service, `dicomweb+https://`.

    Refused (`BadRoot`) is a text that is empty, holds a control character, or has a scheme or a bucket's name
    that no store has.  Public https addresses of S3, Google Cloud Storage and Azure buckets are recognised as
    what they are.

    >>> parse_root("https://my-bucket.s3.eu-west-1.amazonaws.com/data/").unwrap()
    S3Root(bucket='my-bucket', prefix='data', region='eu-west-1')
    """
    if not text.strip():
        return Failure(BadRoot(text, "it is empty"))
    if _CONTROL.search(text):
        return Failure(BadRoot(text, "it holds a control character"))
    url = _SCHEME.fullmatch(text)
    if url is None:
        return _parse_path(text)
    scheme, rest = url[1].lower(), url[2]
    bucket, _, path = rest.partition("/")
    match scheme:
        case "s3":
            return _bucket(text, S3Root(bucket), path)
        case "gs":
            return _bucket(text, GcsRoot(bucket), path)
        case "az":
            return _bucket(text, AzureRoot(bucket), path)
        case "http" | "https":
            return _parse_http(text)
        case "dicomweb+http" | "dicomweb+https":
            return _parse_service(text)
        case "file":
            return _parse_file(text, bucket, path)
        case _:
            return Failure(BadRoot(text, f"{scheme}:// is no kind of storage known here"))


def show_root(root: Root) -> str:
    """The root's text, without a trailing slash; `parse_root` reads it back (a login is left out).

    >>> show_root(HttpRoot("https", "example.org", "my scans"))
    'https://example.org/my%20scans'
    """
    match root:
        case S3Root(bucket=bucket, prefix=prefix, region=region):
            if region is None:
                return _under(f"s3://{bucket}", prefix)
            country = ".cn" if region.startswith("cn-") else ""
            return _under(f"https://{bucket}.s3.{region}.amazonaws.com{country}", quote_path(prefix))
        case GcsRoot(bucket=bucket, prefix=prefix):
            return _under(f"gs://{bucket}", prefix)
        case AzureRoot(container=container, prefix=prefix, account=account):
            if account is None:
                return _under(f"az://{container}", prefix)
            return _under(f"https://{account}.blob.core.windows.net/{container}", quote_path(prefix))
        case HttpRoot(scheme=scheme, authority=authority, prefix=prefix):
            return _under(f"{scheme}://{authority}", quote_path(prefix))
        case DicomwebRoot(service=service):
            return f"{DICOMWEB}{show_root(service)}"
        case LocalRoot(path=path):
            return path
        case _ as never:
            assert_never(never)


def join_root(root: Root, folder: str) -> Root:
    """The root that is the folder `folder` ("/"-separated, "" for the root itself) below `root`."""
    if not folder:
        return root
    match root:
        case LocalRoot(path=path):
            return LocalRoot(path + folder if path.endswith("/") else f"{path}/{folder}")
        case DicomwebRoot(service=service):
            below = f"{service.prefix}/{folder}" if service.prefix else folder
            return DicomwebRoot(evolve(service, prefix=below))
        case S3Root() | GcsRoot() | AzureRoot() | HttpRoot():
            return evolve(root, prefix=f"{root.prefix}/{folder}" if root.prefix else folder)
        case _ as never:
            assert_never(never)


def split_root(root: Root) -> tuple[Root, str] | None:
    """The parent of a root and its last segment: the inverse of `join_root`; None where there is no parent.

    A relative path of one segment lies in `.`; what lies above `.`, `..` and `~` only the file system knows: None.
    """
    match root:
        case LocalRoot(path=path):
            parent, slash, name = path.rpartition("/")
            if name in ("", ".", "..", "~"):
                return None
            return LocalRoot(_trimmed(parent) if parent else slash or "."), name
        case DicomwebRoot():
            return None  # what is below a service are studies, and no folders
        case S3Root() | GcsRoot() | AzureRoot() | HttpRoot():
            parent, _, name = root.prefix.rpartition("/")
            return (evolve(root, prefix=parent), name) if name else None
        case _ as never:
            assert_never(never)


def quote_path(path: str) -> str:
    """Percent-escape a "/"-separated path for an address (RFC 3986 3.3); `unquote_path` undoes it."""
    return quote(path, safe="/!$&'()*+,;=:@", errors="surrogateescape")


def unquote_path(path: str) -> str:
    """Undo percent escapes; bytes that are no UTF-8 become surrogates, so that nothing is lost."""
    return unquote(path, errors="surrogateescape")


def _under(base: str, prefix: str) -> str:
    return f"{base}/{prefix}" if prefix else base


def _prefix(text: str, path: str) -> Result[str, BadRoot]:
    segments = [segment for segment in path.split("/") if segment]
    if "." in segments or ".." in segments:
        return Failure(BadRoot(text, "a path in a bucket or on a web server has no . or .. segments"))
    if _CONTROL.search(path):
        return Failure(BadRoot(text, "it holds a control character"))
    return Success("/".join(segments))


def _bucket(text: str, root: S3Root | GcsRoot | AzureRoot, path: str) -> Result[Root, BadRoot]:
    bucket = root.container if isinstance(root, AzureRoot) else root.bucket
    if not bucket:
        return Failure(BadRoot(text, "it names no bucket"))
    if not _BUCKET.fullmatch(bucket):
        return Failure(BadRoot(text, f"{bucket!r} is no bucket name"))
    return _prefix(text, path).map(lambda prefix: evolve(root, prefix=prefix))


def _parse_http(text: str) -> Result[Root, BadRoot]:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        return Failure(BadRoot(text, f"it is no address: {error}"))
    host = url.hostname or ""
    if not host or re.search(r"[\s%<>\"{}|\\^`]", host):
        return Failure(BadRoot(text, "it names no host"))
    if url.query or url.fragment:
        return Failure(BadRoot(text, "an address of a folder has no ? or # part"))
    path = unquote_path(url.path)
    login, has_login, _ = url.netloc.rpartition("@")
    if port is None and not has_login:
        cloud = _cloud_address(text, host, path)
        if cloud is not None:
            return cloud
    shown_host = f"[{host}]" if ":" in host else host
    default_port = {"http": 80, "https": 443}[url.scheme]
    authority = shown_host if port in (None, default_port) else f"{shown_host}:{port}"
    return _prefix(text, path).map(
        lambda prefix: HttpRoot(url.scheme, authority, prefix, unquote(login) if has_login else None)
    )


def _parse_service(text: str) -> Result[Root, BadRoot]:
    parsed = _parse_http(text[len(DICOMWEB) :]).alt(lambda error: BadRoot(text, error.problem))
    return parsed.bind(
        lambda root: (
            Success(DicomwebRoot(root))
            if isinstance(root, HttpRoot)
            else Failure(BadRoot(text, "it is a bucket, and no DICOMweb service"))
        )
    )


def _cloud_address(text: str, host: str, path: str) -> Result[Root, BadRoot] | None:
    """The bucket an https address of a public cloud names, or None where the host is no such cloud."""
    first, _, below = path.lstrip("/").partition("/")
    s3 = _S3_HOST.fullmatch(host)
    if s3 is not None:
        bucket, rest = (s3["bucket"], path) if s3["bucket"] else (first, below)
        return _bucket(text, S3Root(bucket, region=s3["region"]), rest)
    gcs = _GCS_HOST.fullmatch(host)
    if gcs is not None:
        bucket, rest = (gcs["bucket"], path) if gcs["bucket"] else (first, below)
        return _bucket(text, GcsRoot(bucket), rest)
    azure = _AZURE_HOST.fullmatch(host)
    if azure is not None:
        return _bucket(text, AzureRoot(first, account=azure["account"]), below)
    return None


def _parse_file(text: str, host: str, path: str) -> Result[Root, BadRoot]:
    if host not in ("", "localhost"):
        return Failure(BadRoot(text, "a file:// address has three slashes before its absolute path"))
    decoded = unquote_path(f"/{path}")
    if _CONTROL.search(decoded):
        return Failure(BadRoot(text, "it holds a control character"))
    return Success(LocalRoot(_trimmed(decoded)))


def _parse_path(text: str) -> Result[Root, BadRoot]:
    if text.lower().startswith("file:/"):
        return _parse_file(text, "", text[len("file:/") :])
    scheme = _ONE_SLASH.match(text)
    if scheme is not None:
        return Failure(BadRoot(text, f"two slashes come after {scheme[1]}:"))
    return Success(LocalRoot(_trimmed(text)))


def _trimmed(path: str) -> str:
    return path.rstrip("/") or "/"
