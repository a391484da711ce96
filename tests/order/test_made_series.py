"""Made series whose order is not plain, shown from their folder and by way of an index: the same."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, sin
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from attrs import frozen

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import check_preview
from dicom_series_preview.core.show.tile_map import ShownTile
from tests.command.here import run
from tests.support.dicom import make_object
from tests.support.pipeline import Canvas, render_request

MR: Final = "1.2.840.10008.5.1.4.1.1.4"
SPECTROSCOPY: Final = "1.2.840.10008.5.1.4.1.1.4.2"
TEXT_REPORT: Final = "1.2.840.10008.5.1.4.1.1.88.11"


@frozen
class Written:
    """A series folder, and its index if it shall be shown by way of one."""

    folder: Path
    index: Path | None

    def options(self, **options: Any) -> Options:
        index = None if self.index is None else str(self.index)
        return Options(str(self.folder), "unused.webp", index=index, **options)

    def shown(self, **options: Any) -> tuple[tuple[ShownTile, ...], Canvas]:
        found = render_request(check_preview(self.options(**options)).unwrap())
        assert not isinstance(found, str), found
        return found

    def names(self, **options: Any) -> list[str]:
        return [tile.object for tile in self.shown(**options)[0]]


@pytest.fixture(params=["folder", "index"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def written(tmp_path: Path, objects: Mapping[str, bytes], way: str) -> Written:
    folder = tmp_path / "series"
    folder.mkdir()
    for name, content in objects.items():
        (folder / name).write_bytes(content)
    if way == "folder":
        return Written(folder, None)
    index = tmp_path / "series.parquet"
    assert run("build-index", folder, index).status == 0
    return Written(folder, index)


def tilted(
    number: int, middle: float, angle: float, side: int = 64, normal: float = 0.0, **elements: Any
) -> bytes:
    """A square MR slice whose rows lean by `angle`, its centre at z = `middle`, `normal` mm further on."""
    c, s = cos(angle), sin(angle)
    half = (side - 1) / 2
    centre = np.array([0.0, s * normal, middle - c * normal])
    corner = centre - half * np.array([1.0, 0.0, 0.0]) - half * np.array([0.0, c, s])
    return make_object(
        series="tilted",
        instance_number=number,
        position=[round(float(v), 4) for v in corner],
        orientation=[1, 0, 0, 0, round(c, 6), round(s, 6)],
        pixels=np.full((side, side), 100 * number, np.uint16),
        **{"SOPClassUID": MR, "Modality": "MR", **elements},
    )


def spine() -> dict[str, bytes]:
    """Four groups of 2, 3, 4 and 3 slices from head to feet, the largest not the first; named by the number."""
    made, number = {}, 0
    for middle, angle, count in ((90.0, -0.1, 2), (45.0, 0.05, 3), (0.0, 0.14, 4), (-60.0, 0.3, 3)):
        for i in range(count):
            number += 1
            made[f"{number:02}.dcm"] = tilted(number, middle, angle, normal=4.0 * i)
    return made


def test_tilted_groups_are_read_from_head_to_feet(tmp_path: Path, way: str) -> None:
    series = written(tmp_path, spine(), way)
    expected = sorted(spine())
    assert series.names() == expected
    assert series.names(position=0.0) == expected[:1]
    assert series.names(position=1.0) == expected[-1:]
    assert series.names(position=0.5) == ["06.dcm"]  # at 0 mm: half-way from 90 to -67.6 is 11
    positions = [tile.position or 0.0 for tile in series.shown()[0]]
    assert positions == sorted(positions, reverse=True)
    assert positions[0] == pytest.approx(90.0, abs=1e-3)  # the middle of the slice, not its first pixel
    assert series.names(start=0.5) == expected[5:]


def kinds(word: str, echo: float, place: int) -> bytes:
    number = {"M": 0, "P": 40}[word] + 2 * place + int(echo > 10)
    return make_object(
        series="kinds",
        instance_number=number,
        position=(0, 0, 100 - 4 * place),
        pixels=np.full((8, 8), {"M": 900, "P": 200}[word], np.uint16),
        SOPClassUID=MR,
        Modality="MR",
        ImageType=["ORIGINAL", "PRIMARY", "M_FFE" if word == "M" else "PHASE MAP", word],
        EchoTime=echo,
    )


def test_magnitude_is_shown_before_phase(tmp_path: Path, way: str) -> None:
    objects = {
        f"{place:02}{int(echo)}{word}.dcm": kinds(word, echo, place)
        for place in range(20)
        for echo in (5.0, 15.0)
        for word in "MP"
    }
    series = written(tmp_path, objects, way)
    words = [name[-5] for name in series.names()]
    assert words == ["M"] * 18 + ["P"] * 18
    for part in (series.names()[:18], series.names()[18:]):
        places = [int(name[:2]) for name in part]
        assert places == sorted(set(places))
    # --position speaks of the first stack: the middle of the magnitudes.
    assert series.names(position=1.0) == ["195M.dcm"]


def test_every_place_is_shown_at_the_same_times(tmp_path: Path, way: str) -> None:
    objects = {
        f"{place:02}{time}.dcm": make_object(
            series="times",
            instance_number=(7 * place + 3 * time) % 40,
            position=(0, 0, -3 * place),
            TriggerTime=10.0 * time,
        )
        for place in range(8)
        for time in range(6)
    }
    series = written(tmp_path, objects, way)
    shown = series.names()
    assert shown == [f"{place:02}{time}.dcm" for place in range(8) for time in (0, 2, 3, 5)]
    tiles, canvas = series.shown()
    assert canvas.shape[1] == 6 * 128
    assert {tile.time for tile in tiles} == {0.0, 20.0, 30.0, 50.0}


def test_frame_reference_time_tells_the_time_of_a_dynamic_pet(tmp_path: Path, way: str) -> None:
    objects = {
        f"{place}{time}.dcm": make_object(
            series="pet",
            instance_number=(5 * place + 4 * time) % 6,
            position=(0, 0, -3 * place),
            SOPClassUID="1.2.840.10008.5.1.4.1.1.128",
            Modality="PT",
            AcquisitionTime="120000",
            FrameReferenceTime=1000.0 * time,
        )
        for place in range(2)
        for time in range(3)
    }
    assert written(tmp_path, objects, way).names() == sorted(objects)


@pytest.mark.parametrize(
    ("count", "rows", "columns", "shape", "width"),
    [
        (1, 1000, 800, (960, 768), 768),
        (1, 90, 60, (192, 128), 128),
        (3, 300, 300, (600, 600), 300),
        (10, 256, 256, (576, 768), 192),
        (35, 256, 256, (768, 768), 128),
    ],
)
def test_the_default_grid_fits(
    tmp_path: Path, way: str, count: int, rows: int, columns: int, shape: tuple[int, int], width: int
) -> None:
    pixels = np.full((rows, columns), 1000, np.uint16)
    objects = {
        f"{i:02}.dcm": make_object(position=(0, 0, -2 * i), pixels=pixels, instance_number=i)
        for i in range(count)
    }
    series = written(tmp_path, objects, way)
    tiles, canvas = series.shown()
    assert canvas.shape == shape
    assert {tile.rect.width for tile in tiles} == {width}
    full, canvas = series.shown(start=0.0)
    assert canvas.shape[1] == 768
    assert {tile.rect.width for tile in full} == {128}


def report(name: str, series: str, sop_class: str, modality: str, description: str) -> bytes:
    return make_object(
        series=series,
        has_pixels=False,
        position=None,
        orientation=None,
        SOPClassUID=sop_class,
        SOPInstanceUID=f"1.2.3.{name}",
        Modality=modality,
        SeriesDescription=description,
    )


def test_an_object_without_pixels_is_called_by_its_class(tmp_path: Path, way: str) -> None:
    series = written(tmp_path, {"1.dcm": report("1", "mrs", SPECTROSCOPY, "MR", "")}, way)
    said = render_request(check_preview(series.options()).unwrap())
    assert isinstance(said, str)
    assert "holds no image, only MR Spectroscopy Storage" in said


def test_several_series_are_told_apart(tmp_path: Path) -> None:
    objects = {f"sr{n}.dcm": report(str(n), "sr", TEXT_REPORT, "SR", "Dose report") for n in range(4)}
    for n in range(3):
        objects[f"ct{n}.dcm"] = make_object(series="ct", instance_number=n, SeriesDescription="Thin")
    for n in range(2):
        brain: dict[str, Any] = {"SOPClassUID": MR, "Modality": "MR", "SeriesDescription": "Brain"}
        objects[f"mr{n}.dcm"] = make_object(series="mr", instance_number=n, **brain)
    series = written(tmp_path, objects, "folder")
    done = run(series.folder, tmp_path / "a.webp")
    assert done.status == 1
    warning, head, *listed, advice = done.messages
    assert "4 objects without pixel data skipped (Basic Text SR Storage)" in warning
    assert head.startswith("error: ")
    assert head.endswith("holds 3 series:")
    told = [line.partition(": ")[2] for line in listed]
    assert told == [
        "CT, Thin, 3 objects",
        "MR, Brain, 2 objects",
        "SR, Dose report, 4 objects without pictures",
    ]
    assert "--root" in advice
    uid = listed[1].split(":")[0].strip()
    assert run(uid, tmp_path / "b.webp", "--root", series.folder).status == 0


def test_one_header_is_one(tmp_path: Path) -> None:
    series = written(tmp_path, {"1.dcm": make_object()}, "folder")
    done = run(series.folder, tmp_path / "a.webp", "-v")
    assert done.status == 0
    assert "1 header," in done.err
    assert "1 image," in done.err
