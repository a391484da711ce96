"""What the laws are tried on.  Everything is built from its answer: first an ordered stack, then a scramble.

Nothing that a rule has to tell apart is correlated: names, UIDs and InstanceNumbers know nothing of depths.
Rare paths are drawn often on purpose, each with its reason beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import cos, radians, sin, tan
from typing import TypeVar

from attrs import evolve, frozen
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import Axis, Cosines, Vec3
from dicom_series_preview.core.grey import Rescale, VoiFunction, Window
from dicom_series_preview.core.header.elements import Element, Elements, Value
from dicom_series_preview.core.header.image_pixel import PixelFormat, PixelSpan
from dicom_series_preview.core.header.instance import Frame, Instance, Pixels
from dicom_series_preview.core.header.time_keys import TIME_KEYS, TimeValues
from dicom_series_preview.core.order.series import Slice, Stack
from dicom_series_preview.core.order.stacks import primary_position

T = TypeVar("T")

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"

READING = {Axis.X: (1.0, 0.0, 0.0), Axis.Y: (0.0, 1.0, 0.0), Axis.Z: (0.0, 0.0, -1.0)}
"""The way each axis is read (PS3.3 C.7.6.2.1.1): to the left, to the back, to the feet."""

_ACROSS = {
    Axis.X: ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    Axis.Y: ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    Axis.Z: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
}

SPATIAL = (Axis.Z, Axis.Y, Axis.X)
NO_TIMES: TimeValues = (None,) * len(TIME_KEYS)

AXIAL: Cosines = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL: Cosines = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL: Cosines = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)


# --- Header values -----------------------------------------------------------------------------------------


def element(vr: str, *values: Value) -> Element:
    """One data element."""
    return Element(vr, values)


def decimals(*values: float) -> Element:
    """A DS element that holds the shortest text of each value."""
    return Element("DS", tuple(repr(float(value)) for value in values))


@st.composite
def spellings(draw: st.DrawFn, value: float) -> str:
    """One of the ways in which a decimal string may be written (PS3.5 6.2).

    Scanners write plus signs, exponents, trailing zeros, bare points, decimal commas and a NUL for padding; all
    of them mean the same number.
    """
    plain = repr(value)
    forms = [plain, f" {plain}", f"{plain} ", f"{plain}\0", plain.replace(".", ",")]
    if not plain.startswith("-"):
        forms.append("+" + plain)
    if "e" in plain:
        forms.append(plain.replace("e", "E"))
    else:
        forms += [plain + "000", plain + "E0", plain + "e+00"]
        if plain.endswith(".0"):
            forms += [plain[:-1], plain[:-2]]
    return draw(st.sampled_from(forms))


NOT_NUMBERS = (
    *("NaN", "nan", "inf", "-Infinity", "1e999", "-1e400", "1,5,5", "0x10", "1_000", "12 5", "--1", "5X"),
    *("+", "-", ".", "e5", "1e", "N/A", "٣", "½", "1.2.3", "none", "1\\2"),
)
"""Texts that are no decimal string (PS3.5 6.2), some of which a lenient parser takes for one."""


def not_numbers() -> st.SearchStrategy[str]:
    """Texts that are no number: known traps, and letters."""
    return st.one_of(st.sampled_from(NOT_NUMBERS), st.text("abcdfghijklmopqrstuvwxyz/:", min_size=1))


@cache
def finite(magnitude: float = 1e6) -> st.SearchStrategy[float]:
    """Finite floats of at most `magnitude`, whole numbers and negatives often."""
    return st.one_of(
        st.integers(int(-magnitude), int(magnitude)).map(float),
        st.floats(-magnitude, magnitude, allow_subnormal=False),
    )


# --- Instances ---------------------------------------------------------------------------------------------


def make_frame(
    position: Vec3 | None = None,
    cosines: Cosines | None = None,
    times: TimeValues = NO_TIMES,
    slice_location: float | None = None,
    number: int = 0,
) -> Frame:
    """A frame without any transformation of its grey values."""
    return Frame(
        number=number,
        position=position,
        cosines=cosines,
        slice_location=slice_location,
        times=times,
        modality_lut=Rescale(),
        voi=None,
        pixel_aspect=1.0,
    )


@cache
def make_pixels(
    rows: int = 4, columns: int = 6, frames: int = 1, samples: int = 1, photometric: str = "MONOCHROME2"
) -> Pixels:
    """16 bit grey pixels, or what the arguments say."""
    return Pixels(
        format=PixelFormat(
            transfer_syntax=EXPLICIT_LITTLE,
            encapsulated=False,
            keyword="PixelData",
            vr="OW",
            rows=rows,
            columns=columns,
            samples_per_pixel=samples,
            photometric_interpretation=photometric,
            bits_allocated=16,
            bits_stored=16,
            high_bit=15,
            pixel_representation=0,
            planar_configuration=0,
            number_of_frames=frames,
        ),
        span=PixelSpan(1000, rows * columns * frames * samples * 2),
        offset_table=None,
        padding=None,
        inverted=False,
        palette=None,
        tiling=None,
    )


def make_instance(
    name: str,
    *frames: Frame,
    uid: str = "",
    number: int | None = None,
    series: str = "1.2.3",
    modality: str = "CT",
    sop_class: str = CT_IMAGE,
) -> Instance:
    """An instance that holds `frames`, renumbered from 0."""
    return Instance(
        name=name,
        size=5000,
        sop_class=sop_class,
        sop_instance_uid=uid,
        series_instance_uid=series,
        modality=modality,
        image_type=(),
        instance_number=number,
        pixels=make_pixels(frames=max(1, len(frames))),
        frames=tuple(
            frame if frame.number == place else evolve(frame, number=place)
            for place, frame in enumerate(frames)
        ),
        unusable=(),
    )


# --- Geometry ----------------------------------------------------------------------------------------------


def add(a: Vec3, b: Vec3, factor: float = 1.0) -> Vec3:
    """a + factor·b."""
    return (a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2])


@frozen
class View:
    """How a stack lies: where it runs to in reading order, and the two directions in its plane."""

    axis: Axis
    along: Vec3
    """Unit vector, in the reading direction."""
    row: Vec3
    column: Vec3

    @property
    def cosines(self) -> Cosines:
        """ImageOrientationPatient."""
        return (*self.row, *self.column)


def _unit(axis: Axis, tip: float, turn: float) -> tuple[Vec3, Vec3, Vec3]:
    """The reading direction tipped by `tip` degrees, and two directions across it."""
    first, second = _ACROSS[axis]
    t, a = radians(tip), radians(turn)
    lean = add(add((0.0, 0.0, 0.0), first, cos(a)), second, sin(a))
    side = add(add((0.0, 0.0, 0.0), first, -sin(a)), second, cos(a))
    along = add(add((0.0, 0.0, 0.0), READING[axis], cos(t)), lean, sin(t))
    back = add(add((0.0, 0.0, 0.0), lean, cos(t)), READING[axis], -sin(t))
    return along, back, side


ANGLES = st.one_of(st.just(0.0), st.floats(0.0, 360.0))
TURNS = st.one_of(st.sampled_from((0.0, 90.0, 180.0, 270.0)), st.floats(0.0, 360.0))
TILTS = st.one_of(st.just(0.0), st.just(30.0), st.floats(-30.0, 30.0))
"""In degrees: made once, as all that is drawn often, because Hypothesis looks through what is made anew."""


@cache
def _tips(largest: float) -> st.SearchStrategy[float]:
    return st.one_of(st.just(0.0), st.just(largest), st.floats(0.0, largest))


@st.composite
def views(draw: st.DrawFn, axis: Axis | None = None, largest_tip: float = 44.0) -> View:
    """A stack's plane: straight or up to 44 degrees oblique about any axis, with either sign of the normal.

    Straight stacks and the steepest obliquity are drawn often: the first is the everyday case, the second
    lies one degree before the axis changes.
    """
    chosen = draw(st.sampled_from(SPATIAL)) if axis is None else axis
    tip = draw(_tips(largest_tip))
    turn = draw(TURNS)
    along, back, side = _unit(chosen, tip, turn)
    spin = radians(draw(ANGLES))
    row = add(add((0.0, 0.0, 0.0), back, cos(spin)), side, sin(spin))
    column = add(add((0.0, 0.0, 0.0), back, -sin(spin)), side, cos(spin))
    if draw(st.booleans()):  # the normal row x column then points the other way
        row, column = column, row
    return View(chosen, along, row, column)


@cache
def steps(least: float = 0.05) -> st.SearchStrategy[float]:
    """Distances of neighbouring slices in mm: real ones, and ones hardly above the tolerance of a place."""
    return st.one_of(st.sampled_from((least, 0.5, 1.0, 4.0)), st.floats(least, 50.0))


@cache
def offsets() -> st.SearchStrategy[float]:
    """Coordinates of a stack's first slice in mm."""
    return st.one_of(st.just(0.0), finite(1000.0))


