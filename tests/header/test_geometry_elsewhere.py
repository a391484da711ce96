"""Places, times and spacings where other modalities than CT and MR keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest

from tests.header.shown import GREY, PLAIN, Bench, columns, flat, near, one
from tests.support.dicom import AXIAL, CORONAL, make_object

NM = "1.2.840.10008.5.1.4.1.1.20"
MULTI_FRAME_CAPTURE = "1.2.840.10008.5.1.4.1.1.7.3"
US_VOLUME = "1.2.840.10008.5.1.4.1.1.6.2"
PET = "1.2.840.10008.5.1.4.1.1.128"
SLICES, TIME_SLOTS, RR, PHASES = 0x00540080, 0x00540070, 0x00540060, 0x00540030


def _reconstruction(
    greys: Sequence[int],
    spacing: float,
    vectors: Mapping[int, Sequence[int]],
    orientation: Sequence[float] = AXIAL,
    kind: str = "RECON TOMO",
) -> bytes:
    detector: dict[str, Any] = {
        "ImagePositionPatient": [0.0, 0.0, 0.0],
        "ImageOrientationPatient": list(orientation),
    }
    return make_object(
        pixels=flat(*greys),
        position=None,
        orientation=None,
        extra={tag: ("US", list(numbers)) for tag, numbers in vectors.items()},
        **{
            **PLAIN,
            "SOPClassUID": NM,
            "Modality": "NM",
            "ImageType": ["ORIGINAL", "PRIMARY", kind, "EMISSION"],
            "SpacingBetweenSlices": spacing,
            "FrameIncrementPointer": list(vectors),
            "DetectorInformationSequence": [detector],
            "WindowCenter": None,
            "WindowWidth": None,
        },
    )


@pytest.mark.parametrize(
    ("spacing", "orientation", "expected"),
    [
        (4, AXIAL, (50, 40, 30, 20, 10)),  # row x column is +z: each next slice lies nearer to the head
        (-4, AXIAL, (10, 20, 30, 40, 50)),
        (4, CORONAL, (10, 20, 30, 40, 50)),  # row x column is +y: each next slice lies further back
        (-4, CORONAL, (50, 40, 30, 20, 10)),
    ],
)
def test_reconstructed_slices_lie_by_their_spacing(
    bench: Bench, spacing: float, orientation: Sequence[float], expected: tuple[int, ...]
) -> None:
    made = _reconstruction((10, 20, 30, 40, 50), spacing, {SLICES: (1, 2, 3, 4, 5)}, orientation)
    shown = bench.slices(made, count=5)
    assert (shown.greys, shown.warnings) == (near(*expected), [])


def test_a_slice_vector_says_which_slice_a_frame_is(bench: Bench) -> None:
    made = _reconstruction((10, 20, 30, 40), 3.5, {SLICES: (2, 4, 1, 3)})
    assert bench.slices(made, count=4).greys == near(20, 40, 10, 30)


@pytest.mark.parametrize("tags", [(TIME_SLOTS, SLICES), (RR, TIME_SLOTS, SLICES), (PHASES, SLICES)])
def test_gated_slices_run_through_time_at_each_place(bench: Bench, tags: tuple[int, ...]) -> None:
    """Frames come time by time; they are shown place by place, head first, in time."""
    frames = [*product(*(range(1, 3) for _ in tags))]
    greys = [10 + 20 * number for number in range(len(frames))]
    vectors = {tag: [numbers[place] for numbers in frames] for place, tag in enumerate(tags)}
    made = _reconstruction(greys, 4, vectors, kind="RECON GATED TOMO")
    by_place = [
        grey
        for _, _, grey in sorted(
            (-numbers[-1], numbers[:-1], grey) for numbers, grey in zip(frames, greys, strict=True)
        )
    ]
    assert bench.slices(made, count=len(frames)).greys == near(*by_place)


def test_a_vector_that_is_too_short_is_named(bench: Bench) -> None:
    made = _reconstruction((10, 20, 30), 4, {SLICES: (1, 2)})
    shown = bench.slices(made, count=3)
    assert shown.greys == near(30, 20, 10)
    assert shown.warnings == ["warning: SliceVector cannot be used in 1 object: treated as missing."]


def test_an_ultrasound_volume_is_ordered_within_itself(bench: Bench) -> None:
    """Frames lie at 2, 6 and 4 mm along the volume's z."""
    groups: list[Any] = [
        {"PlanePositionVolumeSequence": [{"ImagePositionVolume": [0.0, 0.0, float(z)]}]} for z in (2, 6, 4)
    ]
    made = make_object(
        pixels=flat(10, 30, 20),
        shared={"PlaneOrientationVolumeSequence": [{"ImageOrientationVolume": list(AXIAL)}]},
        per_frame=groups,
        **{**GREY, "SOPClassUID": US_VOLUME, "Modality": "US"},
    )
    shown = bench.slices(made, count=3)
    assert (shown.greys, shown.warnings) == (near(30, 20, 10), [])


def test_a_volume_without_functional_groups_is_placed_by_its_spacing(bench: Bench) -> None:
    """As converters write it: row x column is +z, so that the last frame lies nearest to the head."""
    made = make_object(
        pixels=flat(10, 20, 30),
        position=(0, 0, 5),
        **{**GREY, "SOPClassUID": MULTI_FRAME_CAPTURE, "SpacingBetweenSlices": 3},
    )
    shown = bench.slices(made, count=3)
    assert shown.greys == near(30, 20, 10)
    places = "places frames along row x column, as the first one alone has a position"
    assert shown.warnings == [f"warning: SpacingBetweenSlices {places} (in 1 object)."]


def test_dynamic_pet_may_tell_its_time_by_its_reference_alone(bench: Bench) -> None:
    """Two places, three times each; clocks are equal and numbers lie."""
    objects = [
        make_object(
            pixels=flat(20 + 90 * place + 30 * time),
            instance_number=10 * place + (5, 1, 3)[time],
            position=(0, 0, -10 * place),
            **{
                **PLAIN,
                "SOPClassUID": PET,
                "Modality": "PT",
                "AcquisitionTime": "120000",
                "FrameReferenceTime": 1000 * (time + 1),
            },
        )
        for place, time in product(range(2), range(3))
    ]
    assert bench.slices(*objects).greys == near(20, 50, 80, 110, 140, 170)


def test_scanned_film_has_a_nominal_spacing(bench: Bench) -> None:
    """20 rows 2 mm apart and 40 columns 1 mm apart are a square."""
    bench.put(one(columns([100, 100, 100])[:, :40].repeat(2, axis=0)[:20], NominalScannedPixelSpacing=[2, 1]))
    assert bench.show_everywhere("--position", "0", "--image-width", "40").size == (40, 40)
