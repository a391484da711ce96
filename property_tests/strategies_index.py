"""Rows of an index: typed cells of all kinds, and series whose objects hold any number of frames."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from attrs import evolve, frozen
from hypothesis import strategies as st

from dicom_series_preview.core.ask.views import Mosaic, Single
from dicom_series_preview.core.ask.views import View as Shown
from dicom_series_preview.core.header.dicom_json import BINARY
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.instance import Frame, Instance
from dicom_series_preview.core.index.cells import Cell, Digest, Scalar, make_cell
from dicom_series_preview.core.index.table import Origin, Row
from property_tests.strategies import make_frame, make_instance, stacks, timed_stacks

ORIGIN = Origin("s3://bucket/prefix", "0a1b2c3d-0000-4000-8000-000000000000", "prefix/folder", "1.2.3")

WHOLE = {"IS": 63, "SS": 15, "US": 16, "SL": 31, "UL": 32, "SV": 63, "UV": 64}
"""Value representations of whole numbers, with the bits that a value may take; an IS may be of any length."""

SIGNED = frozenset({"IS", "SS", "SL", "SV"})
TEXTS = ("CS", "LO", "UI", "TM", "LT", "PN")

LARGEST_FLOAT32 = 3.4028234663852886e38

NAMES = {
    f"{0x00181000 + place:08X}": name for place, name in enumerate(("Kvp", "Ta", "(0018,1002)", "Series X"))
}
"""Elements by tag; what they are called does not matter to an index."""


def _whole_numbers(vr: str) -> st.SearchStrategy[int]:
    """Small numbers, and the ends of the range: they decide between 32 and 64 bits."""
    bits = WHOLE[vr]
    low, high = (-(2**bits) if vr in SIGNED else 0), 2**bits - 1
    ends = [low, high, *(edge for edge in (2**31 - 1, 2**31, -(2**31), -(2**31) - 1) if low <= edge <= high)]
    return st.one_of(st.integers(max(low, -9), min(high, 9)), st.sampled_from(ends))


@cache
def scalars(vr: str) -> st.SearchStrategy[Scalar]:
    """One value of a VR as a cell holds it."""
    if vr in WHOLE:
        return _whole_numbers(vr)
    if vr in ("DS", "FL"):
        return st.one_of(st.integers(-99, 99).map(float), st.floats(-LARGEST_FLOAT32, LARGEST_FLOAT32))
    if vr == "FD":
        return st.floats(allow_nan=False, allow_infinity=False)
    letters = st.characters(codec="utf-8", exclude_characters="=^\\\0 ")
    return st.text(letters, min_size=1, max_size=6)


@st.composite
def cells(draw: st.DrawFn, tag: str, vr: str) -> Cell:
    """A readable cell: one value or several, a digest, or a sequence of items."""
    if vr in BINARY:
        return Cell(tag, vr, Digest(draw(st.integers(0, 2**20)), draw(st.sampled_from(("0" * 64, "f" * 64)))))
    if vr == "SQ":
        items = draw(_items())
        made = make_cell(tag, Element(vr, tuple(items)))
        assert made is not None
        return made
    return Cell(tag, vr, tuple(draw(_several(vr))))


@cache
def _several(vr: str) -> st.SearchStrategy[list[Scalar]]:
    return st.lists(scalars(vr), min_size=1, max_size=1 if vr == "LT" else 3)


@cache
def _items() -> st.SearchStrategy[list[Mapping[str, Element]]]:
    """The items of a sequence, one inside another, with an empty element among others."""
    elements = st.sampled_from(
        (
            Element("DS", ("1.50", "-2")),
            Element("IS", ("7",)),
            Element("PN", ("A^B=ä", "C")),
            Element("AT", ("(0018,1063)",)),
            Element("OB", (b"\1\2",)),
            Element("LO", ()),
            Element("CS", ("A", "", "B")),
            Element("FD", (float("inf"), 1e300)),
        )
    )
    tags = st.sampled_from(("00080060", "00181063", "0029100A"))
    item = st.recursive(
        st.dictionaries(tags, elements, max_size=2),
        lambda inner: st.dictionaries(
            tags, st.one_of(elements, inner.map(lambda item: Element("SQ", (item,)))), max_size=2
        ),
        max_leaves=4,
    )
    return st.lists(item, min_size=1, max_size=3)


@cache
def _cells(tag: str, vr: str) -> st.SearchStrategy[list[Cell]]:
    return st.lists(cells(tag, vr), min_size=1, max_size=3)


VRS = (*WHOLE, "DS", "FL", "FD", *TEXTS, "AT", "SQ", "OB", "UN")


@st.composite
def rows(draw: st.DrawFn, least: int = 1, most: int = 5) -> list[Row]:
    """Objects with cells of a few elements, each with one VR throughout.

    Whether all objects have an element and whether they agree on it is drawn, not left to chance: both decide
    what becomes a column.
    """
    count = draw(st.integers(least, most))
    held: list[dict[str, Cell]] = [{} for _ in range(count)]
    for tag, name in NAMES.items():
        vr = draw(st.sampled_from(VRS))
        if vr == "AT":
            several: list[Cell] = [Cell(tag, vr, ("(0018,1063)",)), Cell(tag, vr, ("(0054,0010)",))]
        else:
            several = draw(_cells(tag, vr))
        for row in held:
            chosen = draw(st.sampled_from((*several, None) if draw(st.booleans()) else several[:1]))
            if chosen is not None:
                row[name] = chosen
    return [
        Row(make_instance(f"{place:02}.dcm", make_frame((0.0, 0.0, -float(place)))), cells_of)
        for place, cells_of in enumerate(held)
    ]


@frozen
class Folder:
    """The objects of a series folder; those without frames hold no pixels."""

    instances: tuple[Instance, ...]

    @property
    def rows(self) -> list[Row]:
        """Rows that hold what the number of frames is read from."""
        return [Row(instance, _frame_count(instance)) for instance in self.instances]


def _frame_count(instance: Instance) -> dict[str, Cell]:
    count = len(instance.frames)
    return {"NumberOfFrames": Cell("00280008", "IS", (count,))} if count > 1 else {}


_BUILT = st.lists(st.one_of(stacks(1, 4), timed_stacks()), min_size=1, max_size=2)
_NUMBER = st.one_of(st.none(), st.integers(-3, 30))


@st.composite
def folders(draw: st.DrawFn) -> Folder:
    """Several stacks of slices, in space and time, dealt out to objects of one or more frames.

    Some slices have no position and some objects no pixels: they come last in an index.
    """
    built = draw(_BUILT)
    frames: list[Frame] = [frame for one in built for held in one.instances for frame in held.frames]
    if draw(st.booleans()):
        frames += [make_frame() for _ in range(draw(st.integers(1, 2)))]
    frames = draw(st.permutations(frames))
    instances: list[Instance] = []
    while frames:
        taken = draw(st.sampled_from((1, 1, 2, 3)))
        instances.append(_object(draw, len(instances), *frames[:taken]))
        frames = frames[taken:]
    for _ in range(draw(st.integers(0, 2))):
        instances.append(evolve(_object(draw, len(instances)), pixels=None))
    return Folder(tuple(draw(st.permutations(instances))))


def _object(draw: st.DrawFn, place: int, *frames: Frame) -> Instance:
    number = draw(_NUMBER)
    return make_instance(f"{place:02}.dcm", *frames, uid=f"1.2.{draw(st.integers(0, 3))}", number=number)


def shown() -> st.SearchStrategy[Shown]:
    """Mosaics of the whole and of a range, and single slices."""
    fractions = st.one_of(st.sampled_from((0.0, 0.25, 0.5, 1.0)), st.floats(0.0, 1.0))
    mosaics = st.builds(
        lambda columns, rows_, ends: Mosaic(columns, rows_, min(ends), max(ends)),
        st.integers(1, 3),
        st.integers(1, 3),
        st.one_of(st.just((0.0, 1.0)), st.tuples(fractions, fractions)),
    )
    return st.one_of(mosaics, st.builds(Single, fractions, st.one_of(st.just(0), st.integers(-4, 4))))
