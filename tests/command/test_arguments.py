"""What is wrong with a command line is said at once, in plain words, before anything is asked or written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dicom_series_preview import __version__
from tests.command.here import run
from tests.command.process import s3
from tests.support.s3server import Server, serve

UID = "38902e14-b11f-4548-910e-771ee757dc82"
HEX = UID.replace("-", "")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve({}) as running:
        yield running


def refused(server: Server, folder: Path, *arguments: str, **more: str) -> list[str]:
    """The messages of a run that has to end before the first request, and before it touches anything."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = run(*arguments, folder=folder, env=s3(server.endpoint, **more))
    assert (done.status, done.out) == (1, "")
    assert done.messages
    assert all(message.startswith("error: ") and message.endswith((".", "?")) for message in done.messages)
    assert "Traceback" not in done.err
    assert server.requests == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    return done.messages


GOOD = (UID, "out.webp")

ONE_MISTAKE: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    # what is given, and what the one message has to name
    ((UID, "out.gif"), ("'out.gif'", ".webp", ".jpg", ".jpeg")),
    ((UID, "out"), ("'out'", ".webp")),
    ((UID, ".webp"), ("'.webp'",)),
    ((UID, "out.webp.bak"), ("'out.webp.bak'",)),
    ((UID, ""), ("''", ".webp")),
    ((UID,), ("OUTPUT",)),
    (("", "out.webp"), ("''", "empty")),
    (("38902e14", "out.webp"), ("'38902e14'", "8 hexadecimal digits", "*")),
    (("3890-2e14*", "out.webp"), ("'3890-2e14*'", "hyphens")),
    (("38*9", "out.webp"), ("'38*9'", "*")),
    (("*", "out.webp"), ("'*'", "hexadecimal digit")),
    (("xyz*", "out.webp"), ("'xyz*'", "hexadecimal digit")),
    ((UID + "0", "out.webp"), ("33 hexadecimal digits",)),
    (("1..2", "out.webp"), ("'1..2'", "UID")),
    (("demmo", "out.webp"), ("'demmo'", "the command demo?")),
    (("build_index", "./series", "out.parquet"), ("'build_index'", "the command build-index?")),
    (("knee", "out.webp"), ("'knee'", "'./knee'")),
    (("knee", "out.webp", "--root", "my scans"), ("'knee'", "'my scans/knee'")),
    (("knee", "out.webp", "--root", "s3://bucket/dicom/"), ("'knee'", "'s3://bucket/dicom/knee'")),
    (("headers", "knee", "--root", "/data"), ("'knee'", "'/data/knee'")),
    (("headers", "knee"), ("'knee'", "'./knee'")),
    (("build-index", "knee", "out.parquet", "--root", "scans"), ("'knee'", "'scans/knee'")),
    ((*GOOD, "--root", "s3:/bucket"), ("'s3:/bucket'", "two slashes come after s3:")),
    ((*GOOD, "--root", ""), ("''", "s3://")),
    ((*GOOD, "--root", "ftp://host/x"), ("'ftp://host/x'",)),
    ((*GOOD, "--tile-width", "0"), ("--tile-width 0", "at least 1")),
    ((*GOOD, "--tile-width", "-3"), ("--tile-width -3", "at least 1")),
    ((*GOOD, "--tile-height", "0"), ("--tile-height 0", "at least 1")),
    ((*GOOD, "--image-width", "0"), ("--image-width 0", "at least 1")),
    ((*GOOD, "--image-width", "abc"), ("--image-width abc", "whole number")),
    ((*GOOD, "--image-width", "1.5"), ("--image-width 1.5", "whole number")),
    ((*GOOD, "--image-width", "1e2"), ("--image-width 1e2", "whole number")),
    ((*GOOD, "--image-width", "1_0"), ("--image-width 1_0", "whole number")),
    ((*GOOD, "--image-width", "٣"), ("--image-width ٣", "whole number")),
    ((*GOOD, "--image-width", ""), ("--image-width ''", "whole number")),
    ((*GOOD, "--image-width", "9" * 5000), ("--image-width 999", "whole number")),
    ((*GOOD, "--image-width", "2731", "--tile-width", "6"), ("16386", "WebP", "16383", "--image-width")),
    ((*GOOD, "--image-width", "99999999999999999999"), ("WebP", "16383")),
    ((UID, "out.jpg", "--tile-width", "65536", "--image-width", "1"), ("65536", "JPEG", "65500")),
    ((*GOOD, "--tile-height", "16384", "--image-width", "1"), ("16384 px high", "16383")),
    ((*GOOD, "--contrast-preset", "lungs"), ("lungs", "lung, bone, brain", "auto")),
    ((*GOOD, "--contrast-preset", "LUNG"), ("LUNG", "lung")),
    ((*GOOD, "--contrast-preset", ""), ("--contrast-preset ''",)),
    ((*GOOD, "--window-width", "400"), ("--window-width", "--window-center")),
    ((*GOOD, "--window-center", "-500"), ("--window-center", "--window-width")),
    ((*GOOD, "--window-width", "0", "--window-center", "40"), ("--window-width 0", "above 0")),
    ((*GOOD, "--window-width", "-400", "--window-center", "40"), ("--window-width -400", "above 0")),
    ((*GOOD, "--window-width", "nan", "--window-center", "40"), ("--window-width nan", "finite")),
    ((*GOOD, "--window-width", "inf", "--window-center", "40"), ("--window-width inf", "finite")),
    ((*GOOD, "--window-width", "400", "--window-center", "-inf"), ("--window-center -inf", "finite")),
    ((*GOOD, "--window-width", "wide", "--window-center", "4"), ("--window-width wide", "a number")),
    ((*GOOD, "--start", "-0.1"), ("--start -0.1", "0 to 1")),
    ((*GOOD, "--start", "1.0000001", "--end", "1"), ("--start 1.0000001", "0 to 1")),
    ((*GOOD, "--end", "1.5"), ("--end 1.5", "0 to 1")),
    ((*GOOD, "--end", "nan"), ("--end nan", "0 to 1")),
    ((*GOOD, "--start", "0.6", "--end", "0.4"), ("--start 0.6", "0.4")),
    ((*GOOD, "--start", "half", "--end", "0.4"), ("--start half", "a number")),
    ((*GOOD, "--position", "2"), ("--position 2", "0 to 1")),
    ((*GOOD, "--position", "inf"), ("--position inf", "0 to 1")),
    ((*GOOD, "--position", "0.5", "--start", "0"), ("--position", "--start")),
    ((*GOOD, "--position", "0.5", "--end", "1"), ("--position", "--end")),
    ((*GOOD, "--position", "0.5", "--tile-width", "6"), ("--position", "--tile-width")),
    ((*GOOD, "--position", "0.5", "--tile-height", "6"), ("--position", "--tile-height")),
    ((*GOOD, "--position", "0.5", "--slice-offset", "x"), ("--slice-offset x", "whole number")),
    ((*GOOD, "--slice-offset", "1"), ("--slice-offset", "--position")),
    ((*GOOD, "--slice-offset", "-1"), ("--slice-offset", "--position")),
    ((*GOOD, "-q", "101"), ("--quality 101", "0 to 100")),
    ((*GOOD, "--quality=-1"), ("--quality -1", "0 to 100")),
    ((*GOOD, "-q", "x"), ("-q x", "whole number")),
    ((*GOOD, "--concurrency", "0"), ("--concurrency 0",)),
    ((*GOOD, "--concurrency", "1000000"), ("--concurrency 1000000",)),
    ((*GOOD, "--timeout", "0"), ("--timeout 0",)),
    ((*GOOD, "--timeout", "nan"), ("--timeout nan",)),
    ((*GOOD, "--timeout", "1e300"), ("--timeout 1e+300",)),
    ((*GOOD, "--qualty", "5"), ("--qualty", "--quality?")),
    ((*GOOD, "--qualty=5"), ("--qualty", "--quality?")),
    ((*GOOD, "--no-verbose"), ("--no-verbose", "--verbose?")),
    ((*GOOD, "--window", "400/40"), ("--window.", "--window-width or --window-center?")),
    ((*GOOD, "-x"), ("-x", "--help")),
    ((*GOOD, "more.webp"), ("'more.webp'", "too many")),
    ((*GOOD, "--quality"), ("--quality needs a value",)),
    ((*GOOD, "-q"), ("-q needs a value",)),
    ((*GOOD, "--root"), ("--root needs a value",)),
    ((*GOOD, "--tile-width", "2", "--tile-width", "3"), ("--tile-width", "multiple times")),
    ((*GOOD, "--verbose=perhaps"), ("--verbose takes no value", "'perhaps'")),
    (("demo",), ("FOLDER is missing",)),
    (("gallery",), ("OUTDIR is missing",)),
    (("demo", "new", "more"), ("'more'", "too many")),
    (("demo", "new", "--verbos"), ("--verbos", "--verbose?")),
]


