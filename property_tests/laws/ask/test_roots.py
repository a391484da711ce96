"""The laws of storage roots, which are URLs (RFC 3986) or folders."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import (
    GcsRoot,
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
from dicom_series_preview.core.faults.request import BadRoot
from property_tests.strategies_location import (
    RemoteRoot,
    buckets,
    cased,
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


@given(roots, names)
@example(S3Root("bucket"), "folder")
def test_what_is_joined_is_read_back(root: Root, name: str) -> None:
    """The folder of a name below a root is a root like any other, with no more slashes than it needs."""
    joined = join_root(root, name)
    assert parse_root(show_root(joined)).unwrap() == joined


@given(names)
@example("data")
def test_a_bare_name_lies_in_the_working_folder(name: str) -> None:
    """The parent of a relative path of one segment is `.`."""
    assert split_root(LocalRoot(name)) == (LocalRoot("."), name)


@pytest.mark.parametrize("path", [".", "..", "~", "/", "data/..", "/data/.", "../.."])
def test_some_parents_only_the_file_system_knows(path: str) -> None:
    """What lies above `.`, `..` and `~` cannot be told from their names; above `/` lies nothing."""
    assert split_root(LocalRoot(path)) is None


@given(remote_roots)
def test_a_bucket_has_no_parent(root: RemoteRoot) -> None:
    """Nothing lies above a bucket or a host."""
    assert split_root(evolve(root, prefix="")) is None


@given(local_roots, names)
def test_joining_a_path_puts_one_slash_between(root: LocalRoot, name: str) -> None:
    """Whatever the folder, one slash stands between it and what lies in it."""
    assert show_root(join_root(root, name)) == f"{root.path.rstrip('/')}/{name}"


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
    text = f"{show_root(root)}/{dots}/{quote_path(rest)}"
    problem = "a path in a bucket or on a web server has no . or .. segments"
    assert parse_root(text).failure() == BadRoot(text, problem)


@given(roots, st.characters(max_codepoint=31))
def test_control_characters_are_refused(root: Root, control: str) -> None:
    """No root holds a character that would break a line of output."""
    text = f"{show_root(root)}{control}x"
    assert parse_root(text).failure() == BadRoot(text, "it holds a control character")


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


@given(
    web_roots,
    st.text(st.characters(codec="ascii", categories=("L", "N")) | st.sampled_from("@%:"), min_size=1),
)
@example(HttpRoot("https", "host.example"), "p@ss")
def test_a_host_comes_after_the_last_at_sign(root: HttpRoot, password: str) -> None:
    """An @ that was not escaped belongs to the password (RFC 3986 3.2.1 has none in a host)."""
    typed = password.replace("%", "%25")
    read = parse_root(show_root(root).replace("://", f"://user:{typed}@")).unwrap()
    assert read == evolve(root, login=f"user:{password}")


@given(st.data(), web_roots)
def test_case_and_the_usual_port_mean_nothing(data: st.DataObject, root: HttpRoot) -> None:
    """Schemes and hosts have no case, and each scheme has a port of its own (RFC 3986 6.2)."""
    host = data.draw(cased(root.authority))
    usual = {"http": ":80", "https": ":443"}[root.scheme]
    port = usual if root.authority.rpartition("]")[2].count(":") == 0 else ""
    path = show_root(root).partition("://")[2].removeprefix(root.authority)
    assert parse_root(f"{data.draw(cased(root.scheme))}://{host}{port}{path}").unwrap() == root


@given(web_roots, st.sampled_from("?#"), names)
def test_a_folder_has_no_query(root: HttpRoot, mark: str, rest: str) -> None:
    """Names would go behind the query: an address with one is refused."""
    text = f"{show_root(root)}/{mark}{quote_path(rest)}"
    assert parse_root(text).failure() == BadRoot(text, "an address of a folder has no ? or # part")


@given(roots)
def test_addresses_are_plain(root: Root) -> None:
    """The text of an http address can be copied into anything: no blank, no letter beyond ASCII."""
    text = show_root(root)
    assert not text.startswith("http") or (text.isascii() and not set(text) & set(' "<>\\^`{|}'))


PUBLIC = [
    ("https://{bucket}.s3.amazonaws.com/{path}", S3Root),
    ("https://s3.amazonaws.com/{bucket}/{path}", S3Root),
    ("https://{bucket}.storage.googleapis.com/{path}", GcsRoot),
    ("https://storage.googleapis.com/{bucket}/{path}", GcsRoot),
]


@given(buckets, prefixes, st.sampled_from(PUBLIC))
@example("XRAY", "a", PUBLIC[1])
@example("XRAY", "a", PUBLIC[3])
def test_the_public_address_of_a_bucket_is_the_bucket(
    bucket: str, prefix: str, cloud: tuple[str, type[S3Root | GcsRoot]]
) -> None:
    """A bucket's https address, with its name in the host or in the path, is read as the bucket.

    In a path the letters of a name have a case: old buckets have capitals.
    """
    form, kind = cloud
    text = form.format(bucket=bucket, path=quote_path(prefix))
    assert parse_root(text).unwrap() == kind(bucket, prefix)


REGIONS = ["us-east-1", "eu-central-1", "us-gov-west-1", "ap-southeast-7", "cn-north-1", "cn-northwest-1"]


@given(buckets, prefixes, st.sampled_from(REGIONS))
def test_the_region_of_an_address_is_kept(bucket: str, prefix: str, region: str) -> None:
    """The region is part of the address, and China has a domain of its own."""
    domain = "amazonaws.com" + ".cn" * region.startswith("cn")
    path = f"/{quote_path(prefix)}" if prefix else ""
    root = S3Root(bucket, prefix, region)
    assert show_root(root) == f"https://{bucket}.s3.{region}.{domain}{path}"
    assert parse_root(f"https://s3.{region}.{domain}/{bucket}{path}").unwrap() == root


@given(
    buckets, st.sampled_from(["https://{}.s3.amazonaws.com:8443/a", "https://me:pw@{}.s3.amazonaws.com/a"])
)
def test_a_port_or_a_login_makes_it_a_plain_server(bucket: str, form: str) -> None:
    """No public cloud has either: what looks like one then stands in front of it."""
    assert isinstance(parse_root(form.format(bucket)).unwrap(), HttpRoot)


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


@given(st.text("abc019-._~!$&'()*+,;=:@/"))
@example("!$&'()*+,;=:@")
def test_what_a_path_may_hold_is_not_escaped(path: str) -> None:
    """Escaping a delimiter would change the address (RFC 3986 2.2): those of a path stay (RFC 3986 3.3)."""
    assert quote_path(path) == path


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\udc80\udce9\udcff%/?#")))
@example("caf\udce9")
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
    again = parsed.bind(lambda one: parse_root(show_root(one)))
    assert again.map(show_root) == parsed.map(show_root)
    assert is_successful(parsed) or repr(text) in str(parsed.failure())
