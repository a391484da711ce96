"""Laws of which objects of a folder are shown: one series, images only, of a slide one level.

A series is what has one SeriesInstanceUID (PS3.3 C.7.3.1); the levels, the label and the overview of a slide
are told by ImageType (PS3.3 C.8.12.4.1.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.faults.series import FoundSeries, NoObjects, NoPixels, SeveralSeries
from dicom_series_preview.core.header.instance import SLIDE_MICROSCOPY, Instance, Pixels, Tiling
from dicom_series_preview.core.order.membership import images, one_series
from dicom_series_preview.core.order.report import odd_objects
from dicom_series_preview.core.remarks import WithoutPixels
from property_tests.strategies import CT_IMAGE, make_frame, make_instance, make_pixels

UNREADABLE = BadPixelModule("Rows", "", "it is missing")

series_uids = st.sampled_from(("", "1.1", "1.2", "1.3"))


@st.composite
def folders(draw: st.DrawFn, uids: st.SearchStrategy[str] = series_uids) -> list[Instance]:
    """Objects of some series, with and without pixels."""
    found = draw(st.lists(uids, min_size=1, max_size=8))
    return [
        evolve(
            make_instance(f"{i}", make_frame(), series=uid, modality=draw(st.sampled_from(("CT", "SR", "")))),
            pixels=draw(st.sampled_from((make_pixels(), None, UNREADABLE))),
        )
        for i, uid in enumerate(found)
    ]


def _names(instances: Sequence[Instance]) -> list[str]:
    return [instance.name for instance in instances]


@given(instances=folders(st.sampled_from(("", "1.1"))), skipped=st.integers(0, 5))
def test_the_objects_of_one_series_are_all_kept(instances: list[Instance], skipped: int) -> None:
    """A folder of one series keeps all its objects, those without a SeriesInstanceUID too, in their order.

    See PS3.3 C.7.3.1.
    """
    assert list(one_series("here", instances, None, skipped).unwrap()) == instances


@st.composite
def _several(draw: st.DrawFn) -> tuple[FoundSeries, ...]:
    """What is found of two to four series, those with pictures first, then the largest, then by UID."""
    uids = draw(st.lists(st.sampled_from(("1.1", "1.2", "1.3", "1.10")), min_size=2, max_size=4, unique=True))
    told = [
        FoundSeries(
            uid,
            draw(st.integers(1, 4)),
            draw(st.sampled_from(("CT", "SR", ""))),
            draw(st.sampled_from(("Thin", "Brain", ""))),
            draw(st.booleans()),
        )
        for uid in uids
    ]
    sizes = [(pictures, size) for pictures in (True, False) for size in (4, 3, 2, 1)]
    return tuple(
        one
        for rank in sizes
        for one in sorted(told, key=lambda one: one.uid)
        if (one.pictures, one.count) == rank
    )


def _members(one: FoundSeries) -> list[Instance]:
    """Objects of a series, of which the last holds pixels if any does."""
    made = [
        evolve(
            make_instance(f"{one.uid}/{n}", make_frame(), series=one.uid, modality=one.modality),
            pixels=None,
            series_description=one.description,
        )
        for n in range(one.count)
    ]
    return [*made[:-1], evolve(made[-1], pixels=UNREADABLE if one.pictures else None)]


@given(found=_several(), strays=st.integers(0, 2), data=st.data())
def test_a_folder_of_several_series_is_refused_with_what_they_are(
    found: tuple[FoundSeries, ...], strays: int, data: st.DataObject
) -> None:
    """Several series: refused with each one's UID, count, modality and description (PS3.3 C.7.3.1)."""
    instances = [instance for one in found for instance in _members(one)]
    instances += [make_instance(f"stray {n}", make_frame(), series="") for n in range(strays)]
    refused = one_series("here", data.draw(st.permutations(instances))).failure()
    assert refused == SeveralSeries("here", found)


@given(words=st.lists(st.sampled_from(("a", "b", "c", "")), min_size=1, max_size=6))
def test_a_series_is_called_what_most_of_its_objects_say(words: list[str]) -> None:
    """Of several descriptions and modalities the commonest, the first in the alphabet of equals; never none."""
    instances = [
        evolve(make_instance(f"{n}", make_frame(), series="1.1", modality=word), series_description=word)
        for n, word in enumerate(words)
    ]
    other = make_instance("other", make_frame(), series="1.2")
    refused = one_series("here", [*instances, other]).failure()
    (found,) = [one for one in refused.found if one.uid == "1.1"]  # type: ignore[union-attr]
    most = max(words.count(word) for word in "abc")
    expected = next((word for word in "abc" if words.count(word) == most), "") if most else ""
    assert (found.modality, found.description) == (expected, expected)


@given(
    instances=folders(),
    wanted=st.sampled_from(("1.1", "1.2")),
    skipped=st.integers(0, 5),
    at=st.integers(0, 8),
)
def test_one_series_of_several_can_be_asked_for(
    instances: list[Instance], wanted: str, skipped: int, at: int
) -> None:
    """Asked for by UID, a series is its objects and those that name none; the others are left out."""
    instances.insert(at, make_instance("wanted", make_frame(), series=wanted))
    expected = [one for one in instances if one.series_instance_uid in ("", wanted)]
    assert list(one_series("here", instances, wanted, skipped).unwrap()) == expected
    named = [one for one in instances if one.series_instance_uid]
    assert one_series("here", named, "1.9", skipped).failure() == NoObjects("here", skipped, len(named))


@given(skipped=st.integers(0, 5), only=st.sampled_from((None, "1.1")))
def test_an_empty_folder_is_refused(skipped: int, only: str | None) -> None:
    """No DICOM object at all: refused, with the number of other objects seen."""
    assert one_series("here", [], only, skipped).failure() == NoObjects("here", skipped)