@pytest.mark.parametrize(("arguments", "named"), ONE_MISTAKE, ids=lambda value: " ".join(value)[:60])
def test_a_mistake_is_one_paragraph_that_names_it(
    server: Server, tmp_path: Path, arguments: tuple[str, ...], named: tuple[str, ...]
) -> None:
    messages = refused(server, tmp_path, *arguments)
    assert len(messages) == 1
    assert [words for words in named if words not in messages[0]] == []


def test_all_mistakes_are_told_at_once(server: Server, tmp_path: Path) -> None:
    messages = refused(
        server,
        tmp_path,
        *("abc", "out.gif", "--root", "ftp://x", "--quality=abc", "--tile-width=x", "--tile-height", "0"),
        *("--start", "2", "--end", "nan", "--window-width", "0", "--contrast-preset", "none"),
        *("--slice-offset", "-1", "--timeout", "0", "--concurrency", "-1", "--bogus"),
    )
    named: tuple[str, ...] = (
        "'abc'",
        "'out.gif'",
        "'ftp://x'",
        "--quality abc",
        "--tile-width x",
        "--tile-height 0",
    )
    named += ("--start 2", "--end nan", "--window-width 0", "--contrast-preset none", "--slice-offset")
    named += ("--timeout 0", "--concurrency -1", "--bogus", "cannot be used with", "--window-center")
    assert [words for words in named if not any(words in message for message in messages)] == []
    assert len(messages) == len(set(messages))