@st.composite
def positions(draw: st.DrawFn, view: View, count: int) -> tuple[Vec3, ...]:
    """Positions of `count` slices in reading order: unevenly spaced, sheared by a gantry tilt, shifted in plane.

    They are rounded like a decimal string of 16 characters.
    """
    place: Vec3 = (draw(offsets()), draw(offsets()), draw(offsets()))
    even = draw(st.booleans())
    step = draw(steps())
    shear = tan(radians(draw(TILTS)))
    shifted = draw(st.booleans())
    found = []
    for _ in range(count):
        shift = draw(st.floats(-100.0, 100.0)) if shifted else 0.0
        moved = add(place, view.row, shift)
        found.append((round(moved[0], 6), round(moved[1], 6), round(moved[2], 6)))
        distance = step if even else draw(steps())
        place = add(add(place, view.along, distance), view.column, shear * distance)
    return tuple(found)


# --- Stacks ------------------------------------------------------------------------------------------------


@frozen
class Names:
    """What tells objects apart, drawn without regard to where they lie."""

    name: str
    uid: str
    number: int | None


@cache
def _uids(count: int) -> st.SearchStrategy[list[int]]:
    return st.one_of(
        st.permutations(range(count)), st.lists(st.integers(0, 1), min_size=count, max_size=count)
    )


