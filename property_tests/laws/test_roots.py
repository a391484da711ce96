"""The laws of storage roots."""

from __future__ import annotations

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.errors import describe
from dicom_series_preview.core.roots import (
    HttpRoot,
    LocalRoot,
    Root,
    S3Root,
    join_root,
    parse_root,
    quote_path,
    show_root,
    split_root,
    unquote_path,
)
from property_tests.strategies_location import (
    buckets,
    local_roots,
    names,
    prefixes,
    remote_roots,
    roots,
    web_roots,
)


@given(roots)
@example(LocalRoot("/"))
@example(S3Root("b", "50% of it", "cn-north-1"))
def test_what_is_shown_is_read_back(root: Root) -> None:
    """A root's text is that root, written the one way it is recorded in."""
    assert parse_root(show_root(root)).unwrap() == root


@given(roots)
def test_no_text_ends_in_a_slash(root: Root) -> None:
    """The text of a root has no trailing slash, but for the root of the file system."""
    assert show_root(root) == "/" or not show_root(root).endswith("/")


@given(remote_roots, st.integers(1, 3))
def test_slashes_at_the_end_mean_nothing(root: Root, count: int) -> None:
    """A folder is the same with and without slashes behind it."""
    assert parse_root(show_root(root) + "/" * count).unwrap() == root


@given(buckets, st.lists(names, min_size=1, max_size=3), st.sampled_from(["s3", "gs", "az"]))
def test_doubled_slashes_in_a_bucket_mean_nothing(bucket: str, parts: list[str], scheme: str) -> None:
    """No store used here has names with empty segments."""
    doubled, single = f"{scheme}://{bucket}//{'///'.join(parts)}", f"{scheme}://{bucket}/{'/'.join(parts)}"
    assert parse_root(doubled) == parse_root(single)


@given(roots, names)
def test_splitting_undoes_joining(root: Root, name: str) -> None:
    """The folder of a name below a root has that root as its parent and that name as its last segment."""
    assert split_root(join_root(root, name)) == (root, name)


@given(roots, st.lists(names, min_size=1, max_size=4))
def test_joining_a_path_is_joining_its_names(root: Root, parts: list[str]) -> None:
    """Folders may be joined one by one or at once."""
    one_by_one = root
    for part in parts:
        one_by_one = join_root(one_by_one, part)
    assert join_root(root, "/".join(parts)) == one_by_one


@given(roots)
def test_joining_nothing_changes_nothing(root: Root) -> None:
    """The root itself is the folder "" below it."""
    assert join_root(root, "") == root


@given(remote_roots, st.sampled_from([".", ".."]), prefixes)
def test_dots_lead_nowhere(root: Root, dots: str, rest: str) -> None:
    """In a bucket or on a server `.` and `..` are no folders: an address with them is refused."""
    assert not is_successful(parse_root(f"{show_root(root)}/{dots}/{rest}"))


@given(roots, st.characters(max_codepoint=31))
def test_control_characters_are_refused(root: Root, control: str) -> None:
    """No root holds a character that would break a line of output."""
    assert not is_successful(parse_root(show_root(root) + control + "x"))


@given(web_roots, names)
def test_a_login_is_kept_and_never_shown(root: HttpRoot, password: str) -> None:
    """User and password of a web address reach the server, and nobody else."""
    secret = f"secret{password}"
    escaped = "".join(f"%{byte:02x}" for byte in secret.encode("utf-8", "surrogateescape"))
    read = parse_root(show_root(root).replace("://", f"://user:{escaped}@")).unwrap()
    assert isinstance(read, HttpRoot)
    assert read == evolve(root, login=read.login)
    assert (read.login or "").startswith("user:secret")
    assert "secret" not in show_root(read) + repr(read)


@given(local_roots)
def test_a_path_is_taken_as_it_is(root: Root) -> None:
    """What has no scheme is a path, and no character of it means anything else."""
    assert parse_root(show_root(root)).unwrap() == LocalRoot(show_root(root))


@given(names, names)
def test_a_file_address_is_the_path_it_names(first: str, second: str) -> None:
    """`file://` is followed by an absolute path with percent escapes (RFC 8089)."""
    path = f"/{first}/{second}"
    escaped = "".join(
        letter if letter == "/" else "".join(f"%{b:02X}" for b in letter.encode("utf-8", "surrogateescape"))
        for letter in path
    )
    assert parse_root(f"file://{escaped}").unwrap() == LocalRoot(path)


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\udc80\udce9\udcff%/?#")))
def test_escaping_loses_nothing(path: str) -> None:
    """Any path, of any bytes, survives being put into an address, which then holds safe characters alone."""
    quoted = quote_path(path)
    assert unquote_path(quoted) == path
    assert quoted.isascii()
    assert not set(quoted) & set(' ?#"<>\\^`{|}')


@given(
    st.text()
    | st.from_regex(r"(s3|gs|az|https?|file|ftp):/{0,3}[a-z@:\[\]./%?#]*", fullmatch=True)
    | roots.map(show_root)
)
@example("http://[::1")
@example("http://h:99999/")
@example("http://[v1.x]/")
@example("http://h℀/")
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    """Nothing that can be typed makes the program fail otherwise; a refusal quotes the text."""
    parsed = parse_root(text)
    if is_successful(parsed):
        assert parse_root(show_root(parsed.unwrap())).map(show_root) == parsed.map(show_root)
    else:
        assert repr(text) in describe(parsed.failure())