def test_nothing_at_all_is_two_arguments_missing(server: Server, tmp_path: Path) -> None:
    messages = refused(server, tmp_path)
    assert [message.split()[1] for message in messages] == ["SERIESUID", "OUTPUT"]
    messages = refused(server, tmp_path, "batch")
    assert [message.split()[1] for message in messages] == ["SERIES", "OUTDIR"]


def test_missing_arguments_do_not_hide_what_else_is_wrong(server: Server, tmp_path: Path) -> None:
    messages = refused(server, tmp_path, UID, "--tile-width", "0")
    assert len(messages) == 2
    assert "OUTPUT is missing" in messages[0]
    assert "--tile-width 0" in messages[1]


def test_the_value_of_an_unknown_option_is_not_taken_for_the_series(server: Server, tmp_path: Path) -> None:
    messages = refused(server, tmp_path, "--qualty", "3", *GOOD, "--tile-width", "0")
    assert "--qualty" in messages[0]
    assert not any("series identifier" in message or "extension" in message for message in messages)
    assert any("--tile-width 0" in message for message in messages)


def test_several_unknown_options_are_all_named(server: Server, tmp_path: Path) -> None:
    messages = refused(server, tmp_path, "--tile-widht=3", *GOOD, "--image-with=3", "-z")
    assert [message.split()[-1] for message in messages] == ["--tile-width?", "--image-width?", "--help."]


def test_after_two_hyphens_everything_is_an_argument(server: Server, tmp_path: Path) -> None:
    messages = refused(server, tmp_path, "--", "-9", "--root")
    assert len(messages) == 2
    assert "'-9' is no series identifier" in messages[0]
    assert "'--root' has no extension" in messages[1]


@pytest.mark.parametrize(
    ("variable", "text"), [("CONCURRENCY", "abc"), ("TIMEOUT", "soon"), ("CONCURRENCY", "0")]
)
def test_a_wrong_environment_variable_is_named(
    server: Server, tmp_path: Path, variable: str, text: str
) -> None:
    name = f"DICOM_SERIES_PREVIEW_{variable}"
    (message,) = refused(server, tmp_path, *GOOD, **{name: text})
    assert text in message
    assert name in message or f"--{variable.lower()}" in message


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_tells_every_option_with_its_default(option: str) -> None:
    done = run(option)
    assert (done.status, done.err) == (0, "")
    text = " ".join(done.out.replace("│", " ").split())
    groups = ("Storage", "Tiling", "Contrast", "Range Selection", "Output", "Utility")
    places = [text.index(f"{group} Options") for group in groups]
    assert places == sorted(places)
    defaults = {
        "--root": "s3://idc-open-data",
        "--tile-width": "6",
        "--tile-height": "same as --tile-width",
        "--image-width": "128",
        "--contrast-preset": "the file's own window",
        "--window-width": None,
        "--window-center": None,
        "--start": "0.0",
        "--end": "1.0",
        "--position": None,
        "--slice-offset": "0",
        "--quality": "25",
        "--concurrency": "64",
        "--timeout": "20",
        "--verbose": None,
    }
    for name, default in defaults.items():
        after = text[text.rindex(f" {name} ") :]
        assert default is None or f"[default: {default}" in after
        before_next = after.split("[default", 1)[0]
        assert len(before_next.split()) > 4, f"{name} has no meaning"
    for preset in ("auto", "lung", "bone", "brain", "abdomen", "mediastinum", "liver", "soft_tissue"):
        assert preset in text
    assert "False" not in text
    assert "-q" in text
    assert "-v" in text
    assert "Usage: dicom-series-preview [OPTIONS] SERIESUID OUTPUT" in text
    assert "demo" in text


def test_help_of_a_subcommand_is_its_own() -> None:
    done = run("demo", "--help")
    assert (done.status, done.err) == (0, "")
    assert "FOLDER" in done.out
    assert "SERIESUID" not in done.out


def test_the_version_is_the_packages() -> None:
    done = run("--version")
    assert (done.status, done.out, done.err) == (0, f"{__version__}\n", "")
