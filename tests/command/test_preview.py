"""The pictures that come out: which slices they show, where, and in which order."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.command.conftest import SLICES
from tests.command.here import run
from tests.command.pictures import evenly, numbers, open_grey, shrunk, tiles
from tests.support.dicom import CORONAL, SAGITTAL, MadeSeries, make_object, make_series, uid_for

BEST = ("--quality", "100")


def shown(root: Path, out: Path, series: str, *options: str, columns: int = 1, rows: int = 1) -> list[int]:
    """Which of the numbered slices a picture shows."""
    done = run(series, out, "--root", root, *BEST, *options)
    assert (done.status, done.out, done.err) == (0, "", "")
    return numbers(out, columns, rows, SLICES)


def test_a_mosaic_runs_from_head_to_foot_and_holds_both_ends(
    root: Path, series: MadeSeries, tmp_path: Path
) -> None:
    found = shown(root, tmp_path / "out.jpg", series.uuid, columns=6, rows=6)
    assert found == evenly(SLICES, 36)
    assert (found[0], found[-1]) == (0, SLICES - 1)


def test_a_mosaic_is_webp_of_six_by_six_tiles(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    out = tmp_path / "out.webp"
    found = shown(root, out, series.uuid, columns=6, rows=6)
    with Image.open(out) as image:
        assert (image.size, image.format) == ((768, 768), "WEBP")
    # WebP's colours are a grey level off, which here is almost half a slice.
    assert np.abs(np.subtract(found, evenly(SLICES, 36))).max() <= 1


@pytest.mark.parametrize(
    ("options", "index"),
    [
        (("--position", "0.0"), 0),
        (("--position", "0"), 0),
        (("--position", "0.5"), 52),
        (("--position", "1.0"), 104),
        (("--position", "0.25"), 26),
        (("--position", "0.5", "--slice-offset", "1"), 53),
        (("--position", "0.5", "--slice-offset", "-1"), 51),
        (("--position=0.0", "--slice-offset=5"), 5),
        (("--position", "1.0", "--slice-offset", "-3"), 101),
        (("--position", "0.5", "--slice-offset", "+52"), 104),
        (("--slice-offset", "-104", "--position", "1"), 0),
    ],
)
def test_a_position_shows_one_slice(
    root: Path, series: MadeSeries, tmp_path: Path, options: tuple[str, ...], index: int
) -> None:
    assert shown(root, tmp_path / "out.jpg", series.uuid, *options) == [index]
    assert open_grey(tmp_path / "out.jpg").shape == (128, 128)


@pytest.mark.parametrize(
    ("position", "offset", "end"),
    [("0.0", "-1", "before the first"), ("0.0", "105", "past the last"), ("1.0", "1", "past the last")],
)
def test_an_offset_past_an_end_names_the_valid_indices(
    root: Path, series: MadeSeries, tmp_path: Path, position: str, offset: str, end: str
) -> None:
    out = tmp_path / "out.webp"
    done = run(series.uuid, out, "--root", root, "--position", position, "--slice-offset", offset)
    assert (done.status, done.out) == (1, "")
    assert len(done.messages) == 1
    for words in (f"--slice-offset {offset}", end, "0-104"):
        assert words in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_range_of_one_point_shows_one_slice_and_black_tiles(
    root: Path, series: MadeSeries, tmp_path: Path
) -> None:
    found = shown(
        root, tmp_path / "out.jpg", series.uuid, "--start", "0.5", "--end", "0.5", columns=6, rows=6
    )
    assert found == [52] + [0] * 35
    assert max(int(tile.max()) for tile in tiles(tmp_path / "out.jpg", 6, 6)[1:]) <= 1


@pytest.mark.parametrize(
    ("options", "columns", "rows", "first", "last"),
    [
        (("--start", "0.2", "--end", "0.8"), 6, 6, 21, 83),
        (("--start", "0.75", "--tile-width", "3"), 3, 3, 78, 104),
        (("--end", "0.5", "--tile-width", "4", "--tile-height", "2"), 4, 2, 0, 52),
        (("--tile-height", "1"), 6, 1, 0, 104),
        (("--tile-width", "1"), 1, 1, 52, 52),
    ],
)
def test_ranges_and_grids(
    root: Path,
    series: MadeSeries,
    tmp_path: Path,
    options: tuple[str, ...],
    columns: int,
    rows: int,
    first: int,
    last: int,
) -> None:
    inside = list(range(first, last + 1)) if columns * rows > 1 else list(range(SLICES))
    found = shown(root, tmp_path / "out.jpg", series.uuid, *options, columns=columns, rows=rows)
    assert found == [inside[i] for i in evenly(len(inside), columns * rows)]


def test_fewer_slices_than_tiles_leave_black_ones(tmp_path: Path) -> None:
    made = make_series(
        tmp_path,
        3,
        lambda i: make_object(
            instance_number=i + 1,
            position=(0, 0, -10.0 * i),
            pixels=np.full((8, 8), i + 1, np.uint16),
            RescaleIntercept=0,
            WindowCenter=SLICES / 2,
            WindowWidth=SLICES,
            VOILUTFunction="LINEAR_EXACT",
        ),
    )
    found = shown(tmp_path, tmp_path / "out.jpg", made.uuid, "--tile-width", "2", columns=2, rows=2)
    assert found == [1, 2, 3, 0]


@pytest.mark.parametrize(
    ("orientation", "axis"),
    [(SAGITTAL, (1.0, 0.0, 0.0)), (CORONAL, (0.0, 1.0, 0.0))],
    ids=["right to left", "front to back"],
)
def test_sagittal_and_coronal_stacks_run_along_their_coordinate(
    tmp_path: Path, orientation: tuple[float, ...], axis: tuple[float, ...]
) -> None:
    made = make_series(
        tmp_path,
        4,
        lambda i: make_object(
            instance_number=10 - i,
            position=[-30.0 + 20.0 * i * one for one in axis],
            orientation=orientation,
            pixels=np.full((8, 8), 10 * i, np.uint16),
            RescaleIntercept=0,
            WindowCenter=SLICES / 2,
            WindowWidth=SLICES,
            VOILUTFunction="LINEAR_EXACT",
        ),
    )
    found = shown(tmp_path, tmp_path / "out.jpg", made.uuid, "--tile-width", "2", columns=2, rows=2)
    assert found == [0, 10, 20, 30]


@pytest.mark.parametrize("name", ["out.jpg", "out.JPEG", "out.WebP", "no ascii ü 漢.webp", "-v.webp"])
def test_the_extension_tells_the_format_in_any_case(
    root: Path, series: MadeSeries, tmp_path: Path, name: str
) -> None:
    done = run("--root", root, "--tile-width", "2", "--", series.uuid, name, folder=tmp_path)
    assert (done.status, done.err) == (0, "")
    with Image.open(tmp_path / name) as image:
        assert image.format == ("WEBP" if name.lower().endswith("webp") else "JPEG")
        assert image.size == (256, 256)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("options", "width", "center"),
    [
        (("--contrast-preset", "lung"), 1500, -500),
        (("--window-width", "50", "--window-center", "-500"), 50, -500),
        (("--window-center=-1.5e1", "--window-width=2e2"), 200, -15),
        (("--window-center", "-.5", "--window-width", ".5"), 0.5, -0.5),
    ],
)
def test_the_window_given_is_the_window_used(
    tmp_path: Path, options: tuple[str, ...], width: float, center: float
) -> None:
    steps = np.linspace(-1.2, 1.2, 16) * width / 2 + center
    row = np.rint(steps * 100).astype(np.int32)
    intercept = float(row.min())
    pixels = np.tile((row - int(intercept)).astype(np.uint32), (16, 1))
    made = make_series(
        tmp_path,
        1,
        lambda _: make_object(pixels=pixels, RescaleSlope="0.01", RescaleIntercept=f"{intercept / 100:g}"),
    )
    out = tmp_path / "out.jpg"
    done = run(made.uuid, out, "--root", tmp_path, "--position", "0", "--image-width", "16", *BEST, *options)
    assert (done.status, done.err) == (0, "")
    expected = np.clip((row / 100 - center) / width + 0.5, 0, 1) * 255
    assert np.abs(open_grey(out).mean(axis=0) - expected).max() < 4


def test_every_way_to_name_a_series_gives_the_same_picture(
    root: Path, series: MadeSeries, tmp_path: Path
) -> None:
    folder = root / series.uuid
    ways: dict[str, tuple[str | Path, ...]] = {
        "uuid": (series.uuid, "--root", root),
        "hex": (series.uuid.replace("-", "").upper(), "--root", root),
        "prefix": (series.uuid[:5] + "*", "--root", root),
        "prefix with hyphens": (series.uuid[:15] + "*", "--root", root),
        "place": (folder,),
        "place with a slash": (f"{folder}/",),
        "file URL": (folder.as_uri(),),
        "root as URL": (series.uuid, "--root", root.as_uri()),
        "relative root": (series.uuid, "--root", root.name),
        "relative place": (f"./{root.name}/{series.uuid}",),
        "DICOM UID": (uid_for("numbered"), "--root", folder),
    }
    pictures = {}
    for name, (identifier, *options) in ways.items():
        done = run(identifier, tmp_path / "out.webp", *options, folder=root.parent)
        assert (done.status, done.err) == (0, ""), name
        pictures[name] = (tmp_path / "out.webp").read_bytes()
    assert {name for name, picture in pictures.items() if picture != pictures["uuid"]} == set()


def test_the_same_picture_whatever_the_files_are_called(
    root: Path, series: MadeSeries, tmp_path: Path
) -> None:
    """Listings sort by name: forwards, backwards and at random."""
    files = [root / series.uuid / name for name in series.names]
    shuffled = np.random.default_rng(7).permutation(len(files))
    orders = {"forwards": range(len(files)), "backwards": range(len(files))[::-1], "random": shuffled}
    pictures = []
    for name, order in orders.items():
        (tmp_path / name).mkdir()
        for place, index in enumerate(order):
            (tmp_path / name / f"{place:03}").hardlink_to(files[index])
        assert run(tmp_path / name, tmp_path / "out.webp").status == 0
        pictures.append((tmp_path / "out.webp").read_bytes())
    assert run(series.uuid, tmp_path / "out.webp", "--root", root).status == 0
    assert {*pictures} == {(tmp_path / "out.webp").read_bytes()}


# Real series.


@pytest.fixture(scope="module")
def real() -> tuple[Path, dict[str, str]]:
    folder = os.environ.get("DSP_TEST_DATA")
    if folder is None:
        pytest.skip("DSP_TEST_DATA names no folder of real series")
    rows = (line.split("\t") for line in (Path(folder) / "series.tsv").read_text().splitlines()[1:])
    return Path(folder) / "idc", {row[0]: row[1] for row in rows}


def thorax_by_z(root: Path, uuid: str, side: int) -> dict[float, NDArray[np.float64]]:
    """The slices of ct-thorax-4mm through the lung window, shrunk by plain means; read with pydicom."""
    pictures = {}
    for path in (root / uuid).iterdir():
        one = pydicom.dcmread(path)
        hounsfield = one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept)
        pictures[float(one.ImagePositionPatient[2])] = shrunk(
            np.clip((hounsfield + 500) / 1500 + 0.5, 0, 1) * 255, side
        )
    return pictures


LUNG = ("--contrast-preset", "lung", *BEST)


def nearest_z(tile: NDArray[np.uint8], pictures: dict[float, NDArray[np.float64]]) -> float:
    side = next(iter(pictures.values())).shape[0]
    return min(pictures, key=lambda z: float(np.abs(shrunk(tile, side) - pictures[z]).mean()))


def test_the_real_thorax_is_shown_from_head_to_foot(
    real: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    root, names = real
    uuid, out = names["ct-thorax-4mm"], tmp_path / "out.webp"
    pictures = thorax_by_z(root, uuid, 64)
    heights = sorted(pictures, reverse=True)
    assert (len(heights), heights[0], heights[-1]) == (105, 227.0, -189.0)

    done = run(uuid, out, "--root", root, *LUNG)
    assert done.status == 0
    # Its dates were replaced by other texts when the series was de-identified, which is said.
    assert [message.split()[1] for message in done.messages] == ["ContentDate", "InstanceCreationDate"]
    with Image.open(out) as image:
        assert (image.size, image.format) == ((768, 768), "WEBP")
    found = [nearest_z(tile, pictures) for tile in tiles(out, 6, 6)]
    assert found == [heights[i] for i in evenly(105, 36)]

    for options, z in [
        (("--position", "0.0"), 227.0),
        (("--position", "0.5"), 19.0),
        (("--position", "1.0"), -189.0),
        (("--position", "0.5", "--slice-offset", "1"), 15.0),
    ]:
        assert run(uuid, out, "--root", root, *LUNG, *options).status == 0
        assert nearest_z(open_grey(out), pictures) == z

    done = run(uuid, out, "--root", root, "--position", "0.0", "--slice-offset", "-1")
    assert done.status == 1
    assert "0-104" in done.err

    assert run(uuid, out, "--root", root, *LUNG, "--start", "0.5", "--end", "0.5").status == 0
    first, *others = tiles(out, 6, 6)
    assert nearest_z(first, pictures) == 19.0
    assert max(int(tile.max()) for tile in others) <= 2


@pytest.mark.parametrize(
    ("name", "coordinate", "positions"), [("mr-sag-t1-csa", 0, 35), ("mr-cor-genesis", 1, 16)]
)
def test_real_sagittal_and_coronal_series_run_along_their_axis(
    real: tuple[Path, dict[str, str]], tmp_path: Path, name: str, coordinate: int, positions: int
) -> None:
    root, names = real
    slices = [pydicom.dcmread(path) for path in (root / names[name]).iterdir()]
    slices.sort(key=lambda one: float(one.ImagePositionPatient[coordinate]))
    assert len(slices) == positions
    for position, one in (("0.0", slices[0]), ("1.0", slices[-1])):
        out = tmp_path / "out.jpg"
        values = one.pixel_array.astype(float)
        low, high = float(values.min()), float(values.max())
        window = ("--window-width", f"{high - low}", "--window-center", f"{(low + high) / 2}")
        width = ("--image-width", str(one.Columns))
        done = run(names[name], out, "--root", root, "--position", position, *window, *width, *BEST)
        assert (done.status, done.err) == (0, "")
        expected = (values - low) / (high - low) * 255
        assert np.abs(open_grey(out) - expected).mean() < 2
