"""The library as a guest: what it leaves as it was in the process of its caller, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from attrs import evolve
from returns.pipeline import is_successful

from dicom_series_preview import IndexOptions, NoPreview, Options, build_index, open_index, preview
from dicom_series_preview.core.ask.preview import check_preview
from dicom_series_preview.core.faults.fault import Stalled
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.preview import make_picture
from tests.command.process import environment, run_process, s3, wait_until
from tests.command.test_output import broken
from tests.support.dicom import make_series, uuid_for
from tests.support.s3server import Conditions, serve

DATA: Final = Path(os.environ.get("DSP_TEST_DATA", ""))
needs_data = pytest.mark.skipif("DSP_TEST_DATA" not in os.environ, reason="DSP_TEST_DATA names no real data")

UNCHANGED: Final = """
import logging, os, signal, sys, threading, warnings
import numpy, PIL.Image, PIL.ImageFile, pydicom, pydicom.pixels.decoders as decoders, requests, obstore, openjpeg

def state():
    named = {n: one for n, one in logging.root.manager.loggerDict.items() if isinstance(one, logging.Logger)}
    os.umask(mask := os.umask(0))
    return {
        "root": (list(logging.root.handlers), logging.root.level),
        "named": {n: (list(o.handlers), o.level, o.propagate, o.disabled) for n, o in named.items()},
        "warnings": list(warnings.filters),
        "pillow": (PIL.Image.MAX_IMAGE_PIXELS, PIL.ImageFile.LOAD_TRUNCATED_IMAGES),
        "decoders": {n: (dict(d._available), dict(d._unavailable))
                     for n, d in vars(decoders).items() if n.endswith("Decoder")},
        "signals": [signal.getsignal(one) for one in sorted(signal.valid_signals())],
        "umask": mask,
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "streams": (sys.stdout, sys.stderr, sys.excepthook, threading.excepthook),
    }

def differing(before, after):
    found = [name for name in before if name != "named" and before[name] != after[name]]
    found += [name for name in before["named"] if before["named"][name] != after["named"][name]]
    # A logger that a library makes for itself says nothing to anybody.
    return found + [name for name in set(after["named"]) - set(before["named"])
                    if after["named"][name][1:] != (0, True, False)
                    or any(type(one) is not logging.NullHandler for one in after["named"][name][0])]

begin = state()
import dicom_series_preview as library
library.preview, library.build_index, library.open_gallery, library.batch
imported = state()
for series in sys.argv[2:]:
    library.preview(library.Options(series, root=sys.argv[1]))
print(differing(begin, imported), differing(imported, state()), threading.active_count())
"""

MANY: Final = """
import os, sys, threading
from concurrent.futures import ThreadPoolExecutor
import dicom_series_preview as library

def pixels(series):
    asked = library.Options(series, root=sys.argv[1], tile_width=2, image_width=64)
    return library.preview(asked).unwrap().pixels.tobytes()

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

calls, series = int(sys.argv[2]), sys.argv[3:]
alone = {one: pixels(one) for one in series}
jobs = [series[number % len(series)] for number in range(calls)]
with ThreadPoolExecutor(4) as pool:
    wrong = [one for one, made in zip(jobs[:60], pool.map(pixels, jobs[:60])) if made != alone[one]]
    early = resident(), len(os.listdir("/proc/self/fd"))
    wrong += [one for one, made in zip(jobs[60:], pool.map(pixels, jobs[60:])) if made != alone[one]]
    late = resident(), len(os.listdir("/proc/self/fd"))
