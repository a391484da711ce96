"""Object stores (S3, Google Cloud Storage, Azure) through obstore.

Only the synchronous calls are used: they release the interpreter's lock, and the asynchronous ones can abort
the interpreter at exit.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Hashable, Iterator, Sequence
from contextlib import nullcontext
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from attrs import evolve, field, frozen
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import AzureRoot, GcsRoot, S3Root, show_root
from dicom_series_preview.core.faults.storage import (
    BadSetting,
    CutShort,
    StoreFailed,
    StoreFault,
    TimedOut,
    WrongRegion,
)
from dicom_series_preview.core.storage.entries import Chunk, Entry, Page, below, is_safe, joined
from dicom_series_preview.core.storage.signing import endpoint_problem, is_signed
from dicom_series_preview.core.storage.status_codes import (
    actual_size,
    fault_of,
    is_cut,
    is_timeout,
    is_whole,
)
from dicom_series_preview.shell.storage.kept import MOST_IDLE
from dicom_series_preview.shell.storage.store import Network, bounded

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult, ObjectMeta
    from obstore.store import AzureConfig, ClientConfig, GCSConfig, RetryConfig, S3Config

BucketRoot: TypeAlias = S3Root | GcsRoot | AzureRoot

_ObjectStore: TypeAlias = S3Store | GCSStore | AzureStore

_PAGE: Final = 100  # objects; an answer holds up to 1000, and one that broke off is lost in such pieces
_MOST_STORES: Final = 8  # that are kept; of more, the one that was not used for longest goes
_SETTINGS: Final = ("AWS_", "AZURE_", "GOOGLE_", "SSL_CERT_")
_AFTER_FOLDER: Final = "0"  # the character after "/": where the keys that follow a folder's begin


@frozen
class Objects:
    """A bucket, or a prefix inside one."""

    place: str
    _root: BucketRoot
    _store: _ObjectStore
    _network: Network
    _signed: bool
    _ignores_range: threading.Event = field(factory=threading.Event, init=False, repr=False, eq=False)

    def pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        """Pages of a hundred objects, from answers of a thousand; see `Store.pages`."""
        return bounded(joined(self.place, folder), self._network.limits, self._pages(folder))

    def _pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        try:
            for metas in self._listed(folder, None, _PAGE):
                named = [(below(meta["path"], folder), meta["size"]) for meta in metas]
                # The object that stands for the folder itself has no name below it.
                yield Success(tuple(Entry(name, size) for name, size in named if name))
        except (BaseError, OSError, ValueError) as error:
            yield Failure(self._fault(error, joined(self.place, folder)))

    def _listed(self, folder: str, after: str | None, at_once: int) -> Iterator[Sequence[ObjectMeta]]:
        """The objects below a folder whose names follow `after`; an answer cut short is asked for again."""
        tries, latest = 0, time.monotonic() + self._network.patience
        while True:
            try:
                answers = iter(self._store.list(folder or None, offset=after, chunk_size=at_once))
                while metas := self._waited_for(answers):
                    yield metas
                    after, tries, latest = metas[-1]["path"], 0, time.monotonic() + self._network.patience
                return
            except BaseError as error:
                if not is_cut(str(error)) or tries == self._network.retries or time.monotonic() > latest:
                    raise
                tries += 1

    def _waited_for(self, answers: Iterator[Sequence[ObjectMeta]]) -> Sequence[ObjectMeta]:
        with self._network.waiting():
            return next(answers, ())

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """Read a range of an object; see `Store.read`."""
        with self._network.waiting():
            return self._read(name, start, stop)

    def _read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        place = joined(self.place, name)
        if not is_safe(name):
            return Failure(StoreFailed(place, "its name leads out of the folder, or is none."))
        if stop is not None and stop <= start:
            return Success(Chunk(b"", None))
        tries, latest = 0, time.monotonic() + self._network.patience
        while True:
            options = self._options(start, stop)
            try:
                answer = self._store.get(name, options=options)
            except (BaseError, OSError, ValueError) as error:
                text = str(error)
                if options and is_whole(text):
                    # The store answered a range with the whole object: from now on no range is asked for.
                    self._ignores_range.set()
                    continue
                size = actual_size(text, start)
                return Failure(self._fault(error, place)) if size is None else Success(Chunk(b"", size))
            first, last = answer.range
            wanted = (last if stop is None else min(stop, last)) - first
            data, is_slow = self._drain(answer, wanted)
            if len(data) == wanted:
                return Success(Chunk(data[start - first :], answer.meta["size"], answer.meta["e_tag"]))
            if tries == self._network.retries or time.monotonic() > latest:
                slow, cut = TimedOut(place, self._network.timeout), CutShort(place, wanted, len(data))
                return Failure(slow if is_slow else cut)
            tries += 1

    def _options(self, start: int, stop: int | None) -> GetOptions:
        if self._ignores_range.is_set() or (start == 0 and stop is None):
            return {}
        return {"range": {"offset": start} if stop is None else (start, stop)}

    def _drain(self, answer: GetResult, wanted: int) -> tuple[bytes, bool]:
        """The first `wanted` bytes of a body, fewer if it breaks off, and whether it came too slowly."""
        latest = time.monotonic() + self._network.timeout + wanted / self._network.slowest
        parts: list[bytes] = []
        held, is_slow = 0, False
        try:
            for piece in answer.stream(min_chunk_size=1):  # as it comes, so that progress shows
                parts.append(bytes(piece))
                held += len(piece)
                if self._network.arrived is not None:
                    self._network.arrived(len(piece))
                is_slow = time.monotonic() > latest
                if held >= wanted or is_slow:
                    break
        except (BaseError, OSError) as error:
            is_slow = is_timeout(str(error))  # and in any case what came is short
        return b"".join(parts)[:wanted], is_slow

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        """Folders that begin with `prefix`, one for each request: skip to it, read one key, skip its folder."""
        after = prefix
        while True:
            try:
                first = next(self._listed("", after or None, 1), ())
            except (BaseError, OSError, ValueError) as error:
                yield Failure(self._fault(error, self.place))
                return
            name, slash, _ = first[0]["path"].partition("/") if first else ("", "", "")
            if not first or not name.startswith(prefix):
                return
            yield Success((name,) if slash else ())
            after = name + _AFTER_FOLDER if slash else name

    def _fault(self, error: Exception, place: str) -> StoreFault:
        fault = fault_of(str(error), self._root, place, self._network.timeout, signed=self._signed)
        if isinstance(fault, WrongRegion) and fault.region is None and isinstance(self._root, S3Root):
            from dicom_series_preview.shell.storage.region import bucket_region

            return evolve(fault, region=bucket_region(self._root))
        return fault


def open_objects(root: BucketRoot, network: Network) -> Result[Objects, StoreFault]:
    """Open a bucket, signed if the environment holds credentials for it; nothing is sent yet."""
    place = show_root(root)
    problem = endpoint_problem(os.environ) if isinstance(root, S3Root) else None
    if problem is not None:
        return Failure(BadSetting(place, problem))
    signed = is_signed(root, os.environ, has_login=_google_login().is_file())
    # A login that is found elsewhere than in the environment is looked for again each minute.
    minute = time.monotonic() // network.idle if signed else None
    try:
        store = _opened(
            root,
            evolve(network, arrived=None, waiting=nullcontext),
            signed,
            (*_surroundings(), minute, os.getpid()),
        )
    except (BaseError, ValueError) as error:
        return Failure(BadSetting(place, _setting(str(error))))
    return Success(Objects(place, root, store, network, signed))


def _surroundings() -> tuple[Hashable, ...]:
    """What the library may take settings and logins from: the environment, and the files that it names."""
    variables = sorted((name, os.environ.get(name, "")) for name in os.environ)
    files = [value for name, value in variables if name.startswith(_SETTINGS)]
    return (*variables, *map(_stamp, (*files, str(_google_login()))))


def _stamp(file: str) -> Hashable:
    """What changes with the content of a file; None if there is no such file."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


