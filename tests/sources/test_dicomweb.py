"""Series behind DICOMweb: the same picture as from files, whatever habits the server has, or true words."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, Final

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import JPEGLosslessSV1, RLELossless
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import check_preview
from dicom_series_preview.shell.outputs.picture import Picture
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.preview import make_picture
from tests.support.dicom import make_object, plane, uid_for
from tests.support.dicomweb import DicomWeb, Habits, dicomweb
from tests.support.orthanc import METADATA_MODES, Orthanc, orthanc, why_not
from tests.support.pipeline import lut

DATA: Final = Path(os.environ.get("DSP_TEST_DATA", ""))
NO_ORTHANC: Final = why_not()
needs_orthanc = pytest.mark.skipif(NO_ORTHANC is not None, reason=NO_ORTHANC or "")
needs_data = pytest.mark.skipif("DSP_TEST_DATA" not in os.environ, reason="DSP_TEST_DATA names no real data")
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

WHOLE_AND_ONE: Final[tuple[dict[str, Any], ...]] = ({}, {"position": 0.4})
STUDY, SERIES = uid_for("study"), uid_for("series")


@pytest.fixture(autouse=True)
def _no_logins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DICOMWEB_TOKEN", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def preview(series: str, root: str | None = None, **options: Any) -> Picture | str:
    """The picture, or the words of the refusal."""
    asked = check_preview(Options(series, "a.webp", root, **options)).unwrap()
    made = make_picture(asked, Counter())
    return made.unwrap() if is_successful(made) else str(made.failure())


def from_files(objects: Sequence[bytes], folder: Path, **options: Any) -> Picture | str:
    folder.mkdir(exist_ok=True)
    for number, content in enumerate(objects):
        (folder / f"{number}.dcm").write_bytes(content)
    return preview(str(folder), **options)


def address(server: DicomWeb | Orthanc, study: str = STUDY, series: str = SERIES) -> str:
    return f"{server.root}/studies/{study}/series/{series}"


def pixels_of(picture: Picture | str) -> np.ndarray[Any, Any]:
    assert not isinstance(picture, str), picture
    return picture.pixels


def same(one: Picture | str, other: Picture | str) -> bool:
    return bool(np.array_equal(pixels_of(one), pixels_of(other)))


# --- Real series in Orthanc --------------------------------------------------------------------------------


def _series() -> dict[str, str]:
    if "DSP_TEST_DATA" not in os.environ:
        return {}
    with (DATA / "series.tsv").open(encoding="utf-8") as lines:
        return {row["name"]: row["series"] for row in csv.DictReader(lines, delimiter="\t")}


UNSHOWN: Final = {
    "ct-dose-report-nopx": "holds no pixel data",
    "ct-phantom-j2k-undecodable": "cannot be decoded",
    "explvr-be-nometa": "holds no image",
    "sr-basic": "holds no image",
}
"""Series that Orthanc takes and that show nothing, from files either."""


def _all_of(name: str) -> list[Path]:
    """The objects of a real series, one for each SOPInstanceUID: a server keeps one of several."""
    found: dict[str, Path] = {}
    for path in sorted((DATA / "idc" / _series()[name]).rglob("*")):
        if path.is_file():
            one = dcmread(path, force=True, specific_tags=["SOPInstanceUID"], stop_before_pixels=True)
            found.setdefault(str(one.get("SOPInstanceUID", path)), path)
    return list(found.values())


MOST: Final = 40
"""Objects of a series that are stored: a mosaic of 36 tiles still leaves some out."""


@cache
def _kept(name: str) -> tuple[bytes, ...]:
    """Objects of a real series, from its begin to its end."""
    paths = _all_of(name)
    return tuple(path.read_bytes() for path in paths[:: -(-len(paths) // MOST)])


@cache
def _of_files(name: str) -> tuple[Picture | str, ...]:
    """The pictures of these objects from files."""
    with TemporaryDirectory() as folder:
        return tuple(from_files(_kept(name), Path(folder), **options) for options in WHOLE_AND_ONE)


def _uids(content: bytes) -> tuple[str, str]:
    one = dcmread(BytesIO(content), force=True, stop_before_pixels=True)
    return str(one.get("StudyInstanceUID", "")), str(one.get("SeriesInstanceUID", ""))


POOR: Final = (
    *("asl-multi", "ct-qiicr-3slice", "ct-scouts-summary-mixed", "dti-ge-coronal", "enh-mr-knee-19f"),
    *("enh-siemens-xa10", "mr-cine-sax", "rtdose-15f", "sm-tiled-rgb", "us-palette-rle-10f"),
)
"""Series to which it matters that metadata leave elements out, or guess them."""


def _cases() -> list[tuple[str, str]]:
    shown = [name for name in _series() if name not in UNSHOWN]
    return [(name, mode) for mode in METADATA_MODES for name in shown if mode == "Full" or name in POOR]


@needs_orthanc
@needs_data
@pytest.mark.parametrize(("name", "mode"), _cases())
def test_orthanc_gives_the_picture_of_the_files(
    name: str, mode: str, orthanc_of: Callable[[str], Orthanc]
) -> None:
    objects = _kept(name)
    study, series = _uids(objects[0])
    server = orthanc_of(mode)
    if server.store(objects) < len(objects):
        pytest.skip("Orthanc does not take it")
    for options, files in zip(WHOLE_AND_ONE, _of_files(name), strict=True):
        assert same(preview(address(server, study, series), **options), files)
    assert server.is_alive


@needs_orthanc
@needs_data
@pytest.mark.parametrize("name", ["ct-dose-report-nopx", "explvr-be-nometa", "sr-basic"])
def test_orthanc_shows_nothing_where_there_is_nothing(
    name: str, orthanc_of: Callable[[str], Orthanc]
) -> None:
    objects = _kept(name)
    server = orthanc_of("Full")
    assert server.store(objects) == len(objects)
    words = preview(address(server, *_uids(objects[0])))
    assert isinstance(words, str)
    assert "holds no image" in words or "it holds no pixel data" in words


@needs_orthanc
@needs_data
def test_a_ct_costs_few_requests() -> None:
    """A search, the metadata, and one request for each tile."""
    objects = [path.read_bytes() for path in _all_of("ct-thorax-4mm")]
    study, series = _uids(objects[0])
    with orthanc(login="user:secret") as server:
        root = f"dicomweb+{server.root.replace('://', '://user:secret@')}"
        denied = preview(series, f"dicomweb+{server.root}")
        server.store(objects, "user:secret")
        mosaic = preview(series, root)
        single = preview(address(server, study, series).replace("://", "://user:secret@"), position=0.5)
    assert isinstance(denied, str)
    assert "DICOMWEB_TOKEN" in denied
    assert "secret" not in denied
    assert not isinstance(mosaic, str)
    assert mosaic.requests == 1 + 1 + 36
    assert not isinstance(single, str)
    assert single.requests == 1 + 1


# --- Made series at a server of our own --------------------------------------------------------------------


def _of(number: int, **elements: Any) -> dict[str, Any]:
    return {
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": SERIES,
        "SOPInstanceUID": f"{SERIES}.{number}",
        "InstanceNumber": number,
        "position": (0.0, 0.0, -5.0 * number),
        **elements,
    }


def _ramp(number: int, frames: int | None = None) -> np.ndarray[Any, Any]:
    shape = (8, 8) if frames is None else (frames, 8, 8)
    return (np.arange(np.prod(shape), dtype=np.uint16).reshape(shape) * 3 + 40 * number) % 256


def _plain() -> list[bytes]:
    """Slices with windows of their own."""
    return [
        make_object(pixels=_ramp(n), **_of(n, WindowCenter=60 + 40 * n, WindowWidth=100 + 30 * n))
        for n in range(4)
    ]


def _with_tables() -> list[bytes]:
    """Slices whose modality LUT, in OW, turns them upside down."""
    table = lut((256, 0, 16), [255 - n for n in range(256)])
    own = {"ModalityLUTSequence": table, "RescaleSlope": None, "RescaleIntercept": None, "WindowCenter": 128}
    return [make_object(pixels=_ramp(n), **_of(n, WindowWidth=256, **own)) for n in range(3)]


def _palette() -> list[bytes]:
    """Frames of indices into colours, in OW."""
    colours = {
        f"{channel}PaletteColorLookupTable{part}": value
        for place, channel in enumerate(("Red", "Green", "Blue"))
        for part, value in (
            ("Descriptor", [256, 0, 16]),
            ("Data", np.roll(np.arange(256, dtype="<u2") * 257, 60 * place).tobytes()),
        )
    }
    pixels = _ramp(0, 4).astype(np.uint8)
    return [make_object(pixels=pixels, photometric="PALETTE COLOR", **_of(1, NumberOfFrames=4, **colours))]


def _enhanced(**more: Any) -> list[bytes]:
    """Two objects of frames with places and windows of their own."""
    made = []
    for number in (1, 2):
        groups = [
            plane(
                (0.0, 0.0, -10.0 * frame - 3.0 * number),
                FrameVOILUTSequence=[{"WindowCenter": 50 + 20 * frame, "WindowWidth": 90 + 10 * number}],
            )
            for frame in range(5)
        ]
        own = _of(number, NumberOfFrames=5, WindowCenter=None, WindowWidth=None, **more)
        made.append(make_object(pixels=_ramp(number, 5).astype(np.uint16), per_frame=groups, **own))
    return made


MADE: Final[Mapping[str, list[bytes]]] = {
    "plain": _plain(),
    "tables": _with_tables(),
    "palette": _palette(),
    "enhanced": _enhanced(),
    "enhanced RLE": _enhanced(transfer_syntax=RLELossless),
    "enhanced JPEG": _enhanced(transfer_syntax=JPEGLosslessSV1),
}

EQUAL: Final[Mapping[str, Habits]] = {
    "as the standard says": Habits(),
    "no OB, OW, UN in metadata": Habits(no_words=True),
    "BulkDataURIs of a wrong host": Habits(bulk_words=True),
    "few elements": Habits(few_elements=True),
    "no metadata of one object": Habits(no_own=True),
    "the first object's values for all": Habits(guessed=True),
    "no boundary": Habits(lost_boundary=True),
    "parts without syntax": Habits(no_syntax=True),
    "syntax in the quotes": Habits(syntax_within=True),
    "a single part": Habits(single_part=True),
    "500 on frames": Habits(no_frames=500),
    "404 on frames": Habits(no_frames=404),
}


@cache
def _of_made_files(made: str) -> tuple[Picture | str, ...]:
    with TemporaryDirectory() as folder:
        return tuple(from_files(MADE[made], Path(folder), **options) for options in WHOLE_AND_ONE)


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("habit", EQUAL)
def test_a_habit_changes_nothing(made: str, habit: str) -> None:
    with dicomweb(MADE[made], EQUAL[habit]) as server:
        for options, files in zip(WHOLE_AND_ONE, _of_made_files(made), strict=True):
            found = preview(address(server), **options)
            assert same(found, files)
            assert not isinstance(found, str)
            assert not isinstance(files, str)
            assert list(map(type, found.remarks)) == list(map(type, files.remarks))
    pixels = [asked for asked in server.asked if asked.kind in ("object", "frames")]
    assert all("transfer-syntax=*" in asked.fields["accept"] for asked in pixels)
    assert all(asked.fields["accept-encoding"] == "identity" for asked in pixels)
    told = [asked for asked in server.asked if asked not in pixels]
    assert all(asked.fields["accept-encoding"] == "gzip" for asked in told)


@pytest.mark.parametrize("made", ["plain", "enhanced", "enhanced RLE"])
@pytest.mark.parametrize(
    "options", [{"cine": True}, {"contrast_preset": ("lung", "file")}, {"labels": "all"}]
)
def test_every_view_is_that_of_the_files(made: str, options: dict[str, Any], tmp_path: Path) -> None:
    files = from_files(MADE[made], tmp_path / "files", **options)
    with dicomweb(MADE[made]) as server:
        assert same(preview(address(server), **options), files)


@pytest.mark.parametrize(("made", "frames"), [("enhanced", 2), ("enhanced RLE", 2), ("palette", 1)])
def test_frames_come_in_one_request_an_object(made: str, frames: int) -> None:
    with dicomweb(MADE[made]) as server:
        pixels_of(preview(address(server)))
    kinds = server.kinds()
    assert (kinds.get("frames", 0), kinds.get("object", 0)) == (frames, 0)


def test_frames_that_are_refused_are_asked_for_once() -> None:
    """Then the whole object is, once an object and not once a frame."""
    with dicomweb(MADE["enhanced"], Habits(no_frames=500)) as server:
        pixels_of(preview(address(server)))
    kinds = server.kinds()
    assert (kinds["frames"], kinds["object"]) == (2, 2)


def test_tables_that_are_not_told_make_frames_of_no_use() -> None:
    """Colours come from the object itself."""
    with dicomweb(MADE["palette"], Habits(no_words=True)) as server:
        pixels_of(preview(address(server)))
    assert "frames" not in server.kinds()


WRONG: Final[Mapping[str, tuple[Habits, str]]] = {
    "one part too many": (Habits(extra_part=True), "parts, not one"),
    "a page": (Habits(html=True), "Is it the address of a DICOMweb service?"),
    "nothing": (Habits(nothing=True), f"There is no series {SERIES} under dicomweb+http://"),
    "login": (Habits(authorization="Bearer x"), "DICOMWEB_TOKEN"),
    "elsewhere": (Habits(elsewhere="http://other.invalid"), "points to another, http://other.invalid"),
}


@pytest.mark.parametrize("made", ["plain", "enhanced"])
@pytest.mark.parametrize("habit", WRONG)
def test_what_is_wrong_ends_in_true_words(made: str, habit: str) -> None:
    habits, words = WRONG[habit]
    with dicomweb(MADE[made], habits) as server:
        found = preview(address(server))
    assert isinstance(found, str)
    assert words in found


def test_an_object_that_is_cut_shows_what_is_there() -> None:
    """Frames that are too short are refused; of the object, cut as well, all but the last frame are there."""
    with dicomweb(MADE["plain"], Habits(cut_parts=True)) as server:
        words = preview(address(server))
    assert isinstance(words, str)
    assert "None of 4 objects could be shown" in words
    assert "cannot be found in the pixel data" in words
    with dicomweb(MADE["enhanced"], Habits(cut_parts=True)) as server:
        found = preview(address(server))
    assert not isinstance(found, str)
    assert "Frame 5 cannot be found in the pixel data" in str(found.remarks[0])


def test_another_object_than_was_asked_for_is_not_shown() -> None:
    swapped = [make_object(pixels=_ramp(n), **_of(n, SOPInstanceUID=f"{SERIES}.{3 - n}")) for n in (1, 2)]
    with dicomweb(swapped, Habits(object_of={f"{SERIES}.1": f"{SERIES}.2"})) as server:
        found = preview(address(server))
    assert not isinstance(found, str)
    assert "the server gives another object for it" in str(found.remarks[0])


def test_a_series_is_found_by_its_uid_and_by_a_viewer_s_page(tmp_path: Path) -> None:
    files = from_files(MADE["plain"], tmp_path / "files")
    with dicomweb(MADE["plain"]) as server:
        root = f"dicomweb+{server.root}"
        host = server.root.removesuffix("/dicom-web")
        page = f"{host}/viewer?StudyInstanceUIDs={STUDY}&SeriesInstanceUIDs={SERIES}"
        assert same(preview(SERIES, root), files)
        assert same(preview(page, root), files)
        assert same(preview(f"{address(server)}/metadata"), files)


def test_metadata_that_take_their_time_are_waited_for() -> None:
    speak = Event()
    with dicomweb(MADE["plain"], Habits(silent=speak)) as server:
        # Shorter than a second, after which waiting counts as progress: the server speaks after the timeout.
        asked = check_preview(Options(address(server), "a.webp", timeout=0.4)).unwrap()

        class Waiting(Counter):
            def arrived(self, size: int) -> None:
                super().arrived(size)
                speak.set()

        assert is_successful(make_picture(asked, Waiting()))
