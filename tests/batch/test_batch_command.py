"""The command `batch`: workers, signals, folders, tables."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen
from uuid import UUID

import duckdb
import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest
from distributed import LocalCluster

from dicom_series_preview.shell.batch.engine import Given
from tests.command.here import run
from tests.command.process import COMMAND, Ran, environment, s3, start, wait_until
from tests.support.dicom import make_object, make_series, uuid_for
from tests.support.s3server import Conditions, Server, serve

ROOT = Path(__file__).parents[2]
COUNT = 24
NAMES = [f"series {number}" for number in range(COUNT)]
UUIDS = [uuid_for(name) for name in NAMES]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with so many small series, each of other pixels; the last holds no image."""
    folder = tmp_path_factory.mktemp("root")
    for number, name in enumerate(NAMES[:-1]):

        def slice_of(i: int, number: int = number, name: str = name) -> bytes:
            pixels = np.full((16, 16), 40 * i + number, np.uint16)
            return make_object(
                series=name,
                instance_number=i,
                position=(0.0, 0.0, 4.0 * i),
                pixels=pixels,
                PatientName="Doe^Jane",
                PatientID="PID-4711",
                PatientBirthDate="19700131",
            )

        make_series(folder, 3, slice_of, name)
    (folder / UUIDS[-1]).mkdir()
    (folder / UUIDS[-1] / "notes.txt").write_text("no DICOM object")
    return folder


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "list.txt"
    file.write_text("# a cohort\n" + "".join(f"{uuid}\n" for uuid in UUIDS))
    return file


def batch(
    listed: Path, out: Path, root: Path | str, *options: str, env: Mapping[str, str] | None = None
) -> Ran:
    """By threads of this process in place of workers, which start slowly: for all that is not about them."""
    with ThreadPoolExecutor(2) as executor, pytest.MonkeyPatch.context() as patched:
        engine = Given(executor, 2, None)
        patched.setattr("dicom_series_preview.shell.batch.run.Pool", lambda _: engine)
        return run("batch", listed, out, "--root", root, *options, env=env)


def rows(out: Path) -> pd.DataFrame:
    """All rows of a folder, without what differs from run to run."""
    found = pd.read_parquet(out / "results")
    return found.drop(columns=["seconds", "cpu"]).sort_values("series").reset_index(drop=True)


def pictures(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.glob("??/*.webp")}


def is_clean(out: Path) -> bool:
    """Whether nothing is there but pictures, rows and what the folder remembers."""
    names = {path.name for path in out.iterdir()}
    inner = {path.suffix for path in out.rglob("*") if path.is_file()}
    return inner <= {".webp", ".parquet", ".json"} and not any(name.startswith(".") for name in names)