@lru_cache(_MOST_STORES)
def _opened(root: BucketRoot, network: Network, signed: bool, _made_from: Hashable) -> _ObjectStore:
    """The library's store for a bucket, with its connections: kept while all that it was made from stays."""
    client: ClientConfig = {
        # Who asks by https is not led to http.
        "allow_http": not isinstance(root, S3Root) or _endpoint_scheme() == "http",
        "connect_timeout": timedelta(seconds=min(network.connect, network.timeout)),
        "read_timeout": timedelta(seconds=network.timeout),
        "timeout": timedelta(hours=1),  # bodies are watched as they come in
        "pool_idle_timeout": timedelta(seconds=network.idle),
        "pool_max_idle_per_host": str(MOST_IDLE),
    }
    retry: RetryConfig = {
        "max_retries": network.retries,
        "backoff": {
            "init_backoff": timedelta(seconds=network.longest_pause / 10),
            "max_backoff": timedelta(seconds=network.longest_pause),
            "base": 2,
        },
        "retry_timeout": timedelta(seconds=network.patience),
    }
    prefix = root.prefix or None
    match root:
        case S3Root(bucket=bucket, region=region):
            s3: S3Config = {} if signed else {"skip_signature": True}
            if region is not None:
                s3["region"] = region
            return S3Store(bucket, prefix=prefix, config=s3, client_options=client, retry_config=retry)
        case GcsRoot(bucket=bucket):
            gcs: GCSConfig = {} if signed else {"skip_signature": True}
            return GCSStore(bucket, prefix=prefix, config=gcs, client_options=client, retry_config=retry)
        case AzureRoot(container=container, account=account):
            azure: AzureConfig = {} if signed else {"skip_signature": True}
            if account is not None:
                azure["account_name"] = account
            return AzureStore(
                container, prefix=prefix, config=azure, client_options=client, retry_config=retry
            )
        case _ as never:
            assert_never(never)


def _endpoint_scheme() -> str:
    return os.environ.get("AWS_ENDPOINT_URL", "https:").partition(":")[0]


def _google_login() -> Path:
    return Path(os.environ.get("HOME", "")) / ".config" / "gcloud" / "application_default_credentials.json"


_MISSING: Final = {
    "Account must be specified": "set AZURE_STORAGE_ACCOUNT_NAME",
    "Missing AccessKeyId": "set AWS_ACCESS_KEY_ID as well as AWS_SECRET_ACCESS_KEY",
    "Missing SecretAccessKey": "set AWS_SECRET_ACCESS_KEY as well as AWS_ACCESS_KEY_ID",
}


def _setting(text: str) -> str:
    """What the library finds wrong with its settings, in few words."""
    first = text.partition("\n")[0].partition(" error: ")
    problem = first[2] or first[0]
    return _MISSING.get(problem, problem)
