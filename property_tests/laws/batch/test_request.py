"""The laws of what a batch may be asked for."""

from __future__ import annotations

import json
import re
from typing import Any

from attrs import asdict, evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.batch.outcome import Limits
from dicom_series_preview.core.batch.request import BatchOptions, check_batch, looks
from dicom_series_preview.core.batch.resume import Shard
from dicom_series_preview.core.faults.request import BadSeriesId, Conflict, Needs, OutOfRange
from property_tests.prose import flaws

PLAIN = BatchOptions("out", Options("", ""), listed="list.txt")
ROOTED = Options("", "", root="s3://bucket")

SOURCES: dict[str, dict[str, Any]] = {
    "SERIES": {"listed": "list.txt"},
    "--study": {"study": "1.2"},
    "--collection": {"collection": "nlst"},
    "--all": {"all": True},
}


def _refused(options: BatchOptions) -> list[object]:
    checked = check_batch(options)
    return [] if is_successful(checked) else list(checked.failure().refusals)


@given(st.sets(st.sampled_from(sorted(SOURCES))))
def test_series_come_from_one_place(names: set[str]) -> None:
    """A list, a study, a collection, or all of a root: one of them."""
    given_sources: dict[str, Any] = {}
    for name in names:
        given_sources |= SOURCES[name]
    found = _refused(evolve(PLAIN, preview=ROOTED, **{"listed": None, **given_sources}))
    assert len(found) == abs(len(names) - 1)
    assert {type(one) for one in found} <= ({Conflict} if names else {OutOfRange})
    assert [flaws(str(one)) for one in found] == [[]] * len(found)
    told = {text for one in found if isinstance(one, Conflict) for text in (one.option, one.other)}
    assert told == (names if len(names) > 1 else set())


@given(st.integers(1, 500), st.integers(1, 500))
def test_a_share_is_one_of_so_many(number: int, count: int) -> None:
    """From 1/N to N/N; nothing else is a share."""
    checked = check_batch(evolve(PLAIN, shard=f"{number}/{count}"))
    assert is_successful(checked) == (number <= count)
    assert checked.map(lambda request: request.shard).value_or(Shard(number, count)) == Shard(number, count)


@given(st.sampled_from(["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", "1 /3", "١/٣", "1.0/2"]))
def test_what_is_no_share_is_refused_in_its_own_words(text: str) -> None:
    """The allowed form is told."""
    (refusal,) = _refused(evolve(PLAIN, shard=text))
    assert isinstance(refusal, OutOfRange)
    assert (refusal.option, refusal.value) == ("--shard", text)
    assert {"I/N,", "1/N", "N/N"} <= set(refusal.allowed.split())
    assert flaws(str(refusal)) == []


@given(
    st.sampled_from(
        [
            ("--workers", "workers", "1 1024", (1, 7, 1024), (0, -1, 1025)),
            ("--retries", "retries", "0 100", (0, 2, 100), (-1, 101)),
            (
                "--series-timeout",
                "series_timeout",
                "seconds 0 1000000",
                (0.5, 300.0, 1e6),
                (0.0, -1.0, 1.1e6, float("nan"), float("inf")),
            ),
            (
                "--worker-memory",
                "worker_memory",
                "GiB 0.25 1000000",
                (0.25, 2.0, 1e6),
                (0.0, 0.2, 1.1e6, float("nan"), float("inf")),
            ),
            ("--format", "format", "webp jpeg png", ("webp", "jpeg"), ("", "gif", ".webp", "WEBP", "mp4")),
        ]
    )
)
def test_numbers_and_words_have_their_ranges(
    case: tuple[str, str, str, tuple[Any, ...], tuple[Any, ...]],
) -> None:
    """The ends are in, what lies beyond is refused by its option, with both ends and the unit."""
    option, field, named, good, bad = case
    assert [_refused(evolve(PLAIN, **{field: value})) for value in good] == [[]] * len(good)
    for value in bad:
        (refusal,) = _refused(evolve(PLAIN, **{field: value}))
        assert isinstance(refusal, OutOfRange)
        assert refusal.option == option
        assert refusal.value == str(value) or float(refusal.value) == value
        assert set(named.split()) <= set(re.split(r"[ ,]+", refusal.allowed))
        assert flaws(str(refusal)) == []


def test_what_only_one_format_can_do_is_refused_by_the_words_of_a_batch() -> None:
    """A batch has no OUTPUT whose extension could be told: its --format is."""
    for option, preview in (
        ("--cine", evolve(PLAIN.preview, cine=True)),
        ("--lossless", evolve(PLAIN.preview, lossless=True)),
    ):
        assert _refused(evolve(PLAIN, preview=preview)) == []
        for name in ("jpeg", "png"):
            refused = _refused(evolve(PLAIN, preview=preview, format=name))
            assert refused == [Conflict(option, f"--format {name}", "only WebP can do that")]


