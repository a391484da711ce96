"""What a batch was asked for, checked without I/O."""

from __future__ import annotations

import re
from typing import Final

from attrs import asdict, evolve, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.ask.roots import parse_root, show_root
from dicom_series_preview.core.batch.outcome import GIB, Limits
from dicom_series_preview.core.batch.resume import Shard
from dicom_series_preview.core.batch.settings import Setting
from dicom_series_preview.core.faults.request import (
    BadOptions,
    Conflict,
    Needs,
    OutOfRange,
    RequestError,
)
from dicom_series_preview.core.faults.words import digits

DEFAULT_FORMAT: Final = "webp"
DEFAULT_SERIES_TIMEOUT: Final = 300.0
DEFAULT_WORKER_MEMORY: Final = 2.0
DEFAULT_RETRIES: Final = 2
DEFAULT_CONCURRENCY: Final = 16
"""Requests of a worker at once: as many as go by while its processor is busy with one series."""
MOST_WORKERS: Final = 1024

_FORMATS: Final = {"webp": ".webp", "jpeg": ".jpg", "png": ".png"}
_SHARD: Final = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
_ANY_SERIES: Final = "0.0"
"""A SeriesInstanceUID: every root may know some, and a DICOMweb service knows no others."""
_NO_LOOKS: Final = frozenset({"series", "output", "index", "concurrency", "timeout"})
"""Options of a preview that say where and how, and change no picture."""


@frozen
class BatchOptions:
    """The options of a batch as given, unchecked."""

    outdir: str
    preview: Options
    """The options of each preview; its series and output are not looked at."""
    listed: str | None = None
    """Where the list of series is: a file, or `-`."""
    study: str | None = None
    collection: str | None = None
    all: bool = False
    format: str = DEFAULT_FORMAT
    map: bool = False
    with_index: bool = False
    index: str | None = None
    """The output folder of a batch that wrote indexes."""
    workers: int | None = None
    scheduler: str | None = None
    shard: str | None = None
    series_timeout: float = DEFAULT_SERIES_TIMEOUT
    worker_memory: float = DEFAULT_WORKER_MEMORY
    """In GiB."""
    retries: int = DEFAULT_RETRIES
    retry_failed: bool = False
    overwrite: bool = False
    dry_run: bool = False


@frozen
class BatchRequest:
    """A valid request for a batch; `preview` is what is asked for each series."""

    options: BatchOptions
    preview: Preview
    ending: str
    """The extension of the pictures, with its dot."""
    shard: Shard
    limits: Limits


def check_batch(options: BatchOptions) -> Result[BatchRequest, BadOptions]:
    """Check everything that can be checked without I/O; all refusals at once."""
    refusals: list[RequestError] = [*_source_refusals(options), *_number_refusals(options)]
    ending, format_refusals = _ending(options)
    refusals += format_refusals
    shard = Shard() if options.shard is None else _shard(options.shard)
    if shard is None:
        allowed = "I/N, the number of a share and how many there are, from 1/N to N/N"
        refusals.append(OutOfRange("--shard", options.shard or "", allowed))
    preview = check_preview(evolve(options.preview, series=_ANY_SERIES, output=f"x{ending}", index=None))
    if not is_successful(preview):
        refusals += preview.failure().refusals
    if refusals or shard is None:
        return Failure(BadOptions(tuple(refusals)))
    limits = Limits(options.series_timeout, round(options.worker_memory * GIB))
    return Success(BatchRequest(options, preview.unwrap(), ending, shard, limits))


def looks(options: BatchOptions) -> dict[str, Setting]:
    """The options that decide how the pictures look, by name, as a folder remembers them."""
    given = {name: value for name, value in asdict(options.preview).items() if name not in _NO_LOOKS}
    if options.preview.root is not None:  # a login is no matter of looks, and is remembered nowhere
        given["root"] = parse_root(options.preview.root).map(show_root).value_or(options.preview.root)
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    return {**plain, "format": options.format, "map": options.map, "with_index": options.with_index}


def _ending(options: BatchOptions) -> tuple[str, list[RequestError]]:
    """The extension of the pictures; that of the default where the format is refused."""
    ending, default = _FORMATS.get(options.format), _FORMATS[DEFAULT_FORMAT]
    if ending is None:
        return default, [OutOfRange("--format", options.format, f"one of {', '.join(_FORMATS)}")]
    if ending == default:
        return default, []
    given = {"--cine": options.preview.cine, "--lossless": options.preview.lossless}
    asked = [option for option in given if given[option]]
    refusals = [Conflict(option, f"--format {options.format}", "only WebP can do that") for option in asked]
    return default if asked else ending, [*refusals]


def _source_refusals(options: BatchOptions) -> list[RequestError]:
    """One source of series, no more and no less."""
    sources = {
        "SERIES": options.listed is not None,
        "--study": options.study is not None,
        "--collection": options.collection is not None,
        "--all": options.all,
    }
    given = [name for name, is_given in sources.items() if is_given]
    refusals: list[RequestError] = [
        Conflict(name, given[0], "each of them says which series are meant") for name in given[1:]
    ]
    if not given:
        refusals.append(OutOfRange("SERIES", "", "a list of series, or --study, --collection or --all"))
    if options.all and options.preview.root is None:
        refusals.append(Needs("--all", "--root"))
    if options.workers is not None and options.scheduler is not None:
        refusals.append(Conflict("--workers", "--scheduler", "the cluster has its own workers"))
    if options.index is not None and options.with_index:
        refusals.append(Conflict("--with-index", "--index", "the indexes are there already"))
    return refusals


def _number_refusals(options: BatchOptions) -> list[RequestError]:
    refusals: list[RequestError] = []
    if options.workers is not None and not 1 <= options.workers <= MOST_WORKERS:
        allowed = f"a whole number from 1 to {MOST_WORKERS}"
        refusals.append(OutOfRange("--workers", str(options.workers), allowed))
    if not 0 < options.series_timeout <= 1e6:
        allowed = "a number of seconds above 0 and at most 1000000"
        refusals.append(OutOfRange("--series-timeout", digits(options.series_timeout), allowed))
    if not 0.25 <= options.worker_memory <= 1e6:
        allowed = "a number of GiB from 0.25 to 1000000"
        refusals.append(OutOfRange("--worker-memory", digits(options.worker_memory), allowed))
    if not 0 <= options.retries <= 100:
        refusals.append(OutOfRange("--retries", str(options.retries), "a whole number from 0 to 100"))
    return refusals


def _shard(text: str) -> Shard | None:
    found = _SHARD.fullmatch(text)
    if found is None:
        return None
    number, count = int(found[1]), int(found[2])
    return Shard(number, count) if 1 <= number <= count else None
