"""OUTPUT is written whole or not at all, and what is said on the way goes where it belongs."""

from __future__ import annotations

import os
import re
import resource
import stat
import subprocess
from pathlib import Path
from shlex import quote

import pexpect  # type: ignore[import-untyped]
import pytest
from PIL import Image

from tests.command.here import run
from tests.command.process import COMMAND, environment, run_process, s3, start
from tests.support.dicom import MadeSeries, make_object, make_series, uuid_for
from tests.support.s3server import Conditions, serve

J2K_LOSSLESS = "1.2.840.10008.1.2.4.90"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_output_that_cannot_be_written_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "folder.webp").mkdir()
    (tmp_path / "file").write_text("no folder")
    os.mkfifo(tmp_path / "pipe.webp")
    (tmp_path / "lost.webp").symlink_to(tmp_path / "no folder" / "out.webp")
    (tmp_path / "circle.webp").symlink_to(tmp_path / "circle.webp")
    outputs = {
        "folder.webp": "it is a folder",
        "missing/out.webp": "no folder missing",
        "file/out.webp": "no folder file",
        "pipe.webp": "a pipe",
        "lost.webp": "no folder",
        "circle.webp": "symbolic links",
        f"{'n' * 300}.webp": "name too long",
        "/proc/out.webp": "",  # where not even the administrator can make a file
    }
    before = sorted(tmp_path.rglob("*"))
    with serve({}) as server:
        for output, reason in outputs.items():
            done = run(
                uuid_for("x"), output, "--root", "s3://bucket", folder=tmp_path, env=s3(server.endpoint)
            )
            assert (done.status, done.out) == (1, ""), output
            assert len(done.messages) == 1, output
            assert f"{output} cannot be written" in done.err
            assert reason in done.err
        assert server.requests == []
    assert sorted(tmp_path.rglob("*")) == before


def test_a_read_only_folder_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    # An administrator may write to any folder, but that of a file system which allows it to nobody.
    folder = tmp_path if os.geteuid() else Path("/sys")
    with serve({}) as server:
        done = run(uuid_for("x"), folder / "out.webp", "--root", "s3://bucket", env=s3(server.endpoint))
        assert server.requests == []
    assert (done.status, done.out) == (1, "")
    assert re.search(r"out\.webp cannot be written: (Permission denied|Read-only file system)\.\n", done.err)


@pytest.mark.parametrize("old", [None, b"an older picture"], ids=["new", "old"])
def test_a_full_disk_leaves_what_was_there(
    root: Path, series: MadeSeries, tmp_path: Path, old: bytes | None
) -> None:
    out = tmp_path / "out.webp"
    if old is not None:
        out.write_bytes(old)
    before = contents(tmp_path)
    done = subprocess.run(
        [*COMMAND, series.uuid, out, "--root", root],
        env=environment({"PYTHONDONTWRITEBYTECODE": "1"}),  # or half of them is left, for good
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"error: .*/out\.webp cannot be written: File too large\.\n", done.stderr)
    assert contents(tmp_path) == before