def test_nothing_skipped_is_said_of_an_empty_folder() -> None:
    """Unless told otherwise, no other objects were seen."""
    assert one_series("here", []).failure() == NoObjects("here", 0)


@given(instances=folders(), at=st.integers(0, 8))
def test_objects_with_pixels_are_shown(instances: list[Instance], at: int) -> None:
    """What has a pixel data element is shown, even if it cannot be decoded."""
    instances.insert(at, make_instance("shown", make_frame()))
    expected = [one for one in instances if one.pixels is not None]
    assert list(images("here", instances).unwrap()) == expected


NAMED = {
    "1.2.840.10008.5.1.4.1.1.4.2": "MR Spectroscopy Storage",
    "1.2.840.10008.5.1.4.1.1.88.11": "Basic Text SR Storage",
    "1.2.840.10008.5.1.4.1.1.481.3": "RT Structure Set Storage",
    "1.2.840.10008.5.1.4.1.1.11.1": "Grayscale Softcopy Presentation State Storage",
}
"""As PS3.6 A names them."""


@given(
    classes=st.lists(st.sampled_from((*NAMED, CT_IMAGE, "4.2", "")), min_size=1, max_size=4),
    modality=st.sampled_from(("CT", "MR", "")),
)
@example(classes=["4.2"], modality="")
def test_a_folder_without_pixels_says_what_it_holds(classes: list[str], modality: str) -> None:
    """Where nothing has pixels: the names of SOP classes that never have, the modality of others; each once."""
    instances = [
        evolve(make_instance(f"{n}", modality=modality, sop_class=sop_class), pixels=None)
        for n, sop_class in enumerate(classes)
    ]
    kinds = {NAMED.get(one, f"{modality or 'unknown'} objects without pixel data") for one in classes}
    assert images("here", instances).failure() == NoPixels("here", tuple(sorted(kinds)))
    known = {NAMED.get(one, modality or "unknown") for one in classes}
    assert WithoutPixels(len(classes), tuple(sorted(known))) in odd_objects(instances)


def _slide(name: str, *kind: str, side: int | None = 10, tiled: bool = True, uid: str = "") -> Instance:
    pixels: Pixels | BadPixelModule = UNREADABLE
    if side is not None:
        whole = make_pixels(rows=4 if tiled else side, columns=6 if tiled else side)
        pixels = evolve(whole, tiling=Tiling(side, side, ()) if tiled else None)
    made = make_instance(name, make_frame(), uid=uid, sop_class=SLIDE_MICROSCOPY, modality="SM")
    return evolve(made, pixels=pixels, image_type=("DERIVED", "PRIMARY", *kind))


@given(
    sides=st.lists(st.integers(7, 500), min_size=1, max_size=5, unique=True),
    tiled=st.booleans(),
    data=st.data(),
)
def test_of_a_slide_the_smallest_level_is_shown(sides: list[int], tiled: bool, data: st.DataObject) -> None:
    """Of the levels of a slide only the smallest is shown, tiled or not, unreadable ones last."""
    levels = [_slide(f"{side}", "VOLUME", side=side, tiled=tiled) for side in sides]
    levels.append(_slide("unreadable", "VOLUME", side=None))
    shown = images("here", data.draw(st.permutations(levels))).unwrap()
    assert _names(shown) == [str(min(sides))]


@given(side=st.integers(1, 500), data=st.data())
def test_a_thumbnail_stands_for_its_slide(side: int, data: st.DataObject) -> None:
    """A thumbnail is shown before any level, however large it is (PS3.3 C.8.12.4.1.1)."""
    slide = [_slide("level", "VOLUME", side=20), _slide("thumb", "THUMBNAIL", side=side)]
    assert _names(images("here", data.draw(st.permutations(slide))).unwrap()) == ["thumb"]


@pytest.mark.parametrize("kind", ["LABEL", "OVERVIEW"])
def test_label_and_overview_are_never_shown(kind: str) -> None:
    """The label and the overview of a slide can bear the patient's name (PS3.3 C.8.12.4.1.1)."""
    bearing = _slide("name", kind, side=1)
    assert _names(images("here", [bearing, _slide("level", "VOLUME", side=99)]).unwrap()) == ["level"]
    assert images("here", [bearing]).failure() == NoPixels("here", ("slide labels and overviews",))
    other = make_instance("page", make_frame())
    assert _names(images("here", [bearing, other]).unwrap()) == ["page"]


@given(data=st.data())
def test_equal_levels_are_chosen_by_uid_then_name(data: st.DataObject) -> None:
    """Among levels of one size the choice does not depend on the order of listing."""
    levels = [_slide("z", uid="1.1"), _slide("a", uid="1.2"), _slide("b", uid="1.1")]
    assert _names(images("here", data.draw(st.permutations(levels))).unwrap()) == ["b"]


@given(count=st.integers(1, 4))
def test_other_images_beside_a_slide_stay(count: int) -> None:
    """Only slides are cut to one level: other images of the folder are all shown."""
    others = [make_instance(f"{i}", make_frame()) for i in range(count)]
    slides = [_slide("large", side=50), _slide("small", side=5)]
    assert sorted(_names(images("here", [*slides, *others]).unwrap())) == sorted([*_names(others), "small"])


def test_a_slide_without_pixels_is_named_by_its_modality() -> None:
    """A slide object that holds no pixels is no label: it is an object without pixel data (PS3.3 C.8.12.4.1.1)."""
    bare = evolve(_slide("bare", "VOLUME"), pixels=None)
    assert images("here", [bare]).failure() == NoPixels("here", ("SM objects without pixel data",))
