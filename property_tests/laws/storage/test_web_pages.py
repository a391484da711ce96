"""Laws of folders on the web: names are built first, written as servers write them, and read back."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.faults.listings import NotAnIndex, TooManyObjects
from dicom_series_preview.core.storage.entries import LIMITS, Entry, Limits
from dicom_series_preview.core.storage.links import LONGEST_HEADING, read_links
from dicom_series_preview.core.storage.web_pages import WebFolder, read_index, read_multistatus

URL = "http://host.example/scans/a%20series/"
BASE = "/scans/a series/"

segments = st.text(
    st.one_of(
        st.sampled_from("abcXYZ019._- %#?&;:@!$'()*+,=\"<>\\^`{|}~äé日\udce9"),
        st.characters(exclude_characters="/\0"),
    ),
    min_size=1,
    max_size=10,
).filter(lambda name: name not in (".", "..") and name == name.strip())


def is_text(name: str) -> bool:
    """Whether a name is bytes that were read as UTF-8: lone bytes do not form letters together."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") == name
    except UnicodeEncodeError:
        return False


names = st.lists(segments.filter(is_text), unique=True, max_size=6)


def quoted(name: str) -> str:
    """A name in an address, every byte that is no letter escaped."""
    return quote(name, safe="", errors="surrogateescape")


# How a link may be written: around its value, and before it.
WRITTEN = st.sampled_from(
    [
        '<a href="{}">',
        "<a href='{}'>",
        "<a href={}>",
        "<A HREF = '{}' >",
        '<a\nclass=x\thref="{}"/>',
        "<a x='<a>' href={} y>",
    ]
)
FORMS = st.sampled_from(["{}", "./{}", "/scans/a%20series/{}", "http://host.example/scans/a%20series/{}"])
BETWEEN = st.sampled_from(
    [
        "",
        " text ",
        "<br>",
        "<!-- <a href=no.dcm> -->",
        "<script>'<a href=no.dcm>'</SCRIPT>",
        "</a>",
        '<td x="\'">',
        "< ",
        "&amp;",
        "<!x>",
        "<!>",
        "</>",
        "<?>",
        "<?y?>",
        "<style>a::before{content:'<a href=no.dcm>'}</STYLE>",
    ]
)


@given(files=names, folders=names, drawn=st.data())
def test_names_of_an_index_page_are_read_back(
    files: list[str], folders: list[str], drawn: st.DataObject
) -> None:
    """However a server writes links, comments, scripts and other markup around them."""
    page = "<title>Index of /</title>"
    for name in [*files, *(f"{name}/" for name in folders)]:
        href = drawn.draw(FORMS).format(quoted(name.removesuffix("/")) + "/" * name.endswith("/"))
        page += drawn.draw(BETWEEN) + drawn.draw(WRITTEN).format(escape(href)) + drawn.draw(BETWEEN)
    found = read_index(page.encode(), URL, LIMITS).unwrap()
    assert found == WebFolder(tuple(Entry(name, None) for name in files), tuple(folders))


COLLECTION = "<propstat><prop><resourcetype><collection/></resourcetype></prop></propstat>"


@given(
    files=names,
    folders=names,
    sizes=st.lists(st.none() | st.integers(0, 10**17), min_size=6, max_size=6),
    host=st.sampled_from(["", "http://10.0.0.1:8080"]),
)
def test_names_of_a_webdav_answer_are_read_back(
    files: list[str], folders: list[str], sizes: list[int | None], host: str
) -> None:
    """With the sizes of files, and whatever host the server thinks it is."""
    rows = [
        "<href>/scans/a%20series/</href><propstat><prop><resourcetype><collection/></resourcetype></prop></propstat>"
    ]
    for name, size in zip(files, sizes, strict=False):
        length = "" if size is None else f"<getcontentlength> {size}\n</getcontentlength>"
        properties = f"<propstat><prop>{length}</prop></propstat>"
        rows.append(f"<href>{host}/scans/a%20series/{quoted(name)}</href>{properties}")
    rows += [f"{COLLECTION}<href>/scans/a%20series/{quoted(name)}/</href>" for name in folders]
    body = "".join(f"<response>{row}</response>" for row in rows)
    xml = f'<?xml version="1.0"?><multistatus xmlns="DAV:">{body}</multistatus>'.encode()
    listed = tuple(Entry(name, size) for name, size in zip(files, sizes, strict=False))
    assert read_multistatus(xml, URL, LIMITS).unwrap() == WebFolder(listed, tuple(folders))