@pytest.fixture(scope="module")
def done(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """A whole run by one worker."""
    folder = tmp_path_factory.mktemp("done")
    file = folder / "list.txt"
    file.write_text("\n".join(UUIDS))
    return folder / "out", run("batch", file, folder / "out", "--root", root, "--workers", "1")


def test_each_series_has_its_row_and_its_picture(done: tuple[Path, Ran]) -> None:
    out, ran = done
    assert ran.status == 1  # one has no picture
    assert ran.out.startswith(f"{COUNT - 1} of {COUNT} series have a picture")
    assert ran.out.endswith("; 1 failed.\n")
    assert ran.messages[-1].startswith(f"Why stands in the column words of {out / 'results'}")
    found = rows(out).set_index("series")
    assert sorted(found.index) == sorted(UUIDS)
    failed = found.loc[UUIDS[-1]]
    assert (failed["status"], failed["fault"], failed["path"]) == ("failed", "NoObjects", "")
    made = found.drop(UUIDS[-1])
    assert set(made["status"]) == {"made"}
    assert set(pictures(out)) == set(made["path"])
    assert set(made["slices"]) == {3}
    assert all(len(pictures(out)[row.path]) == row.bytes for row in made.itertuples())
    told = found.to_json() + (out / "batch.json").read_text()
    assert not any(word in told for word in ("Doe", "4711", "19700131"))
    assert is_clean(out)


def test_many_ways_lead_to_the_same_rows_and_bytes(
    done: tuple[Path, Ran], root: Path, listed: Path, tmp_path: Path
) -> None:
    out, _ = done
    two, shards, tables = tmp_path / "two", tmp_path / "shards", tmp_path / "tables"
    run("batch", listed, two, "--root", root, "--workers", "2")
    batch(listed, shards, root, "--shard", "1/2")
    batch(listed, shards, root, "--shard", "2/2")
    pd.DataFrame({"crdc_series_uuid": [uuid.upper() for uuid in UUIDS]}).to_parquet(tmp_path / "list.parquet")
    batch(tmp_path / "list.parquet", tables, root)
    for other in (two, shards, tables):
        pd.testing.assert_frame_equal(rows(other), rows(out))
        assert pictures(other) == pictures(out)
        assert is_clean(other)


def test_a_dask_cluster_gives_the_same(
    done: tuple[Path, Ran], root: Path, listed: Path, tmp_path: Path
) -> None:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        ran = run("batch", listed, tmp_path / "out", "--root", root, "--scheduler", address)
    assert ran.out.startswith(f"{COUNT - 1} of {COUNT} series have a picture")
    pd.testing.assert_frame_equal(rows(tmp_path / "out"), rows(done[0]))
    assert pictures(tmp_path / "out") == pictures(done[0])
    assert is_clean(tmp_path / "out")


def test_a_scheduler_that_is_not_there_is_told(root: Path, listed: Path, tmp_path: Path) -> None:
    nobody = ("--scheduler", "tcp://127.0.0.1:9", "--timeout", "0.5")
    ran = run("batch", listed, tmp_path / "out", "--root", root, *nobody)
    assert (ran.status, ran.out) == (1, "")
    assert "The Dask cluster at tcp://127.0.0.1:9 cannot be used" in ran.err


def test_run_again_nothing_is_asked_for(root: Path, listed: Path, tmp_path: Path) -> None:
    with serve(root) as server:
        arguments = ("batch", listed, tmp_path / "out", "--root", "s3://bucket", "--workers", "2")
        first = run(*arguments, env=s3(server.endpoint))
        asked = len(server.requests)
        assert server.connections <= 2 * 16  # those of a worker serve all its series
        again = run(*arguments, env=s3(server.endpoint))
        assert asked == rows(tmp_path / "out")["requests"].sum()
        assert len(server.requests) == asked
    assert first.out.startswith(f"{COUNT - 1} of {COUNT}")
    assert again.out.startswith(f"{COUNT - 1} of {COUNT} series have a picture (0 made now")
    assert "1 failed before" in again.out


def test_other_options_are_refused(done: tuple[Path, Ran], root: Path, listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(done[0], out)
    refused = batch(listed, out, root, "--image-width", "32")
    assert refused.status == 1
    assert "image_width was not given, now 32" in refused.err
    assert pictures(out) == pictures(done[0])
    batch(listed, out, root, "--image-width", "32", "--overwrite")
    assert len(rows(out)) == COUNT
    assert set(rows(out)["width"]) == {0, 2 * 32}
    assert set(pictures(out)) == set(pictures(done[0]))


def test_what_failed_is_tried_again_when_asked(
    done: tuple[Path, Ran], root: Path, listed: Path, tmp_path: Path
) -> None:
    out, mended = tmp_path / "out", tmp_path / "root"
    shutil.copytree(done[0], out)
    (out / "batch.json").write_text((out / "batch.json").read_text().replace(str(root), str(mended)))
    shutil.copytree(root, mended)
    shutil.copytree(root / UUIDS[0], mended / UUIDS[-1], dirs_exist_ok=True)
    lost = next(iter(pictures(out)))
    (out / lost).unlink()
    left = batch(listed, out, mended)
    assert "(1 made now" in left.out
    assert "1 failed before" in left.out
    ran = batch(listed, out, mended, "--retry-failed")
    assert ran.out.startswith(f"{COUNT} of {COUNT} series have a picture (1 made now")
    assert ran.status == 0
    assert sorted(rows(out)["series"]) == sorted(UUIDS)


def _processes_of(out: Path) -> list[str]:
    """The processes that know of this folder, but for this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"BATCH_OF={out}".encode() in environment:
                found.append(entry.name)
    return found


@pytest.fixture
def slow(root: Path) -> Iterator[Server]:
    with serve(root, Conditions(latency=0.05)) as server:
        yield server


def _begin(listed: Path, out: Path, env: Mapping[str, str]) -> Popen[str]:
    arguments = ("batch", listed, out, "--root", "s3://bucket", "--workers", "2")
    return start(*arguments, env={**env, "BATCH_OF": str(out)})


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_run_that_is_ended_leaves_nobody_behind_and_is_gone_on_with(
    done: tuple[Path, Ran], slow: Server, listed: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"
    process = _begin(listed, out, s3(slow.endpoint))
    wait_until(lambda: len(pictures(out)) >= 4)
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if name == "SIGKILL" else 1)
    assert name == "SIGKILL" or err == "Interrupted.\n"
    wait_until(lambda: _processes_of(out) == [])
    before = pictures(out)
    assert name == "SIGKILL" or is_clean(out)
    ran = batch(listed, out, "s3://bucket", env=s3(slow.endpoint))
    assert ran.out.startswith(f"{COUNT - 1} of {COUNT}")
    assert f"({COUNT - 1} made now" not in ran.out
    assert is_clean(out)
    assert {path: pictures(out)[path] for path in before} == before
    assert pictures(out) == pictures(done[0])
    assert sorted(rows(out)["series"]) == sorted(UUIDS)


def test_two_runs_do_not_share_a_folder(root: Path, listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with serve(root, Conditions(silent_after=20)) as server:
        process = _begin(listed, out, s3(server.endpoint))
        wait_until(lambda: len(server.requests) > 20)
        second = batch(listed, out, "s3://bucket", env=s3(server.endpoint))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert (second.status, second.out) == (1, "")
    assert "another run is at work in it" in second.err
    assert is_clean(out)


def test_a_folder_that_cannot_be_written_ends_the_batch_and_blames_no_series(
    done: tuple[Path, Ran], root: Path, listed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    full = ["bash", "-c", 'ulimit -f 1; exec "$@"', "bash", *COMMAND]  # no file beyond 1 KiB
    arguments = ["batch", str(listed), str(out), "--root", str(root), "--workers", "2"]
    # Python would keep modules that it compiles, cut at 1 KiB, for all who come after.
    env = environment({"PYTHONDONTWRITEBYTECODE": "1"})
    ran = subprocess.run([*full, *arguments], env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"error: The output folder {out} cannot be used: ")
    assert ran.stderr.endswith(" cannot be written: File too large.\n")
    again = batch(listed, out, root)
    assert again.out.startswith(f"{COUNT - 1} of {COUNT}")
    assert "failed before" not in again.out
    assert pictures(out) == pictures(done[0])
    assert is_clean(out)


def test_a_part_that_is_no_table_of_rows_is_told_with_what_to_do(
    done: tuple[Path, Ran], root: Path, listed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(done[0], out)
    part = next((out / "results").iterdir())
    for damage in (b"", part.read_bytes()[:-9], None):
        if damage is None:
            pd.DataFrame({"series": UUIDS}).to_parquet(part)
        else:
            part.write_bytes(damage)
        for options in ((), ("--overwrite",)):
            ran = batch(listed, out, root, *options)
            assert (ran.status, ran.out) == (1, "")
            assert f"{part} cannot be read" in ran.err
            assert "remove it, and the series in it are made again" in ran.err
    part.unlink()
    assert batch(listed, out, root).out.startswith(f"{COUNT - 1} of {COUNT}")
    assert pictures(out) == pictures(done[0])


def test_a_refusal_loses_nothing_that_a_killed_run_has_left(
    root: Path, slow: Server, listed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = _begin(listed, out, s3(slow.endpoint))
    wait_until(lambda: len(pictures(out)) >= 4)
    process.kill()
    process.communicate(timeout=60)
    wait_until(lambda: _processes_of(out) == [])
    left = sorted(str(path) for path in out.rglob("*.jsonl"))
    assert "were made with other options" in batch(listed, out, root).err
    assert sorted(str(path) for path in out.rglob("*.jsonl")) == left != []


def test_the_rows_are_read_everywhere(done: tuple[Path, Ran]) -> None:
    results = str(done[0] / "results" / "*.parquet")
    query = f"SELECT series, fault, words FROM '{results}' WHERE status <> 'made'"
    failures = duckdb.connect().execute(query).fetchall()
    assert [(series, fault) for series, fault, _ in failures] == [(UUIDS[-1], "NoObjects")]
    by_size = pl.read_parquet(results).sort("bytes_read", descending=True)
    assert by_size["series"][-1] == UUIDS[-1]
    assert len(pd.read_parquet(done[0] / "results")) == COUNT


QUESTIONS = re.findall(r"^SELECT .*?;", (ROOT / "docs" / "results.md").read_text(), flags=re.MULTILINE)


def test_the_questions_of_the_docs_are_answered(done: tuple[Path, Ran]) -> None:
    asked = [query.replace("previews/", f"{done[0]}/") for query in QUESTIONS if "previews/results" in query]
    failed, empty, largest = (duckdb.connect().execute(query).fetchall() for query in asked)
    assert [row[0] for row in failed] == [row[0] for row in empty] == [UUIDS[-1]]
    assert [row[2] for row in largest] == [3] * 20


def test_bad_lines_are_told_at_once_and_nothing_is_begun(root: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(f"{UUIDS[0]}\nct chest\n\n# fine\ncp s3://bucket/0a/*\n{UUIDS[1]}\n")
    ran = batch(listed, tmp_path / "out", root)
    assert ran.status == 1
    told = ran.err.splitlines()
    assert told[0] == f"error: 2 lines name no series in {listed}:"
    assert [line.partition(":")[2].strip()[:6] for line in told[1:]] == ["line 2", "line 5"]
    assert not (tmp_path / "out").exists()


def test_a_dry_run_counts_and_writes_nothing(
    done: tuple[Path, Ran], root: Path, listed: Path, tmp_path: Path
) -> None:
    listed.write_text(listed.read_text() + UUIDS[3] + "\n")
    fresh = batch(listed, tmp_path / "out", root, "--dry-run")
    assert (fresh.status, fresh.out) == (0, f"{COUNT} series: {COUNT} to do, 0 made, 0 failed.\n")
    assert f"1 of {COUNT + 1} series are named more than once" in fresh.err
    assert not (tmp_path / "out").exists()
    known = batch(listed, done[0], root, "--dry-run")
    assert known.out == f"{COUNT} series: 0 to do, {COUNT - 1} made, 1 failed.\n"


def test_nothing_is_written_among_the_series(root: Path, listed: Path) -> None:
    before = sorted(root.rglob("*"))
    for out in (root, root / UUIDS[0] / "out", root / UUIDS[1]):
        assert "give a" in batch(listed, out, root).err
    everything = run("batch", "--all", "--root", root, root / "out")
    assert "give a folder outside of it" in everything.err
    assert sorted(root.rglob("*")) == before


def test_an_index_saves_listing_and_headers(root: Path, listed: Path, tmp_path: Path) -> None:
    with serve(root) as server:
        first, second = tmp_path / "first", tmp_path / "second"
        batch(listed, first, "s3://bucket", "--with-index", env=s3(server.endpoint))
        asked = len(server.requests)
        batch(listed, second, "s3://bucket", "--index", str(first), env=s3(server.endpoint))
        later = server.requests[asked:]
    assert len(list(first.glob("??/*.parquet"))) == COUNT - 1
    assert pictures(second) == pictures(first)
    assert [request.kind for request in later] == ["get"] * 3 * (COUNT - 1)


def test_series_that_hang_are_timed_out_and_made_another_time(
    done: tuple[Path, Ran], root: Path, listed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("batch", listed, out, "--root", "s3://bucket", "--workers", "2", "--timeout", "300")
    with serve(root, Conditions(hang=0.02)) as server:
        run(*arguments, "--series-timeout", "3", "--retries", "0", env=s3(server.endpoint))
    hung = rows(out)[rows(out)["status"] == "timed_out"]
    assert len(hung) > 0
    assert set(hung["fault"]) == {"SeriesTimedOut"}
    assert len(rows(out)) == COUNT
    with serve(root) as server:
        ran = batch(listed, out, "s3://bucket", "--timeout", "300", "--retry-failed", env=s3(server.endpoint))
    assert ran.out.startswith(f"{COUNT - 1} of {COUNT} series have a picture")
    assert pictures(out) == pictures(done[0])
    assert is_clean(out)


def test_a_map_tells_what_stands_where(root: Path, listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch(listed, out, root, "--map", "--format", "png")
    images = {path.with_suffix("").name for path in out.glob("??/*.png")}
    maps = {path.with_suffix("").name: json.loads(path.read_text()) for path in out.glob("??/*.json")}
    assert maps.keys() == images == set(UUIDS[:-1])
    assert {len(found["tiles"]) for found in maps.values()} == {3}
    assert all(found["image"] == f"{name}.png" for name, found in maps.items())


def test_all_of_a_root(done: tuple[Path, Ran], root: Path, tmp_path: Path) -> None:
    ran = batch(Path("--all"), tmp_path / "out", root)
    assert ran.out.startswith(f"{COUNT - 1} of {COUNT}")
    assert pictures(tmp_path / "out") == pictures(done[0])


MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def test_a_hundred_thousand_lines_are_checked_in_little_memory(tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    lines = (f"cp s3://bucket-{number % 3}/{UUID(int=number * 7919)}/* .\n" for number in range(100_000))
    listed.write_text("# a manifest\n" + "".join(lines))
    command = [*COMMAND, "batch", str(listed), str(tmp_path / "out"), "--dry-run"]
    # What a process started counts as its largest size begins with that of the one that started it: a small one.
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *command],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    said, used = done.stdout.splitlines()
    assert said == "100000 series: 100000 to do, 0 made, 0 failed."
    seconds, size = map(float, used.split())
    assert seconds < 30  # of processor time; they are read in about three
    assert size < 300 * 1024  # KiB
