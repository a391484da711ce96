"""An object store of our own: fast, counting, and as slow or as faulty as asked.

It answers S3's path-style requests (ListObjectsV2, GET with Range, HEAD) for one bucket, and as these are
plain HTTP, plain object GETs too.  In a test:

    with serve({"a/1.dcm": b"..."}) as server:
        S3Store.from_url("s3://bucket", endpoint=server.endpoint, skip_signature=True,
                         client_options={"allow_http": True})

In a process of its own: `spawn(folder)`, or `python -m tests.support.s3server FOLDER`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import asdict, define, evolve, field, frozen

from tests.support.bucket import Answer, Bucket, Content, byte_range, refusal

Kind: TypeAlias = Literal["list", "head", "get"]

_REASONS = {200: "OK", 206: "Partial Content", 403: "Forbidden", 404: "Not Found", 503: "Slow Down"}


@frozen
class Conditions:
    """How the server behaves; shares are of requests, from 0 to 1.

    A fault depends on `seed`, on what is asked for and on how often it has been asked for, never on the
    order in which requests arrive: the same run meets the same faults.
    """

    latency: float = 0.0  # s before each answer
    bandwidth: float | None = None  # bytes/s on each connection
    busy: float = 0.0  # share answered 503
    cut: float = 0.0  # share of bodies of which half comes before the connection closes
    hang: float = 0.0  # share never answered
    dies_after: int | None = None  # requests, after which nothing is answered any more
    silent_after: int | None = None  # requests, after which connections stay open and nothing comes
    seed: int = 0
    page: int = 1000  # keys in one listing page, at most
    ignores_range: bool = False  # answer 200 with the whole object
    status: Mapping[str, int] = field(factory=dict)  # Kind -> the status of every answer of that kind


@frozen
class Request:
    """What was asked for: `start` and `stop` as the Range header has them, `stop` exclusive."""

    kind: Kind
    key: str
    start: int | None
    stop: int | None
    signed: bool


@frozen
class Counts:
    """Requests by kind, those with a Range among the gets, and the bytes of all bodies sent."""

    lists: int
    heads: int
    gets: int
    ranges: int
    bytes_sent: int


@define
class Server:
    """A running server; `conditions` may be changed at any time, and hold from the next request on."""

    bucket: Bucket
    conditions: Conditions
    port: int = 0
    requests: list[Request] = field(factory=list)
    bytes_sent: int = 0
    connections: int = 0
    _asked: Counter[tuple[Kind, str, int | None]] = field(factory=Counter)
    _dead: bool = False

    @property
    def endpoint(self) -> str:
        """What S3 clients take as their endpoint; the bucket lies below it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def counts(self) -> Counts:
        kinds = Counter(request.kind for request in self.requests)
        ranges = sum(request.start is not None for request in self.requests)
        return Counts(kinds["list"], kinds["head"], kinds["get"], ranges, self.bytes_sent)

    def forget(self) -> None:
        """Begin to count afresh."""
        self.requests.clear()
        self.bytes_sent = 0

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._exchange(reader, writer):
                pass
        writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection stays open."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        if target.startswith("/-/"):
            text = json.dumps(asdict(self.counts)).encode()
            await self._send(writer, Answer(200, text), 0.0)
            self.forget()
            return True
        request, answer = self._answered(method, target, headers)
        now = self.conditions
        self.requests.append(request)
        self._dead = self._dead or (now.dies_after is not None and len(self.requests) > now.dies_after)
        if self._dead:
            return False
        if now.silent_after is not None and len(self.requests) > now.silent_after:
            await reader.read()
            return False
        await asyncio.sleep(now.latency)
        chance = self._chance(request)
        if chance < now.hang:
            await reader.read()
            return False
        if chance < now.hang + now.busy:
            return await self._send(writer, refusal(503), 0.0)
        return await self._send(writer, answer, 0.5 if chance < now.hang + now.busy + now.cut else 0.0)

    def _chance(self, request: Request) -> float:
        now = self.conditions
        if not (now.hang or now.busy or now.cut):
            return 1.0
        what = (request.kind, request.key, request.start)
        self._asked[what] += 1
        return Random(f"{now.seed}/{what}/{self._asked[what]}").random()

    def _answered(self, method: str, target: str, headers: Mapping[str, str]) -> tuple[Request, Answer]:
        parts = urlsplit(target)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        signed = "authorization" in headers
        if not key and method == "GET":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            request = Request("list", query.get("prefix", ""), None, None, signed)
            answer = self.bucket.listing(query, self.conditions.page)
        else:
            size = self.bucket.sizes.get(key, 0)
            wanted = None if self.conditions.ignores_range else byte_range(headers.get("range"), size)
            start, stop = wanted or (None, None)
            request = Request("head" if method == "HEAD" else "get", key, start, stop, signed)
            answer = self.bucket.answer(key, wanted)
        if bucket != self.bucket.name:
            answer = refusal(404)
        if request.kind in self.conditions.status:
            answer = refusal(self.conditions.status[request.kind])
        if request.kind == "head":
            answer = evolve(
                answer, body=b"", length=len(answer.body) if answer.length is None else answer.length
            )
        return request, answer

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer, missing: float) -> bool:
        length = len(answer.body) if answer.length is None else answer.length
        first = f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Answer')}"
        head = "\r\n".join([first, f"Content-Length: {length}", *answer.headers, "", ""]).encode("latin-1")
        body = answer.body[: len(answer.body) - int(len(answer.body) * missing)] if missing else answer.body
        writer.write(head)
        rate = self.conditions.bandwidth
        step = 65536 if rate else max(1, len(body))
        clock = asyncio.get_running_loop().time
        due = clock()
        for start in range(0, len(body), step):
            piece = body[start : start + step]
            writer.write(piece)
            await writer.drain()
            self.bytes_sent += len(piece)
            if rate:
                due += len(piece) / rate
                await asyncio.sleep(max(0.0, due - clock()))
        return not missing