@given(st.binary(max_size=300) | st.text("<>/!-?= '\"ahref&;x\n").map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Pages and answers hold anything, and names that are taken from them are names."""
    for found in (read_index(b"<title>Index of" + data, URL, LIMITS), read_multistatus(data, URL, LIMITS)):
        folder = found.value_or(WebFolder((), ()))
        for name in (*(entry.name for entry in folder.files), *folder.folders):
            assert name
            assert "/" not in name
            assert name not in (".", "..")


def test_an_answer_that_is_no_listing_is_quoted() -> None:
    """With what was found in its place."""
    refused = read_multistatus(b"<!DOCTYPE x><multistatus/>", URL, LIMITS).failure()
    assert refused == NotAnIndex(URL, "XML with a document type, which is not read")


UNCLOSED = [
    *("<!--", "<?", "<a ", "</a ", "<a a", "<a href='"),
    *("<!x ", "<", "<script>", "<a href", "<title"),
]


@example(piece="<a href='", count=1, files=["x"])
@given(piece=st.sampled_from(UNCLOSED), count=st.integers(1, 9), files=names)
def test_what_is_not_closed_hides_nothing_before_it(piece: str, count: int, files: list[str]) -> None:
    """It goes on to the end of the page."""
    page = "<title>Index of</title>" + "".join(f"<a href='{quoted(name)}'>x</a>" for name in files)
    found = read_index((page + piece * count).encode(), URL, LIMITS).unwrap()
    assert found.files == tuple(Entry(name, None) for name in files)


@given(most=st.integers(1, 5), more=st.integers(1, 5))
def test_more_than_a_folder_may_hold_is_refused(most: int, more: int) -> None:
    """By either kind of listing, as soon as it is known."""
    limits = Limits(objects=most)
    hrefs = [f"{number}.dcm" for number in range(most + more)]
    page = "".join(f"<a href={href}>" for href in hrefs).encode()
    rows = "".join(f"<response><href>{BASE}{href}</href></response>" for href in hrefs)
    xml = f"<multistatus xmlns='DAV:'>{rows}</multistatus>".encode()
    for found in (read_index(page, URL, limits), read_multistatus(xml, URL, limits)):
        assert found.failure() == TooManyObjects(URL, most)
    few = Limits(objects=most + more)
    assert is_successful(read_index(page, URL, few))
    assert is_successful(read_multistatus(xml, URL, few))


@given(
    words=st.sampled_from(["Index of", "directory listing", "LISTING OF", "Files within", "Parent Directory"])
)
def test_a_page_may_say_that_it_is_an_index(words: str) -> None:
    """In its words, by a link to its parent or to itself sorted otherwise, or by what it lists."""
    for page in (
        f"<p>{words} /",
        "<a href='../'>up</a>",
        "<a href='..'>up</a>",
        "<a href='./..'>up</a>",
        "<a href='?C=N;O=D'>Name</a>",
        "<a href='?sort=name'>Name</a>",
        "<a href='?order=asc'>Name</a>",
        "<a href='?O=A'>Name</a>",
        "<a href='x.DCM'>x</a>",
        "<a href='38902e14b11f4548910e771ee757dc82/'>x</a>",
    ):
        assert is_successful(read_index(page.encode(), URL, LIMITS))


@given(
    heading=st.text("abc xyz", min_size=1, max_size=100), tag=st.sampled_from(["title", "h1", "TITLE", "H1"])
)
def test_a_page_that_is_none_is_told_by_its_heading(heading: str, tag: str) -> None:
    """In one line of bounded length."""
    page = f"<p>before</p><{tag} class='a'>{heading}</{tag}><p>after</p><a href='about.html'>x</a>"
    shown = " ".join(heading.split())[:LONGEST_HEADING]
    told = f"a web page ({shown!r})" if shown else "a web page"
    assert read_index(page.encode(), URL, LIMITS).failure() == NotAnIndex(URL, told)


@given(first=st.text("ab", max_size=40), second=st.text("cd", max_size=400))
def test_headings_add_up(first: str, second: str) -> None:
    """A title and a heading are both kept, as far as there is room."""
    page = f"<title>{first}</title>no<h1>{second}</h1>no".encode()
    assert read_links(page, 9).heading == " ".join(f"{first} {second}".split())[:LONGEST_HEADING]


ELSEWHERE = [
    *("../x", "/x", "//other.example/scans/a%20series/x", "https://host.example/scans/a%20series/x", "a/b"),
    *("x?y", "?x", "#x", "", ".", "./", "%2e%2e/", "..%2fx", "x%00", "mailto:a@b", "http://[x/"),
]


@pytest.mark.parametrize("href", ELSEWHERE)
def test_links_elsewhere_are_no_names(href: str) -> None:
    """What is not directly below the folder, at the same server, is left out."""
    page = f"<title>Index of</title><a href='{href}'>".encode()
    assert read_index(page, URL, LIMITS).unwrap() == WebFolder((), ())


@pytest.mark.parametrize("href", ["/x", "/scans/x", "/scans/a%20series/b/c", "..%2fx", "", "/", "http://[x/"])
def test_webdav_names_elsewhere_are_none(href: str) -> None:
    """The same of an answer to PROPFIND, but for the server's own name for itself."""
    xml = f"<multistatus xmlns='DAV:'><response><href>{href}</href></response></multistatus>".encode()
    assert read_multistatus(xml, URL, LIMITS).unwrap() == WebFolder((), ())


def test_a_row_without_a_name_names_nothing() -> None:
    """It may have a size all the same."""
    row = "<response><getcontentlength>7</getcontentlength></response><response><href>  </href></response>"
    xml = f"<multistatus xmlns='DAV:'>{row}</multistatus>".encode()
    assert read_multistatus(xml, URL, LIMITS).unwrap() == WebFolder((), ())


@pytest.mark.parametrize("length", ["-1", "1e9", "0x10", "9" * 19, "seven", "1 2", ""])
def test_a_length_that_is_no_number_is_no_size(length: str) -> None:
    """The file is there all the same."""
    row = f"<response><href>{quote(BASE)}x</href><getcontentlength>{length}</getcontentlength></response>"
    xml = f"<multistatus xmlns='DAV:'>{row}</multistatus>".encode()
    assert read_multistatus(xml, URL, LIMITS).unwrap() == WebFolder((Entry("x", None),), ())