@cache
def _numbers(count: int) -> st.SearchStrategy[Sequence[int | None]]:
    several = st.one_of(st.none(), st.integers(-2, 3), st.integers())
    return st.one_of(
        st.just([None] * count),
        st.just([1] * count),
        st.just(list(range(count))),
        st.just(list(range(count, 0, -1))),
        st.permutations(range(count)),
        st.lists(several, min_size=count, max_size=count),
    )


@st.composite
def names(draw: st.DrawFn, count: int) -> tuple[Names, ...]:
    """Distinct object names; UIDs that may repeat; InstanceNumbers that may lie, repeat or be missing.

    All numbers missing, all equal and counting backwards are drawn as often as anything else: they are what
    real series break naive sorting with.
    """
    tokens = draw(st.permutations(range(count)))
    uids = draw(_uids(count))
    numbers = draw(_numbers(count))
    return tuple(
        Names(f"{token:02}.dcm", f"1.2.{uid}", number)
        for token, uid, number in zip(tokens, uids, numbers, strict=True)
    )


@frozen
class Built:
    """A stack whose order is known because it was built in it."""

    view: View
    instances: tuple[Instance, ...]
    """In reading order."""


@st.composite
def stacks(
    draw: st.DrawFn, least: int = 2, most: int = 6, axis: Axis | None = None, largest_tip: float = 44.0
) -> Built:
    """A stack of single-frame instances at different places."""
    count = draw(st.integers(least, most))
    view = draw(views(axis, largest_tip))
    places = draw(positions(view, count))
    labels = draw(names(count))
    instances = tuple(
        make_instance(label.name, make_frame(place, view.cosines), uid=label.uid, number=label.number)
        for label, place in zip(labels, places, strict=True)
    )
    return Built(view, instances)


