"""One object at fault costs its tile, whatever is at fault; all at fault alike end the run, and are told once."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from tests.command.here import run
from tests.command.process import Ran
from tests.support.dicom import make_object
from tests.support.scripted import VIEW, Asked, Reply, good, ranged, s3_bucket, scripted, shown, web_folder

BAD = "2.dcm"
OBJECTS = {f"{number}.dcm": good(number) for number in range(4)}


def lying(asked: Asked) -> Reply:
    """Another range than was asked for."""
    wrong = {
        "Content-Range": "bytes 100-199/9999",
        "ETag": '"1"',
        "Last-Modified": "Tue, 02 Jan 2024 03:04:05 GMT",
    }
    return Reply(206, bytes(100), wrong) if "range" in asked.headers else Reply(200, bytes(100), wrong)


FAULTS: dict[str, Callable[[Asked], Reply]] = {
    "busy": lambda _: Reply(503),
    "refused": lambda _: Reply(400),
    "forbidden": lambda _: Reply(403),
    "gone": lambda _: Reply(404),
    "lost": lambda _: Reply(302, headers={"Location": "http://no-such-host.invalid/"}),
    "silent": lambda _: Reply(hang=True),
    "without content": lambda _: Reply(204),
    "another protocol": lambda _: Reply(raw=[b"HTTP/1.1 101 Switching Protocols\r\n\r\n"]),
    "lying": lying,
    "over": lambda _: Reply(416, headers={"Content-Range": "bytes */5"}),
}


def s3(server_url: str, out: Path, *more: str) -> Ran:
    env = {"AWS_ENDPOINT_URL": server_url, "no_proxy": "*"}
    return run("s3://b/s", out, *VIEW, *more, env=env)


def web(server_url: str, out: Path, *more: str) -> Ran:
    return run(f"{server_url}/s", out, *VIEW, *more, env={"no_proxy": "*"})


def patience(fault: str) -> tuple[str, ...]:
    """Short with silence, which is waited for three times."""
    return ("--timeout", "1") if fault == "silent" else ()


KINDS = {
    "s3": (s3, s3_bucket({f"s/{name}": data for name, data in OBJECTS.items()})),
    "web": (web, web_folder(OBJECTS)),
}


def only(
    answer: Callable[[Asked], Reply], fault: Callable[[Asked], Reply], bad: str
) -> Callable[[Asked], Reply]:
    """A server that answers as `fault` says when an object whose name ends in `bad` is asked for."""
    return lambda asked: fault(asked) if asked.path.endswith(bad) else answer(asked)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_one_object_at_fault_is_left_out(tmp_path: Path, kind: str, fault: str) -> None:
    ask, answer = KINDS[kind]
    with scripted(only(answer, FAULTS[fault], BAD)) as server:
        ran = ask(server.url, tmp_path / "a.webp", *patience(fault))
    assert (ran.status, ran.out) == (0, ""), ran.err
    assert shown(str(tmp_path / "a.webp"), 3) == [0, 1, 3]
    (warning,) = ran.messages
    assert BAD in warning


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_all_objects_at_fault_end_the_run(tmp_path: Path, kind: str, fault: str) -> None:
    ask, answer = KINDS[kind]
    with scripted(only(answer, FAULTS[fault], ".dcm")) as server:
        ran = ask(server.url, tmp_path / "a.webp", *patience(fault))
    assert ran.status == 1
    assert not (tmp_path / "a.webp").exists()
    errors = [line for line in ran.messages if line.startswith("error: ")]
    assert len(errors) == 1
    assert len(ran.messages) <= 2
    assert ".dcm" in errors[0]


def local(folder: Path, out: Path, columns: int) -> Ran:
    for name, data in OBJECTS.items():
        if name != BAD:
            (folder / name).write_bytes(data)
    ran = run(folder, out, *VIEW)
    assert (ran.status, ran.out) == (0, ""), ran.err
    assert shown(str(out), columns) == [0, 1, 3]
    return ran


def test_a_link_to_itself_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "loop.dcm").symlink_to("loop.dcm")
    assert "loop.dcm" in local(tmp_path / "s", tmp_path / "a.webp", 3).err


def test_folders_too_deep_for_the_system_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    here = os.open(tmp_path / "s", os.O_RDONLY)
    for _ in range(2500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    try:
        assert "name too long" in local(tmp_path / "s", tmp_path / "a.webp", 3).err.lower()
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "s")], check=True)


def test_a_name_that_is_no_utf8_is_shown(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "s")
    os.mkdir(folder)
    try:
        with open(folder + b"/\xff\xfe.dcm", "wb") as file:
            file.write(OBJECTS[BAD])
    except OSError:
        pytest.skip("this file system allows no such name")
    for name, data in OBJECTS.items():
        if name != BAD:
            (tmp_path / "s" / name).write_bytes(data)
    ran = run(tmp_path / "s", tmp_path / "a.webp", *VIEW)
    assert (ran.status, ran.err) == (0, "")
    assert shown(str(tmp_path / "a.webp"), 4) == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_that_changes_while_it_is_read_is_not_mixed(tmp_path: Path, kind: str) -> None:
    def large(number: int, level: int) -> bytes:
        pixels = np.full((400, 400), level, np.uint16)
        return make_object(position=(0.0, 0.0, -float(number)), pixels=pixels, instance_number=number)

    first, second = large(1, 40_000), large(1, 10_000)
    still = large(2, 20_000)
    asked_for: list[str] = []

    def change(asked: Asked) -> Reply:
        asked_for.append(asked.path)
        if len(asked_for) == 1:
            return ranged(first, asked)
        return ranged(second, asked, {"ETag": '"2"'})

    ask, _ = KINDS[kind]
    objects = {"1.dcm": first, "2.dcm": still}
    answer = (
        s3_bucket({f"s/{name}": data for name, data in objects.items()})
        if kind == "s3"
        else web_folder(objects)
    )
    with scripted(only(answer, change, "1.dcm")) as server:
        ran = ask(server.url, tmp_path / "a.webp", "--concurrency", "1")
    assert ran.status == 0, ran.err
    assert len(asked_for) > 1
    assert "changed while it was read" in ran.err


def test_sizes_of_zero_in_a_listing_are_told(tmp_path: Path) -> None:
    inner = s3_bucket({f"s/{name}": data for name, data in OBJECTS.items()})

    def answer(asked: Asked) -> Reply:
        reply = inner(asked)
        if asked.path != "/b":
            return reply
        sizes = {f"<Size>{len(data)}</Size>".encode() for data in OBJECTS.values()}
        body = reply.body
        for size in sizes:
            body = body.replace(size, b"<Size>0</Size>")
        return evolve(reply, body=body)

    with scripted(answer) as server:
        ran = s3(server.url, tmp_path / "a.webp")
    assert ran.status == 1
    assert "listed as empty" in ran.err