def test_too_little_memory_is_said_so(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    """A mosaic of 63000 x 63000 px, which JPEG could hold, within 3 GB."""
    options = ("--concurrency", "2", "--tile-width", "450", "--image-width", "140")
    done = subprocess.run(
        [*COMMAND, series.uuid, str(tmp_path / "out.jpg"), "--root", str(root), *options],
        env=environment({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: there is not enough memory: use fewer tiles or a smaller --image-width.\n"
    assert contents(tmp_path) == {}


def test_a_failed_run_leaves_an_older_picture_alone(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.webp"
    out.write_bytes(b"an older picture")
    assert run(uuid_for("missing"), out, "--root", root).status == 1
    assert contents(tmp_path) == {"out.webp": b"an older picture"}


def test_an_older_picture_is_replaced(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    out = tmp_path / "out.webp"
    out.write_bytes(b"an older picture" * 10_000)
    assert run(series.uuid, out, "--root", root).status == 0
    with Image.open(out) as image:
        image.load()
    assert list(contents(tmp_path)) == ["out.webp"]


def test_a_picture_is_made_like_any_file(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    """Its permissions are what the user's mask leaves."""
    out = tmp_path / "out.webp"
    mask = os.umask(0o027)
    try:
        assert run(series.uuid, out, "--root", root, "--position", "0").status == 0
    finally:
        os.umask(mask)
    assert stat.S_IMODE(out.stat().st_mode) == 0o640


def test_a_link_stays_a_link(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out.webp").symlink_to("elsewhere/real.webp")
    assert run(series.uuid, tmp_path / "out.webp", "--root", root, "--position", "0").status == 0
    assert (tmp_path / "out.webp").is_symlink()
    with Image.open(tmp_path / "elsewhere" / "real.webp") as image:
        assert image.size == (128, 128)


def test_two_runs_at_once_write_one_whole_picture(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    out = tmp_path / "out.webp"
    options: list[list[str]] = [["--position", "0"], []]
    alone = []
    for more in options:
        assert run(series.uuid, out, "--root", root, *more).status == 0
        alone.append(out.read_bytes())
    processes = [start(series.uuid, out, "--root", root, *more) for more in options * 3]
    assert [process.communicate() for process in processes] == [("", "")] * 6
    assert [process.returncode for process in processes] == [0] * 6
    assert out.read_bytes() in alone
    assert list(contents(tmp_path)) == ["out.webp"]


def test_verbose_tells_each_phase(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    done = run(series.uuid, tmp_path / "out.webp", "--root", root, "-v")
    assert (done.status, done.out) == (0, "")
    assert all(message.startswith("info: ") for message in done.messages)
    size = sum(path.stat().st_size for path in (root / series.uuid).iterdir())
    for words in (
        f"{series.uuid} under {root}",
        rf"105 headers, {size:,} bytes, in [0-9.]+ s",
        r"105 slices, axis Z \(superior to inferior\), 105 positions 4 mm apart",
        r"36 images, 0 bytes, in [0-9.]+ s",
        r"width 105, center 52.5",
        rf"WebP of 768x768 px, {(tmp_path / 'out.webp').stat().st_size:,} bytes",
    ):
        assert re.search(words, done.err), words


def test_verbose_tells_bytes_and_windows_from_a_server(tmp_path: Path) -> None:
    from tests.command.test_same_everywhere import OBJECTS, SLICES, UUID

    with serve(OBJECTS) as server:
        done = run(
            *(UUID, tmp_path / "out.webp", "--root", "s3://bucket", "--tile-width", "3", "--verbose"),
            *("--contrast-preset", "auto"),
            env=s3(server.endpoint),
        )
        frames = 9 * 128 * 128 * 2
    assert f"{SLICES} headers, {SLICES * 5120:,} bytes" in done.err
    assert f"9 images, {frames:,} bytes" in done.err
    assert re.search(r"window of CT images, from pixels: width [0-9.]+, center -?[0-9.]+\n", done.err)


def test_without_verbose_a_good_run_says_nothing(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    done = run(series.uuid, tmp_path / "out.webp", "--root", root)
    assert (done.status, done.out, done.err) == (0, "", "")


def damaged_j2k(i: int) -> bytes:
    """A code stream whose tile part claims a length that is not its own; decoders print about it."""
    whole = make_object(position=(0, 0, i), transfer_syntax=J2K_LOSSLESS, instance_number=i)
    at = whole.index(b"\xff\x90\x00\x0a") + 6
    return whole[:at] + (7000).to_bytes(4, "big") + whole[at + 4 :] if i == 1 else whole


def test_what_decoders_print_stays_off_stderr(tmp_path: Path) -> None:
    made = make_series(tmp_path, 3, damaged_j2k)
    done = run_process(made.uuid, tmp_path / "out.webp", "--root", tmp_path)
    assert (done.status, done.out) == (0, "")
    assert all(message.startswith("warning: ") for message in done.messages)
    assert len(done.messages) <= 1


def test_real_undecodable_frames_leave_one_line_each(tmp_path: Path) -> None:
    folder = os.environ.get("DSP_TEST_DATA")
    if folder is None:
        pytest.skip("DSP_TEST_DATA names no folder of real series")
    rows = (line.split("\t") for line in (Path(folder) / "series.tsv").read_text().splitlines())
    names = {row[0]: row[1] for row in rows}
    done = run_process(
        *(names["ct-phantom-j2k-undecodable"], tmp_path / "out.webp", "--root", Path(folder) / "idc"),
        *("--tile-width", "2"),
    )
    assert done.out == ""
    assert all(message.startswith(("warning: ", "error: ")) for message in done.messages)
    assert done.status == 0 or list(tmp_path.iterdir()) == []


def broken(i: int) -> bytes:
    whole = make_object(position=(0, 0, i), instance_number=i + 1)
    return whole[:-20] if i == 1 else whole


def test_a_broken_instance_is_a_black_tile_and_a_warning(tmp_path: Path) -> None:
    made = make_series(tmp_path, 3, broken)
    done = run(made.uuid, tmp_path / "out.webp", "--root", tmp_path)
    assert (done.status, done.out) == (0, "")
    (message,) = done.messages
    assert message.startswith("warning: black tile: ")
    assert made.names[1] in message
    assert "ends at byte" in message


def test_the_one_slice_asked_for_has_to_be_readable(tmp_path: Path) -> None:
    made = make_series(tmp_path, 3, broken)
    done = run(made.uuid, tmp_path / "out.webp", "--root", tmp_path, "--position", "0.5")
    assert done.status == 1
    (message,) = done.messages
    assert message.startswith("error: ")
    assert made.names[1] in message
    assert not (tmp_path / "out.webp").exists()


def screen(*arguments: str | Path, **more: str) -> tuple[int, str]:
    """Status, and what comes to a terminal."""
    terminal = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], *map(str, arguments)],
        env=environment({"TERM": "xterm", **more}),
        encoding="utf-8",
        timeout=60,
        dimensions=(24, 120),
    )
    terminal.expect(pexpect.EOF)
    terminal.close()
    return int(terminal.exitstatus), str(terminal.before)


def test_a_terminal_sees_a_bar_of_headers_and_pixels(tmp_path: Path) -> None:
    from tests.command.test_same_everywhere import OBJECTS, SLICES, UUID

    with serve(OBJECTS, Conditions(latency=0.2)) as server:
        status, seen = screen(
            *(UUID, tmp_path / "out.webp", "--root", "s3://bucket", "--concurrency", "4"),
            **s3(server.endpoint),
        )
    assert status == 0
    assert "headers" in seen
    assert "pixels" in seen
    assert f"/{SLICES}" in seen
    assert re.search(r"[1-9][0-9,]* bytes", seen)


def test_warnings_on_a_terminal_are_not_lost_in_the_bar(tmp_path: Path) -> None:
    made = make_series(tmp_path, 3, broken)
    status, seen = screen(made.uuid, tmp_path / "out.webp", "--root", tmp_path)
    assert status == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    assert re.search(r"(^|[\r\n])warning: black tile: ", plain)


def test_the_demo_prints_the_command_it_ran(tmp_path: Path) -> None:
    done = run_process("demo", "a folder", folder=tmp_path)
    assert (done.status, done.err) == (0, "")
    with Image.open(tmp_path / "a folder" / "demo.webp") as image:
        assert image.size == (768, 768)
        image.load()
    made = (tmp_path / "a folder" / "demo.webp").read_bytes()
    (tmp_path / "a folder" / "demo.webp").unlink()
    command = done.out.strip()
    assert command.startswith("dicom-series-preview ")
    again = subprocess.run(
        f"{quote(COMMAND[0])} -m dicom_series_preview {command.partition(' ')[2]}",
        shell=True,
        cwd=tmp_path,
        env=environment(),
        check=True,
        capture_output=True,
    )
    assert (again.stdout, again.stderr) == (b"", b"")
    assert (tmp_path / "a folder" / "demo.webp").read_bytes() == made
