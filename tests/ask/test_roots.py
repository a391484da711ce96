"""Roots as people type them, right and wrong."""

from __future__ import annotations

import pytest
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import (
    AzureRoot,
    GcsRoot,
    HttpRoot,
    LocalRoot,
    Root,
    S3Root,
    parse_root,
    show_root,
    split_root,
)


@pytest.mark.parametrize(
    ("text", "root", "shown"),
    [
        ("s3://idc-open-data", S3Root("idc-open-data"), "s3://idc-open-data"),
        ("s3://my-bucket/dicom data/", S3Root("my-bucket", "dicom data"), "s3://my-bucket/dicom data"),
        ("S3://b//a///c", S3Root("b", "a/c"), "s3://b/a/c"),
        ("s3://b/50%25?#", S3Root("b", "50%25?#"), "s3://b/50%25?#"),
        ("https://b.s3.amazonaws.com/a%20c", S3Root("b", "a c"), "s3://b/a c"),
        ("https://s3.amazonaws.com/b/a", S3Root("b", "a"), "s3://b/a"),
        (
            "https://my.b.s3.eu-west-1.amazonaws.com/a c/",
            S3Root("my.b", "a c", "eu-west-1"),
            "https://my.b.s3.eu-west-1.amazonaws.com/a%20c",
        ),
        (
            "https://s3.us-gov-east-1.amazonaws.com/b",
            S3Root("b", "", "us-gov-east-1"),
            "https://b.s3.us-gov-east-1.amazonaws.com",
        ),
        (
            "https://s3-us-west-2.amazonaws.com/b/a",
            S3Root("b", "a", "us-west-2"),
            "https://b.s3.us-west-2.amazonaws.com/a",
        ),
        (
            "https://b.s3.dualstack.us-east-1.amazonaws.com/a",
            S3Root("b", "a", "us-east-1"),
            "https://b.s3.us-east-1.amazonaws.com/a",
        ),
        (
            "https://b.s3.cn-north-1.amazonaws.com.cn/a",
            S3Root("b", "a", "cn-north-1"),
            "https://b.s3.cn-north-1.amazonaws.com.cn/a",
        ),
        ("gs://b/a", GcsRoot("b", "a"), "gs://b/a"),
        ("https://storage.googleapis.com/b/a", GcsRoot("b", "a"), "gs://b/a"),
        ("https://b.storage.googleapis.com/a", GcsRoot("b", "a"), "gs://b/a"),
        ("az://c/a", AzureRoot("c", "a"), "az://c/a"),
        (
            "https://acc.blob.core.windows.net/c/a b",
            AzureRoot("c", "a b", "acc"),
            "https://acc.blob.core.windows.net/c/a%20b",
        ),
        ("http://example.com", HttpRoot("http", "example.com"), "http://example.com"),
        ("HTTP://Example.COM:80/A/", HttpRoot("http", "example.com", "A"), "http://example.com/A"),
        ("https://h:8443/a%20b/%C3%BC", HttpRoot("https", "h:8443", "a b/ü"), "https://h:8443/a%20b/%C3%BC"),
        ("http://[::1]:8080/a", HttpRoot("http", "[::1]:8080", "a"), "http://[::1]:8080/a"),
        ("http://u:p%40@h/a", HttpRoot("http", "h", "a", "u:p@"), "http://h/a"),
        ("http://h/caf%E9", HttpRoot("http", "h", "caf\udce9"), "http://h/caf%E9"),
        (
            "https://b.s3-website-us-east-1.amazonaws.com/a",
            HttpRoot("https", "b.s3-website-us-east-1.amazonaws.com", "a"),
            "https://b.s3-website-us-east-1.amazonaws.com/a",
        ),
        ("file:///data/a%20b/", LocalRoot("/data/a b"), "/data/a b"),
        ("file://localhost/data", LocalRoot("/data"), "/data"),
        ("file:/data", LocalRoot("/data"), "/data"),
        ("/data/a b#1/", LocalRoot("/data/a b#1"), "/data/a b#1"),
        ("/", LocalRoot("/"), "/"),
        ("relative/folder", LocalRoot("relative/folder"), "relative/folder"),
        (".", LocalRoot("."), "."),
        ("C:\\data", LocalRoot("C:\\data"), "C:\\data"),
    ],
)
def test_accepted_roots(text: str, root: Root, shown: str) -> None:
    assert parse_root(text).unwrap() == root
    assert show_root(root) == shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("s3://", "no bucket"),
        ("s3:///a", "no bucket"),
        ("https://s3.amazonaws.com/", "no bucket"),
        ("s3://my bucket/a", "'my bucket' is no bucket name"),
        ("s3://b/../a", "no . or .. segments"),
        ("http://h/a/./b", "no . or .. segments"),
        ("http://h/%2e%2e/b", "no . or .. segments"),
        ("http://h/a%00b", "control character"),
        ("/data\n", "control character"),
        ("http://", "no host"),
        ("http:///a", "no host"),
        ("http://h h/a", "no host"),
        ("http://[::1/a", "no address"),
        ("http://h:port/a", "no address"),
        ("http://h/a?b", "no ? or # part"),
        ("http://h/a#b", "no ? or # part"),
        ("ftp://h/a", "ftp://"),
        ("s3:/b/a", "two slashes"),
        ("http:h/a", "two slashes"),
        ("file://host/a", "three slashes"),
    ],
)
def test_refused_roots_say_why(text: str, words: str) -> None:
    parsed = parse_root(text)
    assert not is_successful(parsed)
    sentence = str(parsed.failure())
    assert words in sentence
    assert repr(text) in sentence


def test_a_password_is_never_shown() -> None:
    root = parse_root("https://user:secret@h/a").unwrap()
    assert "secret" not in repr(root)
    assert "secret" not in show_root(root)


@pytest.mark.parametrize("text", ["/", ".", "..", "a/..", "~", "s3://b", "http://h"])
def test_what_has_no_parent_is_not_split(text: str) -> None:
    assert split_root(parse_root(text).unwrap()) is None