def test_what_does_not_go_together_is_refused() -> None:
    """Each with its reason."""
    assert _refused(evolve(PLAIN, listed=None, all=True)) == [Needs("--all", "--root")]
    (workers,) = _refused(evolve(PLAIN, workers=2, scheduler="tcp://host:8786"))
    assert workers == Conflict("--workers", "--scheduler", "the cluster has its own workers")
    (index,) = _refused(evolve(PLAIN, index="old", with_index=True))
    assert index == Conflict("--with-index", "--index", "the indexes are there already")


def test_all_that_is_wrong_is_told_at_once() -> None:
    """The options of the preview are checked too; its series and output are not looked at."""
    wrong = evolve(
        PLAIN, listed=None, workers=0, retries=-1, preview=Options("?", "x.gif", quality=101, start=2.0)
    )
    told = [one.option for one in _refused(wrong) if isinstance(one, OutOfRange)]
    assert sorted(told) == ["--quality", "--retries", "--start", "--workers", "SERIES"]
    assert not any(isinstance(one, BadSeriesId) for one in _refused(wrong))


@given(st.integers(0, 100), st.integers(1, 20), st.floats(1, 1000), st.sampled_from([0.5, 2.0, 3.25]))
def test_a_request_says_how_each_series_is_made(quality: int, tiles: int, seconds: float, gib: float) -> None:
    """As a preview of it would be, with its limits in s and bytes."""
    options = evolve(
        PLAIN,
        preview=Options("", "", quality=quality, tile_width=tiles, image_width=8),
        series_timeout=seconds,
        worker_memory=gib,
        format="jpeg",
    )
    request = check_batch(options).unwrap()
    assert request.limits == Limits(seconds, int(gib * 1024) * 1024 * 1024)
    assert (request.ending, request.preview.output.quality, request.preview.image_width) == (
        ".jpg",
        quality,
        8,
    )
    assert request.preview.output.encoder.name == "JPEG"
    assert request.options == options
    assert request.shard == Shard(1, 1)


@given(st.integers(0, 100), st.integers(1, 9), st.integers(1, 99), st.text(max_size=5))
def test_what_changes_no_picture_is_not_remembered(
    quality: int, workers: int, concurrency: int, text: str
) -> None:
    """How and where it is made may change from run to run; each option that shows does not."""
    here = evolve(
        PLAIN,
        preview=Options(text, text, quality=quality, concurrency=concurrency, timeout=9.0, index=text),
        workers=workers,
        retry_failed=True,
        listed=text,
        index=text,
        shard="1/3",
        series_timeout=1.0,
    )
    there = evolve(PLAIN, preview=Options("", "", quality=quality))
    assert looks(here) == looks(there)
    assert json.loads(json.dumps(looks(here))) == looks(here)
    for name, value in asdict(PLAIN.preview).items():
        shows = name not in ("series", "output", "index", "concurrency", "timeout", "format", "map")
        change: dict[str, Any] = {name: "7" if value is None else f"{value}7"}
        changed = evolve(PLAIN, preview=evolve(PLAIN.preview, **change))
        assert (looks(changed) != looks(PLAIN)) == shows
    others: dict[str, Any] = {"format": "jpeg", "map": True, "with_index": True}
    for name, value in others.items():
        assert looks(evolve(PLAIN, **{name: value})) == looks(PLAIN) | {name: value}


@given(st.sampled_from(["https://", "dicomweb+https://"]), st.sampled_from(["secret", "p%40ss"]))
def test_a_login_is_not_remembered(scheme: str, password: str) -> None:
    """What a folder remembers is read by whoever reads the folder; a text that is no root is refused anyway."""
    here = evolve(PLAIN, preview=Options("", "", root=f"{scheme}user:{password}@host/path"))
    there = evolve(PLAIN, preview=Options("", "", root=f"{scheme}host/path"))
    assert looks(here) == looks(there)
    assert looks(evolve(PLAIN, preview=Options("", "", root="ftp://x")))["root"] == "ftp://x"


@given(st.sampled_from(["dicomweb+https://host/path", "s3://bucket", "/data"]))
def test_series_are_looked_for_under_any_root(root: str) -> None:
    """A DICOMweb service too."""
    assert _refused(evolve(PLAIN, preview=Options("", "", root=root))) == []
