"""Laws of listings of S3: keys are cut into pages, written as S3 writes them, and all come back, or it is told."""

from __future__ import annotations

from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.listings import EndlessListing, NotAnIndex
from dicom_series_preview.core.storage.entries import LIMITS, Entry, Limits
from dicom_series_preview.core.storage.s3_listing import (
    KeyPage,
    Listing,
    folders_in,
    following,
    query,
    read_page,
)

PLACE = "s3://b/s"
NAMESPACES = st.sampled_from(["", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', " xmlns='urn:other'"])
keys = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=12)
entries = st.builds(Entry, keys, st.none() | st.integers(0, 10**18 - 1))
folders = st.lists(keys.map(lambda key: f"{key}/"), max_size=3).map(tuple)
pages = st.builds(KeyPage, st.lists(entries, max_size=5).map(tuple), st.booleans(), st.none() | keys, folders)


def written(page: KeyPage, namespace: str) -> bytes:
    rows = "".join(
        f"<Contents><Key>{escape(one.name)}</Key><Size>{'?' if one.size is None else one.size}</Size></Contents>"
        for one in page.keys
    )
    rows += "".join(
        f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in page.folders
    )
    token = (
        "" if page.token is None else f"<NextContinuationToken>{escape(page.token)}</NextContinuationToken>"
    )
    more = str(page.more).lower()
    return (
        f"<?xml version='1.0'?><ListBucketResult{namespace}><Prefix>s</Prefix><IsTruncated>{more}</IsTruncated>"
        f"{token}{rows}</ListBucketResult>"
    ).encode()


@given(page=pages, namespace=NAMESPACES)
def test_a_page_is_read_back(page: KeyPage, namespace: str) -> None:
    """With whatever namespace, or none."""
    assert read_page(written(page, namespace), PLACE, LIMITS).unwrap() == page


@given(page=pages.filter(lambda page: len(page.names) > 1), namespace=NAMESPACES)
def test_a_page_of_more_keys_than_a_folder_may_hold_is_refused(page: KeyPage, namespace: str) -> None:
    """Nothing is left out in silence."""
    few = Limits(objects=len(page.names) - 1)
    assert "more than" in read_page(written(page, namespace), PLACE, few).failure().found


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"  <HTML><title>Sign in", "a web page"),
        (b"", "cannot be read"),
        (b"{}", "cannot be read"),
        (b"<Error><Code>x</Code></Error>", "'Error'"),
        (b"<e xmlns='urn:x'/>", "'e'"),
        (b"<!DOCTYPE x><ListBucketResult/>", "document type"),
    ],
)
def test_what_is_no_listing_is_told_as_what_it_is(body: bytes, words: str) -> None:
    """An empty bucket and a page to sign in are not the same."""
    fault = read_page(body, PLACE, LIMITS).failure()
    assert isinstance(fault, NotAnIndex)
    assert fault.place == PLACE
    assert words in fault.found


@given(
    prefix=keys | st.just("\udce9"),  # a byte that is no UTF-8
    after=st.none() | keys,
    token=st.none() | keys,
    most=st.integers(1, 1000),
    by_folders=st.booleans(),
)
def test_a_query_says_what_is_asked(
    prefix: str, after: str | None, token: str | None, most: int, by_folders: bool
) -> None:
    """Its fields are sorted and escaped, as signatures want them; a token goes before a key to begin after."""
    text = query(Listing(prefix, after, token, most, by_folders))
    told = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="surrogateescape"))
    wanted = {"list-type": "2", "max-keys": str(most), "prefix": prefix, "continuation-token": token}
    wanted["start-after"] = after if token is None else None
    wanted["delimiter"] = "/" if by_folders else None
    assert told == {name: value for name, value in wanted.items() if value is not None}
    assert list(told) == sorted(told)
    assert text.isascii()
    assert not set(text) & set("/+ ")


def walk(answers: list[KeyPage], limits: Limits) -> tuple[list[Entry], EndlessListing | None]:
    """All keys of answers that come one after another, and how the listing ends."""
    listing: Listing | None = Listing("s/")
    found: list[Entry] = []
    for page in answers:
        found += page.keys
        assert listing is not None
        step = following(listing, page, PLACE, limits)
        fault = step.swap().value_or(None)
        if fault is not None:
            return found, fault
        listing = step.unwrap()
    assert listing is None
    return found, None


@given(
    names=st.lists(keys, unique=True, max_size=30),
    cuts=st.lists(st.integers(0, 4), max_size=30),
    tokens=st.booleans(),
)
def test_all_pages_of_a_listing_are_asked_for(names: list[str], cuts: list[int], tokens: bool) -> None:
    """However it is cut into pages, empty ones among them; with tokens, or by the last key."""
    left, parts = list(names), []
    for cut in cuts:
        size = cut if tokens else cut + 1
        parts.append(left[:size])
        left = left[size:]
    parts.append(left)
    kept = [part for part in parts[:-1] if tokens or part] + parts[-1:]
    answers = [
        KeyPage(
            tuple(Entry(name, 1) for name in part), number < len(kept) - 1, f"t{number}" if tokens else None
        )
        for number, part in enumerate(kept)
    ]
    assert walk(answers, LIMITS) == ([Entry(name, 1) for name in names], None)