@frozen
class Timed:
    """A stack with several times at each place."""

    view: View
    key: int
    """Which of TIME_KEYS tells the instances at one place apart."""
    places: tuple[tuple[Instance, ...], ...]
    """For each place in reading order its instances in order of time."""

    @property
    def instances(self) -> tuple[Instance, ...]:
        """In reading order."""
        return tuple(instance for place in self.places for instance in place)


def _times(key: int, value: float, constants: Sequence[float | None], noise: Sequence[float]) -> TimeValues:
    """Values of all keys: those before `key` the same everywhere, those after it noise."""
    return (*constants[:key], value, *noise[key + 1 :])


def one_each(values: Sequence[T]) -> st.SearchStrategy[list[T]]:
    """One of the values for each key: the digits of one number, which is drawn faster than a list."""
    base = len(values)
    digits = st.integers(0, base ** len(TIME_KEYS) - 1)
    return digits.map(lambda n: [values[n // base**key % base] for key in range(len(TIME_KEYS))])


_MOMENTS = st.lists(st.integers(-1000, 10**15).map(float), min_size=2, max_size=4, unique=True)
_CONSTANTS = one_each((None, 0.0, 1.0))
_NOISE = one_each((0.0, 1.0, 2.0, 3.0))


@st.composite
def timed_stacks(draw: st.DrawFn, least_places: int = 1, short: bool = True) -> Timed:
    """A 4D stack: the same times at each place, told apart by one key; the last volume may be short.

    Keys before the deciding one are missing or constant (TriggerTime is often 0 throughout), keys after it
    say something else, so that neither may be used.
    """
    key = draw(st.integers(0, len(TIME_KEYS) - 1))
    view = draw(views())
    places = draw(positions(view, draw(st.integers(least_places, 4))))
    moments = sorted(draw(_MOMENTS))
    constants = draw(_CONSTANTS)
    labels = list(draw(names(len(places) * len(moments))))
    made = []
    for place in places:
        at = []
        for moment in moments:
            label = labels.pop()
            noise = draw(_NOISE)
            frame = make_frame(place, view.cosines, _times(key, moment, constants, noise))
            at.append(make_instance(label.name, frame, uid=label.uid, number=label.number))
        made.append(tuple(at))
    if short and len(made) > 1 and draw(st.booleans()):
        made[-1] = made[-1][: draw(st.integers(1, len(moments)))]
    return Timed(view, key, tuple(made))


# --- Windows -----------------------------------------------------------------------------------------------


@st.composite
def windows(draw: st.DrawFn, function: VoiFunction | None = None) -> Window:
    """Windows whose numbers are exact in binary, so that their edges are."""
    chosen = draw(st.sampled_from(VoiFunction)) if function is None else function
    center = draw(st.integers(-8000, 8000)) / 4
    width = draw(st.one_of(st.sampled_from((1.0, 2.0)), st.integers(4, 16000).map(lambda n: n / 4)))
    return Window(center, width, chosen)


def with_elements(base: Elements, **changes: Element | None) -> dict[str, Element]:
    """`base` with some elements replaced, and those given as None left out."""
    merged = {**base, **changes}
    return {keyword: value for keyword, value in merged.items() if value is not None}


def primary_positions(stack: Stack[Slice]) -> list[float | None]:
    """The plain coordinates of a stack's slices on its axis."""
    return [primary_position(stack.axis, slice_, stack.centred) for slice_ in stack.slices]
