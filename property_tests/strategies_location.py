"""Series identifiers and roots, built as values first and then spelled as people might type them."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import strategies as st

from dicom_series_preview.core.ask.roots import AzureRoot, GcsRoot, HttpRoot, LocalRoot, Root, S3Root
from dicom_series_preview.core.ask.series_id import DicomUid, SeriesId, SeriesPlace, SeriesPrefix, SeriesUid

HYPHENS = (8, 12, 16, 20)
"""The counts of digits after which a uuid has a hyphen."""

# What escaping, splitting and globbing break most often comes up often; surrogates stand for bytes that are
# no UTF-8, as file systems and web servers give them.
_AWKWARD = " %#?&;:@!$'()*+,=\"<>\\^`{|}~äé日\udce9"
_LETTERS = st.one_of(
    st.sampled_from("abcXYZ019._-"),
    st.sampled_from(_AWKWARD),
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/"),
)

names = st.text(_LETTERS, min_size=1, max_size=12).filter(lambda name: name not in (".", "..", "~"))
"""Names of files and folders: one segment of a path."""

prefixes = st.lists(names, max_size=3).map("/".join)
"""Paths below a bucket or a host, "" among them."""

buckets = st.from_regex(r"[a-z0-9][a-z0-9-]{1,10}", fullmatch=True)

regions = st.none() | st.sampled_from(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"])


_HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.example)?", fullmatch=True) | st.just("[::1]")
_PORTS = st.none() | st.integers(1, 65535).filter(lambda port: port not in (80, 443))


@st.composite
def _web_root(draw: st.DrawFn) -> HttpRoot:
    host, port = draw(_HOSTS), draw(_PORTS)
    scheme = draw(st.sampled_from(["http", "https"]))
    return HttpRoot(scheme, host if port is None else f"{host}:{port}", draw(prefixes))


_PATHS = st.lists(names, min_size=1, max_size=3).map("/".join)


@st.composite
def _local_roots(draw: st.DrawFn) -> LocalRoot:
    # Without its slashes a name may look like an address, or be all spaces.
    start = draw(st.sampled_from(["/", "./", "../", "~/"]))
    return LocalRoot(start + draw(_PATHS))


web_roots = _web_root()

RemoteRoot: TypeAlias = S3Root | GcsRoot | AzureRoot | HttpRoot

remote_roots: st.SearchStrategy[RemoteRoot] = st.one_of(
    st.builds(S3Root, buckets, prefixes, regions),
    st.builds(GcsRoot, buckets, prefixes),
    st.builds(AzureRoot, buckets, prefixes, st.none() | st.from_regex(r"[a-z0-9]{3,8}", fullmatch=True)),
    web_roots,
)

local_roots: st.SearchStrategy[Root] = _local_roots() | st.sampled_from([".", "..", "/", "data", "~"]).map(
    LocalRoot
)

roots: st.SearchStrategy[Root] = remote_roots | local_roots


def digits_of(count: int) -> st.SearchStrategy[str]:
    """That many hexadecimal digits."""
    return st.text("0123456789abcdef", min_size=count, max_size=count)


# The counts at which a hyphen follows, and those just beside the right one, break most.
hex_digits = (st.integers(1, 32) | st.sampled_from([*HYPHENS, 31, 32])).flatmap(digits_of)

any_digits = (st.integers(1, 70) | st.sampled_from([31, 32, 33])).flatmap(digits_of)

whole_digits = st.integers(0, 2**128 - 1).map("{:032x}".format)

dicom_uids = (
    st.lists(st.integers(0, 10**9 - 1), min_size=2, max_size=6)
    .map(lambda parts: ".".join(map(str, parts)))
    .map(DicomUid)
)

series_places = st.builds(
    SeriesPlace, remote_roots | _local_roots(), names.filter(lambda name: not name.endswith("*"))
) | st.sampled_from([".", "..", "../..", "~"]).map(lambda path: SeriesPlace(LocalRoot(path), ""))


def with_hyphens(digits: str, after: tuple[int, ...]) -> str:
    """Digits with a hyphen behind each of the given counts of them."""
    return "".join(digit + "-" * (count in after) for count, digit in enumerate(digits, start=1))


def canonical(digits: str) -> str:
    """Up to 32 digits with the hyphens of a uuid between them, none at the end."""
    return with_hyphens(digits, tuple(count for count in HYPHENS if count < len(digits)))


uids = whole_digits.map(canonical).map(SeriesUid)

series_ids: st.SearchStrategy[SeriesId] = st.one_of(
    uids, hex_digits.map(SeriesPrefix), dicom_uids, series_places
)


@st.composite
def cased(draw: st.DrawFn, text: str) -> str:
    """The same text, each letter in upper or lower case."""
    return "".join(draw(st.sampled_from([letter, letter.upper()])) for letter in text)