@contextlib.contextmanager
def serve(content: Content, conditions: Conditions | None = None, bucket: str = "bucket") -> Iterator[Server]:
    """Serve a folder, or a mapping of keys to bytes, as it is now, from a thread, until the block ends."""
    server = Server(Bucket(content, bucket), conditions or Conditions())
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(server._connected, "127.0.0.1", 0, backlog=1024))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="s3server", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_stopped(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stopped(listening: asyncio.Server) -> None:
    listening.close()
    open_ones = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in open_ones:
        task.cancel()
    await asyncio.gather(*open_ones, return_exceptions=True)
    await asyncio.sleep(0)  # the transports close one turn later


@frozen
class Spawned:
    """A server in a process of its own."""

    endpoint: str

    def counts(self) -> Counts:
        """What was asked since the last call."""
        with urllib.request.urlopen(f"{self.endpoint}/-/counts") as answer:
            return Counts(**json.load(answer))


@contextlib.contextmanager
def spawn(folder: Path, latency: float = 0.0, bandwidth: float | None = None) -> Iterator[Spawned]:
    """Serve `folder` as bucket `bucket` from another process; latency in s, bandwidth in bytes/s."""
    command = [sys.executable, "-m", __name__, str(folder), str(latency), str(bandwidth or 0)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipe to the server's process")
        try:
            yield Spawned(process.stdout.readline().strip())
        finally:
            process.stdin.close()
            process.wait()


def main(arguments: list[str]) -> None:
    """Serve FOLDER [LATENCY [BANDWIDTH]] until standard input ends; the endpoint is the one line printed."""
    folder, latency, bandwidth = [*arguments, "0", "0"][:3]
    conditions = Conditions(latency=float(latency), bandwidth=float(bandwidth) or None)
    with serve(Path(folder), conditions) as server:
        sys.stdout.write(server.endpoint + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
