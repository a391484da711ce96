"""What an S3 bucket answers, without a socket: keys, listing pages and byte ranges."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias
from xml.sax.saxutils import escape

from attrs import frozen

Content: TypeAlias = "Path | Mapping[str, bytes]"

_WHEN = "2024-01-02T03:04:05.000Z"
_CODES = {403: "AccessDenied", 404: "NoSuchKey", 416: "InvalidRange", 503: "SlowDown"}


@frozen
class Answer:
    """An HTTP answer: status, body, and headers as lines."""

    status: int
    body: bytes
    headers: tuple[str, ...] = ()
    length: int | None = None  # Content-Length, when it is not that of the body (HEAD)


def refusal(status: int) -> Answer:
    """An error in S3's words."""
    code = _CODES.get(status, "Refused")
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>"
    return Answer(status, text.encode())


def byte_range(text: str | None, size: int) -> tuple[int, int] | None:
    """`bytes=a-b`, `bytes=a-` or `bytes=-n` as (start, stop), stop exclusive."""
    if text is None or not text.startswith("bytes="):
        return None
    first, _, last = text[6:].partition("-")
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


class Bucket:
    """Keys, sorted as S3 sorts them, and their bytes; the content is looked at once."""

    def __init__(self, content: Content, name: str) -> None:
        self.name = name
        self._content = content
        if isinstance(content, Path):
            files = (path for path in content.rglob("*") if path.is_file())
            self.sizes = {path.relative_to(content).as_posix(): path.stat().st_size for path in files}
        else:
            self.sizes = {name: len(value) for name, value in content.items()}
        self.names = sorted(self.sizes)

    def _read(self, name: str, start: int, stop: int) -> bytes:
        if not isinstance(self._content, Path):
            return self._content[name][start:stop]
        with (self._content / name).open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    def _page(self, prefix: str, after: str, delimiter: str, most: int) -> tuple[list[str], list[str], str]:
        """One listing page: its keys, its common prefixes, and the token of the next page ("" at the end)."""
        at = max(bisect_left(self.names, prefix), bisect_right(self.names, after))
        keys: list[str] = []
        folders: list[str] = []
        last = ""
        while at < len(self.names) and self.names[at].startswith(prefix):
            if len(keys) + len(folders) == most:
                return keys, folders, last
            name = self.names[at]
            head, found, _ = name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            if found:
                folders.append(prefix + head + found)
                last = folders[-1] + "\U0010ffff"
                at = bisect_left(self.names, last)
            else:
                keys.append(name)
                last = name
                at += 1
        return keys, folders, ""

    def answer(self, key: str, wanted: tuple[int, int] | None) -> Answer:
        """An object or a range of it, or of the bucket itself when `key` is empty."""
        if not key:
            return Answer(200, b"", ("x-amz-bucket-region: us-east-1",), 0)
        if key not in self.sizes:
            return refusal(404)
        size = self.sizes[key]
        start, stop = wanted or (0, size)
        if wanted and start >= size:
            return refusal(416)
        marks = ['ETag: "1"', "Last-Modified: Tue, 02 Jan 2024 03:04:05 GMT", "Accept-Ranges: bytes"]
        if wanted:
            marks.append(f"Content-Range: bytes {start}-{stop - 1}/{size}")
        body = self._read(key, start, stop)
        return Answer(206 if wanted else 200, body, tuple(marks), stop - start)

    def listing(self, query: Mapping[str, str], page: int) -> Answer:
        """ListObjectsV2 with at most `page` keys."""
        after = query.get("continuation-token", query.get("start-after", ""))
        most = min(int(query.get("max-keys", "1000")), page)
        prefix = query.get("prefix", "")
        keys, folders, more = self._page(prefix, after, query.get("delimiter", ""), most)
        rows = [
            f"<Contents><Key>{escape(key)}</Key><LastModified>{_WHEN}</LastModified><ETag>&quot;1&quot;</ETag>"
            f"<Size>{self.sizes[key]}</Size></Contents>"
            for key in keys
        ]
        rows += [f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in folders]
        token = f"<NextContinuationToken>{escape(more)}</NextContinuationToken>" if more else ""
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{self.name}</Name><Prefix>{escape(prefix)}</Prefix><MaxKeys>{most}</MaxKeys>"
            f"<KeyCount>{len(keys) + len(folders)}</KeyCount>"
            f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated>{token}{''.join(rows)}</ListBucketResult>"
        )
        return Answer(200, text.encode(), ("Content-Type: application/xml",))