@given(number=st.integers(1, 20), tokens=st.booleans())
def test_a_listing_goes_on_after_its_last_key(number: int, tokens: bool) -> None:
    """Which is kept while pages are empty; the token is the page's own."""
    full = KeyPage((Entry("a", 1), Entry("z", 1)), True, "first" if tokens else None)
    step = following(Listing("s/", "0"), full, PLACE, LIMITS).unwrap()
    assert step is not None
    assert (step.prefix, step.after, step.token, step.most) == ("s/", "z", full.token, 1000)
    empty = following(step, KeyPage((), True, f"t{number}"), PLACE, LIMITS).unwrap()
    assert empty is not None
    assert (empty.after, empty.token, empty.empty, empty.pages) == ("z", f"t{number}", 1, 2)


@given(
    names=st.sets(st.text("ab/", min_size=1, max_size=5), max_size=12),
    inside=st.sampled_from(["", "a/", "b/a/"]),
    prefix=st.text("ab", max_size=2),
    size=st.integers(1, 4),
    tokens=st.booleans(),
    groups=st.booleans(),
)
def test_folders_are_listed_once_each(
    names: set[str], inside: str, prefix: str, size: int, tokens: bool, groups: bool
) -> None:
    """Of a server that goes on after a name or a token, and groups keys by folders or does not know how."""
    expected = [name.removeprefix(inside) for name in sorted(names) if name.startswith(inside + prefix)]
    found: list[str] = []
    listing: Listing | None = Listing(inside + prefix, by_folders=True)
    while listing is not None:
        page = _served(sorted(names), listing, size, tokens=tokens, groups=groups)
        found += folders_in(page, inside, prefix)
        listing = following(listing, page, PLACE, LIMITS).unwrap()
    assert list(dict.fromkeys(found)) == list(
        dict.fromkeys(name.partition("/")[0] for name in expected if "/" in name and name[0] != "/")
    )
    assert len(found) == len(set(found)) or not groups


def _served(names: list[str], listing: Listing, size: int, *, tokens: bool, groups: bool) -> KeyPage:
    """A page as a server makes it: what begins with the prefix and follows what was given, by its first `size`."""
    after = (listing.token if tokens else listing.after) or ""
    rest = [name for name in names if name.startswith(listing.prefix)]
    listed: dict[str, bool] = {}
    for name in rest:
        head, slash, _ = name[len(listing.prefix) :].partition("/")
        is_folder = groups and slash == "/"
        one = f"{listing.prefix}{head}/" if is_folder else name
        # A folder is passed over where a token names it; by names it comes again until all its keys are passed.
        if one > after if tokens else name > after:
            listed.setdefault(one, is_folder)
    page = list(listed.items())[:size]
    more = len(listed) > len(page)
    keys = tuple(Entry(one, 1) for one, is_folder in page if not is_folder)
    folders = tuple(one for one, is_folder in page if is_folder)
    return KeyPage(keys, more, page[-1][0] if more and tokens else None, folders)


@given(bound=st.integers(2, 30))
def test_a_listing_has_so_many_pages(bound: int) -> None:
    """Each with other keys and another token."""
    endless = [KeyPage((Entry(f"{number}", 1),), True, f"t{number}") for number in range(50)]
    found, fault = walk(endless, Limits(pages=bound))
    assert (len(found), fault) == (bound, EndlessListing(PLACE, bound))


@given(bound=st.integers(1, 20))
def test_only_so_many_empty_pages_follow_one_another(bound: int) -> None:
    """Each with another token."""
    endless = [KeyPage((), True, f"t{number}") for number in range(50)]
    assert walk(endless, Limits(empty=bound)) == ([], EndlessListing(PLACE, bound + 1))


@given(period=st.integers(1, 5), tokens=st.booleans())
def test_pages_that_come_again_are_noticed(period: int, tokens: bool) -> None:
    """By the first key, whatever the tokens say, as soon as one has come round."""
    answers = [
        KeyPage((Entry(f"{number % period}", 1),), True, f"t{number}" if tokens else None)
        for number in range(20)
    ]
    assert walk(answers, LIMITS)[1] == EndlessListing(PLACE, period + 1)


@given(page=st.builds(KeyPage, st.just(()), st.just(True), st.none() | st.just("same")))
def test_an_empty_page_that_leads_to_itself_is_noticed(page: KeyPage) -> None:
    """By its token, or by having none."""
    assert walk([page] * 9, LIMITS)[1] == EndlessListing(PLACE, 1 if page.token is None else 2)


def test_a_token_that_leads_to_itself_is_noticed() -> None:
    """Also where the keys are others."""
    answers = [KeyPage((Entry(f"{number}", 1),), True, "same") for number in range(9)]
    assert walk(answers, LIMITS)[1] == EndlessListing(PLACE, 2)