print(len(wrong), late[0] / early[0], late[0] / 1e6, late[1] - early[1], threading.active_count())
"""


def real(*names: str) -> list[str]:
    """The folders of real series."""
    rows = (line.split("\t") for line in (DATA / "series.tsv").read_text().splitlines())
    folders = {row[0]: row[1] for row in rows}
    return [folders[name] for name in names]


def child(program: str, *arguments: str | Path, **env: str) -> list[str]:
    """The words that a Python program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=environment(env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@needs_data
def test_nothing_of_the_process_is_changed() -> None:
    series = real(
        "ct-thorax-4mm", "ct-osirix-j2k", "us-sonosite-jpeg-30f", "jpegll57-mr", "ct-rle-frags", "bad-vr"
    )
    assert child(UNCHANGED, DATA / "idc", *series) == ["[]", "[]", "1"]


GIVEN_BACK: Final = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""With these glibc gives free memory back at once; without, it keeps what each thread has used, up to a limit."""


SMALL: Final = (
    *("ct-radiomics-60", "mr-sag-t1-csa", "us-palette-rle-10f", "ct-osirix-j2k", "mr-nonsquare-pmod"),
    *("us-sonosite-jpeg-30f", "jpegll57-mr", "ct-ibsi-orientation", "enh-ct-zoo", "sm-tiled-rgb"),
)
LARGE: Final = ("mg-ge-sigmoid-voilut", "cr-teeth-modlut-mono1", "jpegext12-cr")
"""Pictures of 2 to 7 million pixels."""


@needs_data
@pytest.mark.parametrize(
    ("calls", "names", "allocator", "most_growth"),
    [(300, SMALL, GIVEN_BACK, 1.1), (300, SMALL, {}, 1.25), (120, (*SMALL, *LARGE), {}, 1.6)],
    ids=["small, given back", "small", "with large ones"],
)
def test_many_calls_from_threads_are_right_and_leave_nothing_behind(
    calls: int, names: tuple[str, ...], allocator: dict[str, str], most_growth: float
) -> None:
    """What is left behind shows where free memory is given back; where it is not, that it has bounds.

    Large ones raise a threshold of glibc, so that it keeps much, unless they stay out of its heap.
    """
    program = child(MANY, DATA / "idc", str(calls), *real(*names), **allocator)
    wrong, growth, megabytes, descriptors, threads = map(float, program)
    assert wrong == 0
    assert growth <= most_growth
    assert megabytes <= 150
    assert descriptors <= 10
    assert threads == 1


def test_the_library_loads_no_pydicom_for_what_it_reads_itself(tmp_path: Path) -> None:
    made = make_series(tmp_path, 3)
    program = "import sys; from dicom_series_preview import Options, preview\n"
    program += "preview(Options(sys.argv[2], root=sys.argv[1])).unwrap()\n"
    program += "print(*({'pydicom', 'pyarrow', 'obstore', 'rich', 'cyclopts'} & set(sys.modules)))"
    assert child(program, tmp_path, made.uuid) == []


def test_the_first_question_needs_neither_numpy_nor_pillow() -> None:
    # They are loaded while its answer is awaited.
    program = "import sys, dicom_series_preview.shell.run.preview\n"
    assert child(program + "print(*({'numpy', 'PIL'} & set(sys.modules)))") == []


def test_a_stalled_call_is_given_up_and_its_threads_end_with_the_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = make_series(tmp_path, 30)
    with serve(tmp_path, Conditions(silent_after=1)) as server:
        for name, value in s3(server.endpoint).items():
            monkeypatch.setenv(name, value)
        request = check_preview(Options(made.uuid, root="s3://bucket")).unwrap()
        before = set(threading.enumerate())
        impatient = evolve(request, patience=evolve(request.patience, stall=0.5))
        assert make_picture(impatient, Counter()).failure() == Stalled(0.5)
        asked = len(server.requests)
        assert set(threading.enumerate()) - before
    wait_until(lambda: set(threading.enumerate()) < before)  # the server's own thread has gone, too
    assert len(server.requests) <= asked + request.patience.concurrency


@pytest.mark.parametrize("format_", ["webp", "png", "jpg"])
def test_a_picture_is_encoded_as_the_command_writes_it(tmp_path: Path, format_: str) -> None:
    made = make_series(tmp_path, 3)
    out = tmp_path / f"out.{format_}"
    assert run_process(made.uuid, out, "--root", tmp_path, "--quality", "60").status == 0
    picture = preview(Options(made.uuid, root=tmp_path)).unwrap()
    assert picture.encode(format_, 60) == out.read_bytes()


def test_the_command_prints_remarks_and_nothing_else(tmp_path: Path) -> None:
    made = make_series(tmp_path, 3, broken)
    printed = run_process(made.uuid, tmp_path / "out.webp", "--root", tmp_path).messages
    remarks = preview(Options(made.uuid, root=tmp_path)).unwrap().remarks
    assert printed == [f"warning: {remark}" for remark in remarks]
    assert len(remarks) == 1


@needs_data
def test_the_command_prints_the_remarks_of_real_series(tmp_path: Path) -> None:
    for series in real("ct-thorax-4mm", "ct-scouts-summary-mixed", "mr-ts-zoo"):
        printed = run_process(series, tmp_path / "out.webp", "--root", DATA / "idc").messages
        remarks = preview(Options(series, root=DATA / "idc")).unwrap().remarks
        assert printed == [f"warning: {remark}" for remark in remarks]


def test_unwrap_of_a_failure_raises_its_words(tmp_path: Path) -> None:
    refused = preview(Options(uuid_for("none"), root=tmp_path, quality=101))
    absent = preview(Options(uuid_for("none"), root=tmp_path))
    for result in (refused, absent):
        assert not is_successful(result)
        with pytest.raises(NoPreview) as raised:
            result.unwrap()
        assert str(raised.value) == str(result.failure()) != ""


def test_path_objects_are_taken_wherever_a_path_is(tmp_path: Path) -> None:
    made = make_series(tmp_path, 3)
    index, out, found = tmp_path / "i.parquet", tmp_path / "out.png", tmp_path / "map.json"
    assert is_successful(build_index(IndexOptions(made.uuid, output=index, root=tmp_path)))
    assert len(open_index(index).unwrap().names) == 3
    options = Options(tmp_path / made.uuid, output=out, index=index, map=found)
    by_index = preview(options).unwrap()
    by_root = preview(Options(made.uuid, root=tmp_path)).unwrap()
    assert np.array_equal(by_index.pixels, by_root.pixels)
    assert out.read_bytes() == by_root.encode("png") == by_root._repr_png_()
    assert found.exists()


def test_a_picture_is_an_array(tmp_path: Path) -> None:
    picture = preview(Options(make_series(tmp_path, 3).uuid, root=tmp_path)).unwrap()
    assert np.array_equal(np.asarray(picture), picture.pixels)
    assert np.asarray(picture, np.float32).dtype == np.float32
    changed = np.array(picture)
    changed[...] = 7
    assert not np.array_equal(changed, picture.pixels)
