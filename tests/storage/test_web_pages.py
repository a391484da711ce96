"""Index pages and WebDAV answers as servers write them, and as hostile ones might."""

from __future__ import annotations

import pytest
from returns.pipeline import is_successful

from dicom_series_preview.core.faults.listings import NotAnIndex
from dicom_series_preview.core.storage.entries import LIMITS, Entry
from dicom_series_preview.core.storage.web_pages import WebFolder, read_index, read_multistatus

URL = "http://host.example/scans/a%20series/"

NGINX = b"""<html><head><title>Index of /scans/a series/</title></head><body>
<h1>Index of /scans/a series/</h1><hr><pre><a href="../">../</a>
<a href="sub%20b/">sub b/</a>                     23-Nov-2026 02:23           -
<a href="a%26b%3Bc.dcm">a&amp;b;c.dcm</a>         23-Nov-2026 02:23          27
<a href="a%2520b">a%20b</a>                       23-Nov-2026 02:23          15
</pre><hr></body></html>"""

APACHE = b"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><html><head>
<title>Index of /scans/a series</title></head><body><h1>Index of /scans/a series</h1><table>
<tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td><a href="/scans/">Parent Directory</a></td></tr>
<tr><td><a href="sub%20b/">sub b/</a></td></tr>
<tr><td><a href="a&amp;b;c.dcm">a&amp;b;c.dcm</a></td></tr>
<tr><td><a href="a%2520b">a%20b</a></td></tr></table>
<address>Apache Server at <a href="mailto:admin@host.example">host.example</a> Port 80</address></body></html>"""

CADDY = b"""<html><head><title>/scans/a series/</title></head><body><main><a href="..">Go up</a>
<a href="./?sort=size&amp;order=asc">Size</a><a href="./sub%20b/">sub b</a>
<a href="./a&amp;b;c.dcm">one</a><a href="./a%2520b">two</a></main></body></html>"""

IIS = b"""<html><head><title>host.example - /scans/a series/</title></head><body><pre>
<A HREF="/scans/">[To Parent Directory]</A><br>
<A HREF="/scans/a%20series/sub%20b/">sub b</A><br>
<A HREF="/scans/a series/a&amp;b;c.dcm">a&amp;b;c.dcm</A><br>
<A HREF="http://host.example/scans/a%20series/a%2520b">a%20b</A><br></pre></body></html>"""


@pytest.mark.parametrize("page", [NGINX, APACHE, CADDY, IIS], ids=["nginx", "apache", "caddy", "iis"])
def test_index_pages_give_files_and_folders_by_their_true_names(page: bytes) -> None:
    found = read_index(page, URL, LIMITS).unwrap()
    assert found == WebFolder((Entry("a&b;c.dcm", None), Entry("a%20b", None)), ("sub b",))


@pytest.mark.parametrize(
    "href",
    [
        "../other.dcm",
        "/etc/passwd",
        "/scans/other/1.dcm",
        "//elsewhere.example/scans/a%20series/1.dcm",
        "https://host.example/scans/a%20series/1.dcm",
        "http://elsewhere.example/scans/a%20series/1.dcm",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/",
        "sub/../../1.dcm",
        "sub/deeper.dcm",
        "1.dcm?version=2",
        "?C=S;O=A",
        "#top",
        "",
        ".",
        "javascript:alert(1)",
        "mailto:someone@host.example",
        "data:text/html,x",
        "bad%00name",
        "http://[broken/1.dcm",
    ],
)
def test_links_that_are_no_file_of_the_folder_are_left_out(href: str) -> None:
    page = f'<title>Index of</title><a href="{href}">x</a><a href="good.dcm">y</a>'
    assert read_index(page.encode(), URL, LIMITS).unwrap() == WebFolder((Entry("good.dcm", None),), ())


def test_a_file_linked_twice_is_one_file() -> None:
    page = b'<title>Index of</title><a href="1.dcm"><img></a> <a href="1.dcm">1.dcm</a>'
    assert read_index(page, URL, LIMITS).unwrap() == WebFolder((Entry("1.dcm", None),), ())


def test_an_empty_index_is_an_empty_folder() -> None:
    assert read_index(
        b"<title>Index of /scans/a series/</title><a href='../'>../</a>", URL, LIMITS
    ).unwrap() == WebFolder((), ())


@pytest.mark.parametrize(
    "listing", ['<a href="38902e14-b11f-4548-910e-771ee757dc82/">x</a>', '<a href="IMG1.DCM">x</a>']
)
def test_a_page_of_another_kind_counts_when_it_lists_what_looks_like_dicom(listing: str) -> None:
    assert is_successful(read_index(listing.encode(), URL, LIMITS))


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (b"<title>Sign in</title><a href='help'>Help</a>", "Sign in"),
        (b"<h1>Welcome to nginx!</h1>", "Welcome to nginx!"),
        (b"<div id=app></div><script src=app.js></script>", "a web page"),
        (b"", "a web page"),
        (b"\xff\xfe\x00<<<>>><a href", "a web page"),
    ],
)
def test_a_page_that_is_no_index_is_told_as_what_it_is(page: bytes, words: str) -> None:
    found = read_index(page, URL, LIMITS).failure()
    assert isinstance(found, NotAnIndex)
    assert words in found.found


def test_a_name_that_is_no_utf8_is_kept_byte_for_byte() -> None:
    found = read_index(b"<title>Index of</title><a href='caf%E9.dcm'>x</a>", URL, LIMITS).unwrap()
    assert found == WebFolder((Entry("caf\udce9.dcm", None),), ())


def multistatus(*responses: str) -> bytes:
    body = "".join(f"<D:response>{response}</D:response>" for response in responses)
    return f'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">{body}</D:multistatus>'.encode()


def file(href: str, length: str = "7") -> str:
    return (
        f"<D:href>{href}</D:href><D:propstat><D:prop><D:resourcetype/>"
        f"<D:getcontentlength>{length}</D:getcontentlength></D:prop></D:propstat>"
    )


def folder(href: str) -> str:
    return (
        f"<D:href>{href}</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype>"
        "</D:prop></D:propstat>"
    )


def test_webdav_gives_files_with_sizes_and_folders() -> None:
    xml = multistatus(
        folder("/scans/a%20series/"),
        folder("/scans/a%20series/sub%20b/"),
        folder("/scans/a%20series/no%20slash"),
        file("/scans/a%20series/1%23.dcm", "70"),
        file("/scans/a%20series/2.dcm", " 9 "),
        file("/scans/a%20series/a&amp;b.dcm", ""),
    )
    files = (Entry("1#.dcm", 70), Entry("2.dcm", 9), Entry("a&b.dcm", None))
    assert read_multistatus(xml, URL, LIMITS).unwrap() == WebFolder(files, ("sub b", "no slash"))


def test_webdav_behind_a_proxy_may_name_another_host() -> None:
    xml = multistatus(file("http://127.0.0.1:8080/scans/a%20series/1.dcm"))
    assert read_multistatus(xml, URL, LIMITS).unwrap() == WebFolder((Entry("1.dcm", 7),), ())


@pytest.mark.parametrize("length", ["-1", "1e9", "0x10", "9" * 40, "seven"])
def test_a_length_that_is_no_number_is_no_size(length: str) -> None:
    found = read_multistatus(multistatus(file("/scans/a%20series/1.dcm", length)), URL, LIMITS).unwrap()
    assert found == WebFolder((Entry("1.dcm", None),), ())


@pytest.mark.parametrize("href", ["/scans/other/1.dcm", "/scans/a%20series/../1.dcm", "..%2f1.dcm", "/"])
def test_webdav_names_outside_the_folder_are_left_out(href: str) -> None:
    assert read_multistatus(multistatus(file(href)), URL, LIMITS).unwrap() == WebFolder((), ())


def test_only_the_first_href_of_a_response_names_it() -> None:
    locked = file("/scans/a%20series/1.dcm") + "<D:lockroot><D:href>/elsewhere</D:href></D:lockroot>"
    assert read_multistatus(multistatus(locked), URL, LIMITS).unwrap() == WebFolder((Entry("1.dcm", 7),), ())


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<D:multistatus xmlns:D="DAV:"><D:response><D:href>/scans/a%20series/&b;</D:href></D:response></D:multistatus>"""

OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<D:multistatus xmlns:D="DAV:"><D:response><D:href>/scans/a%20series/&f;</D:href></D:response></D:multistatus>"""


@pytest.mark.parametrize("xml", [ENTITIES, OUTSIDE, ENTITIES.decode().encode("utf-16")])
def test_xml_that_declares_entities_is_refused(xml: bytes) -> None:
    assert isinstance(read_multistatus(xml, URL, LIMITS).failure(), NotAnIndex)


def test_xml_that_is_cut_is_refused() -> None:
    xml = multistatus(file("/scans/a%20series/1.dcm"))[:-9]
    assert isinstance(read_multistatus(xml, URL, LIMITS).failure(), NotAnIndex)
