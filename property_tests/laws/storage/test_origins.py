"""Laws of origins: what was given for one goes to no other, and from https nothing leads to http."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.storage.origins import Origin, origin_of, redirected, same_origin

schemes = st.sampled_from(["http", "https"])
hosts = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.example)?", fullmatch=True) | st.just("[::1]")
ports = st.integers(1, 65535)
paths = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="?#\\"), max_size=8)
DEFAULT = {"http": 80, "https": 443}


@given(scheme=schemes, host=hosts, port=ports, path=paths, login=st.sampled_from(["", "user:secret@", "@"]))
def test_an_origin_is_scheme_host_and_port(scheme: str, host: str, port: int, path: str, login: str) -> None:
    """Whatever else the address holds, and however its letters are written."""
    found = origin_of(f"{scheme}://{login}{host.upper()}:{port}/{path}").unwrap()
    assert found == Origin(scheme, host.strip("[]"), port)


@given(scheme=schemes, host=hosts)
def test_the_port_may_go_unsaid(scheme: str, host: str) -> None:
    """It is the scheme's then, and the origin is the same."""
    assert same_origin(f"{scheme}://{host}/a", f"{scheme}://{host}:{DEFAULT[scheme]}/b")


@given(one=st.tuples(schemes, hosts, ports), other=st.tuples(schemes, hosts, ports))
def test_one_difference_makes_another_origin(one: tuple[str, str, int], other: tuple[str, str, int]) -> None:
    """Two addresses have one origin where all three parts are alike."""
    urls = ["{}://{}:{}/x".format(*parts) for parts in (one, other)]
    assert same_origin(*urls) == (one == other)


@given(scheme=schemes, host=hosts)
def test_the_same_host_by_the_other_scheme_is_another_origin(scheme: str, host: str) -> None:
    """With its port unsaid, and with one port for both."""
    other = {"http": "https", "https": "http"}[scheme]
    assert not same_origin(f"{scheme}://{host}", f"{other}://{host}")
    assert not same_origin(f"{scheme}://{host}:8000", f"{other}://{host}:8000")
    assert not same_origin(f"{scheme}://{host}:443", f"{other}://{host}:80")


BAD = ["http://", "http://[::1/", "http://h:99999/", "http://h:0/", "http://h:port/", "https://\u200e/"]


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_address_has_no_origin(url: str) -> None:
    """And shares none, not even with itself."""
    assert origin_of(url).failure() == "what is no address"
    assert not same_origin(url, url)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/", "/path", "", "javascript:alert(1)"])
def test_other_kinds_of_addresses_are_not_on_the_web(url: str) -> None:
    """Their kind is told before anything else about them."""
    assert origin_of(url).failure() == "an address that is not on the web"


@given(scheme=schemes, host=hosts, path=paths)
def test_a_path_leads_to_the_same_origin(scheme: str, host: str, path: str) -> None:
    """A Location may be a path: letters and blanks in it are escaped, and read the same without escapes."""
    url = f"{scheme}://{host}/s/"
    told = f"/{path.strip('/')}x".encode().decode("latin-1")
    target = redirected(url, told).unwrap()
    assert same_origin(url, target)
    assert target.isascii()
    assert not set(target) & set(' "<>')
    assert unquote(urlsplit(target).path) == unquote(f"/{path.strip('/')}x")


@given(host=hosts, port=ports, other=hosts)
def test_https_leads_to_https(host: str, port: int, other: str) -> None:
    """To any host, and never to http, not even to the same host and port."""
    assert is_successful(redirected(f"https://{host}:{port}/", f"https://{other}/x"))
    for target in (f"http://{host}:{port}/", f"http://{other}/"):
        assert "from https to http" in redirected(f"https://{host}:{port}/", target).failure()
    assert is_successful(redirected(f"http://{host}/", f"https://{other}/x"))
    assert is_successful(redirected(f"http://{host}/", f"http://{other}/x"))


@given(scheme=schemes, host=hosts, login=st.sampled_from(["user:secret@", "u@", "@"]))
def test_a_login_that_an_answer_names_is_dropped(scheme: str, host: str, login: str) -> None:
    """So is what follows a #."""
    assert redirected(f"{scheme}://a/", f"{scheme}://{login}{host}/x#y").unwrap() == f"{scheme}://{host}/x"


@pytest.mark.parametrize(
    ("location", "words"),
    [("http://[::1/s/", "what is no address."), ("file:///etc", "an address that is not on the web.")],
)
def test_what_leads_nowhere_is_told(location: str, words: str) -> None:
    """In words that follow those for whoever answered."""
    assert redirected("http://a/", location).failure() == f"points to {words}"


@given(st.text(st.characters(max_codepoint=255)) | st.text(), st.text())
def test_any_location_is_followed_or_refused(location: str, url: str) -> None:
    """Fields hold anything."""
    assert is_successful(redirected("http://a/b", location)) or redirected("http://a/b", location).failure()
    assert is_successful(origin_of(url)) or origin_of(url).failure()
