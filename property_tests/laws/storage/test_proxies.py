"""Laws of proxies, as the environment names them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.storage.proxies import Proxy, read_proxy
from property_tests.prose import flaws

hosts = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.example)?", fullmatch=True) | st.just("::1")
ports = st.none() | st.integers(0, 65535)
logins = st.none() | st.tuples(st.text(max_size=5), st.text(max_size=5)).map(":".join)


@given(
    host=hosts,
    port=ports,
    login=logins,
    scheme=st.sampled_from(["http://", "HTTP://", ""]),
    slash=st.sampled_from(["", "/"]),
)
def test_a_setting_is_read(host: str, port: int | None, login: str | None, scheme: str, slash: str) -> None:
    """With or without scheme, port and login; what is escaped in a login is meant without."""
    authority = (f"[{host}]" if ":" in host else host) + ("" if port is None else f":{port}")
    user = "" if login is None else f"{quote(login, safe=':')}@"
    found = read_proxy(f"{scheme}{user}{authority}{slash}").unwrap()
    assert found == Proxy(host, 80 if port is None else port, login)
    assert str(found) == f"{authority}{':80' if port is None else ''}"


@given(secret=st.text("abcdef0123456789", min_size=12))
def test_a_login_is_never_printed(secret: str) -> None:
    """Neither as text nor as a value."""
    found = read_proxy(f"http://user:{secret}@proxy.example").unwrap()
    assert secret not in f"{found} {found!r}"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("http://[::1", "no address"),
        ("127.0.0.1:99999", "no address"),
        ("socks5://127.0.0.1:1", "socks5://"),
        ("https://proxy", "https://"),
        ("http://", "no host"),
        ("http://user:password@", "no host"),
        ("http://a b:1", "no host"),
        ("http://\u200e:1", "no host"),
    ],
)
def test_what_names_no_proxy_is_refused(setting: str, words: str) -> None:
    """With what is wrong about it."""
    assert words in read_proxy(setting).failure()
    assert flaws(f"It cannot be used: {read_proxy(setting).failure()}.") == []


@given(st.text())
def test_any_setting_is_read_or_refused(setting: str) -> None:
    """It never raises."""
    assert is_successful(read_proxy(setting)) or read_proxy(setting).failure()
