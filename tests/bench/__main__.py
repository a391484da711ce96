"""Measure the command: `python -m tests.bench [--rounds 7] [--json bench.json] [--only WORD]`.

Every case runs once to fill the caches, and then in turn with all others, so that a busy machine slows all of
them alike.  Seconds mean little from machine to machine; the ratio to the floor (floor.py) means more.  That of
the processor's time, user and system, tells whether waiting or work made the difference.
With DSP_TEST_DATA the everyday series is a real CT of 105 slices, else the demo's 120.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from attrs import asdict

from tests.bench.measure import QUIET, Case, CaseFailedError, Limit, Row, row, run_once
from tests.support.s3server import spawn

LATENCY = 0.040  # s a request
BANDWIDTH = 400e6 / 8  # bytes/s a connection
HEADER = 8 * 1024  # bytes a header may cost
MEGABYTE = 1 << 20
COMMAND = (sys.executable, "-m", "dicom_series_preview")


def _from_process(module: str, *arguments: str) -> Any:
    """What a module of this folder prints as JSON, run in a process of its own."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def _cases(data: dict[str, Any], folder: Path, stack: ExitStack) -> Iterator[Case]:
    out = str(folder / "out.webp")
    root, series, n = data["root"], data["series"], data["instances"]
    everyday = (*COMMAND, series, out, "--root")
    floor = Path(__file__).with_name("floor.py")
    yield Case(
        "floor", (sys.executable, str(floor), out, str(data["center"]), str(data["width"]), *data["files"])
    )
    yield Case("local", (*everyday, root), Limit(0.75, 0.85, memory=90 * MEGABYTE))
    yield Case("local --position 0.5", (*everyday, root, "--position", "0.5"), Limit(0.6))
    yield Case("--help", (*COMMAND, "--help"), Limit(0.45))
    yield Case("build-index --help", (*COMMAND, "build-index", "--help"), Limit(0.45))
    yield Case("--version", (*COMMAND, "--version"), Limit(0.06))
    yield Case("wrong argument", (*COMMAND, series, out, "--quality", "101"), Limit(0.3), status=1)

    def remote(
        name: str, served: str, latency: float, bandwidth: float | None, *more: str, limit: Limit
    ) -> Case:
        server = stack.enter_context(spawn(Path(served), latency, bandwidth))
        environment = {"AWS_ENDPOINT_URL": server.endpoint, "AWS_ALLOW_HTTP": "true"}
        return Case(name, (*COMMAND, *more, "--root", "s3://bucket"), limit, server, environment)

    whole = Limit(
        0.75, extra=6 * LATENCY, requests=1 + n + 36, sent=int((n * HEADER + data["pixel_bytes"]) * 1.05)
    )
    yield remote("S3 40 ms", root, LATENCY, BANDWIDTH, series, out, limit=whole)
    single = Limit(requests=1 + n + 1)
    yield remote(
        "S3 40 ms --position 0.5", root, LATENCY, BANDWIDTH, series, out, "--position", "0.5", limit=single
    )
    frames = 36 * 512 * 512 * 2
    huge = Limit(requests=1 + 1 + 36, sent=int((HEADER + frames) * 1.05))
    yield remote("S3 2 GB multi-frame", data["made"], 0.0, None, data["huge"], out, limit=huge)
    for count, name in data["long"].items():  # a listing, the headers and at most 8 more, the pictures
        most = Limit(requests=1 + int(count) + 8 + min(int(count), 36))
        yield remote(f"S3, {count} long headers", data["made"], LATENCY, None, name, out, limit=most)
    for count, name in data["many"].items():
        yield Case(f"local {int(count):,} instances", (*COMMAND, name, out, "--root", data["made"]))

    index = str(folder / "series.parquet")
    build = (*COMMAND, "build-index", series, index, "--root", root)
    if subprocess.run(build, capture_output=True, check=False).returncode or not Path(index).exists():
        print("left out: --index, as build-index made no index", file=sys.stderr)
    else:
        yield Case("local --index", (*everyday, root, "--index", index), Limit(1.1))
        only = Limit(1.1, extra=4 * LATENCY, requests=36, lists=0)
        yield remote("S3 40 ms --index", root, LATENCY, BANDWIDTH, series, out, "--index", index, limit=only)
        yield Case("build-index, local", build, Limit(1.3))


def _measured(cases: list[Case], rounds: int) -> list[Case]:
    """Run all cases in turn, `rounds` times; those that do not run at all are named and left out."""
    able = []
    for case in cases:
        try:
            run_once(case, cold=True)
            able.append(case)
        except CaseFailedError as error:
            print(f"left out: {error}", file=sys.stderr)
    for done in range(rounds):
        print(f"round {done + 1} of {rounds}", file=sys.stderr)
        for case in able:
            run_once(case)
    return able


def _machine() -> dict[str, Any]:
    libraries = ("pydicom", "numpy", "Pillow", "obstore", "pyarrow", "cyclopts")
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in libraries},
        "load": round(os.getloadavg()[0], 1),
    }


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _table(rows: list[Row]) -> Iterator[str]:
    yield "| case | s | floors | limit | CPU, floors | limit | MB | requests | bytes sent | misses |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|"
    floor = rows[0].seconds
    for one in rows:
        limit = None if one.limit is None else one.limit / floor
        cells = (
            one.name,
            f"{one.seconds:.3f}",
            f"{one.floors:.2f}",
            _number(limit, ".2f"),
            f"{one.cpu_floors:.2f}",
            _number(one.cpu_limit, ".2f"),
            f"{one.memory / MEGABYTE:.0f}",
            _number(one.requests, ","),
            _number(one.sent, ","),
            ", ".join(one.misses),
        )
        yield "| " + " | ".join(cells) + " |"


def _kernel_table(kernels: list[dict[str, Any]]) -> Iterator[str]:
    yield "| inner loop | ms | plain, ms | ratio | limit |"
    yield "|---|---:|---:|---:|---:|"
    for one in kernels:
        ratio = one["ours"] / one["plain"]
        yield f"| {one['name']} | {one['ours']:.1f} | {one['plain']:.1f} | {ratio:.2f} | {one['limit']:.2f} |"


def _notes(rows: list[Row], floor: Case, memory: dict[str, int]) -> Iterator[str]:
    """What follows from the rows together, with what it should be at most."""
    calm = "quiet" if floor.spread <= QUIET else "busy: of times nothing is concluded"
    yield f"the machine was {calm} (the floor's own runs spread by {floor.spread:.0%}, limit {QUIET:.0%})"
    yield "after {} warm previews of mixed series {:.0f} MB, after {} {:.0f} MB (limit 150)".format(
        *(part for count, held in memory.items() for part in (count, held / MEGABYTE))
    )
    named = {one.name: one for one in rows}
    few, many = named.get("local 1,000 instances"), named.get("local 10,000 instances")
    if few and many:
        grown = (many.memory - few.memory) / 9000
        yield f"memory grows by {grown:,.0f} bytes an instance (limit 2,048)"
        yield f"time grows by {(many.seconds - few.seconds) / 9:.3f} s for 1,000 instances"


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    parser.add_argument("--only", default="", help="measure the floor and the cases whose name has this word")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        data = _from_process("data", scratch)
        cases = list(_cases(data, Path(scratch), stack))
        wanted = [case for case in cases if case.name == "floor" or options.only in case.name]
        measured = _measured(wanted, options.rounds)
        folder = str(Path(data["root"], data["series"]))
        center, width = str(data["center"]), str(data["width"])
        warm = _from_process("warm", data["root"], data["series"], center, width, *data["files"])
        kernels = [*_from_process("kernels", folder), _from_process("index", folder), *warm["kernels"]]
    rows = [row(case, measured[0]) for case in measured]
    notes = list(_notes(rows, measured[0], warm["memory"]))
    print("\n".join([*_table(rows), "", *_kernel_table(kernels), "", *notes]))
    result = {
        **_machine(),
        "rounds": options.rounds,
        "rows": [asdict(one) for one in rows],
        "kernels": kernels,
        "notes": notes,
    }
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
