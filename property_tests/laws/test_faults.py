"""Laws of the words for a refusal: there always are some, and they quote what offended."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules
from typing import get_args

import pytest
from attrs import Attribute, fields
from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core import faults
from dicom_series_preview.core.choose.positions import offset_from, within
from dicom_series_preview.core.faults.batch import (
    BadLine,
    BadList,
    BadSettings,
    BatchRefusal,
    NoScheduler,
    NoWorkers,
    OtherOptions,
    UnusableFolder,
    UnusableList,
)
from dicom_series_preview.core.faults.fault import Fault, NothingReadable, ObjectFault
from dicom_series_preview.core.faults.index import BadIndex, IndexLacks, NewerIndex, OtherSeries
from dicom_series_preview.core.faults.objects import BadPalette, BadPixelData, BadPixelModule, NotDicom
from dicom_series_preview.core.faults.request import (
    BadExtension,
    BadOptions,
    BadRoot,
    BadSeriesId,
    CanvasTooLarge,
    Conflict,
    Needs,
    OutOfRange,
    RequestError,
)
from dicom_series_preview.core.faults.series import (
    FoundSeries,
    NoObjects,
    NoPixels,
    NothingInRange,
    OffsetOutOfBounds,
    SeveralSeries,
)
from dicom_series_preview.core.faults.storage import StoreFailed
from dicom_series_preview.core.faults.tally import Tally
from property_tests.prose import flaws

CLASSES = get_args(Fault)

words = st.text("abcXYZ019äß中-_/\\'\"*.:", min_size=1, max_size=12)
whole = st.integers(0, 10**6)
fraction = st.floats(0, 1)


def _of_type(texts: st.SearchStrategy[str]) -> dict[str, st.SearchStrategy[object]]:
    """Values of a field by its annotation, with these texts."""
    several = st.lists(texts, min_size=1, max_size=3)
    series = st.builds(FoundSeries, texts, whole, texts, texts, st.booleans())
    return {
        "str": texts,
        "str | None": st.none() | texts,
        "bool": st.booleans(),
        "int": whole,
        "float": fraction,
        "ObjectFault": st.builds(NotDicom, texts, texts),
        "tuple[str, ...]": several.map(tuple),
        "tuple[FoundSeries, ...]": st.lists(series, min_size=2, max_size=12).map(tuple),
        "tuple[RequestError, ...]": st.builds(Needs, texts, texts).map(lambda one: (one,)),
        "tuple[tuple[str, str, str], ...]": st.lists(st.tuples(texts, texts, texts), min_size=1).map(tuple),
    }


# What is a sentence of its own, by whoever noticed the fault.
SENTENCES = {"advice", "hint"}


def _values(kind: type, field: Attribute[object], texts: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    if field.name in SENTENCES or (kind is StoreFailed and field.name == "reason"):
        sentences = texts.map(lambda text: f"{text}.")
        return st.just("") | sentences if field.default == "" else sentences
    return _of_type(texts)[str(field.type)]


def _any_of(kind: type[Fault], texts: st.SearchStrategy[str] = words) -> st.SearchStrategy[Fault]:
    return st.builds(kind, **{field.name: _values(kind, field, texts) for field in fields(kind)})


OF_KIND: dict[type[Fault], st.SearchStrategy[Fault]] = {kind: _any_of(kind) for kind in CLASSES}
any_error = st.one_of(*OF_KIND.values())


def test_the_tree_holds_every_fault() -> None:
    """The union holds every class of the room, and each has words of its own: none can be forgotten."""
    modules = [import_module(f"{faults.__name__}.{one.name}") for one in iter_modules(faults.__path__)]
    made = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    }
    of_batches = {*get_args(BatchRefusal), BadLine}
    assert {*CLASSES, *of_batches, FoundSeries, Tally} == made
    assert all("__str__" in vars(kind) for kind in made - {BadLine, Tally})


@pytest.mark.parametrize("kind", CLASSES)
@given(data=st.data())
def test_words_are_total(kind: type[Fault], data: st.DataObject) -> None:
    """Every refusal gives one paragraph: a sentence or more, no line breaks of its own, no leftovers."""
    text = str(data.draw(OF_KIND[kind]))
    assert text == text.strip()
    assert text.endswith((".", ")"))
    assert not re.search(r"\n|\bNone\b(?! of [0-9])|[{}<>]", text)


PROSE: dict[type[Fault], st.SearchStrategy[Fault]] = {
    kind: _any_of(kind, st.just("/x1"))
    for kind in (*CLASSES, *get_args(BatchRefusal))
    if kind not in (BadOptions, BadList)
}


@pytest.mark.parametrize("kind", PROSE)
@given(data=st.data())
def test_words_are_prose(kind: type[Fault], data: st.DataObject) -> None:
    """Sentences, each with a capital and a stop, that no one shouts; the two others are lists of such."""
    assert flaws(str(data.draw(PROSE[kind]))) == []


@given(count=st.integers(1, 10**6), first=_any_of(NotDicom))
def test_how_many_could_not_be_read_is_told(count: int, first: ObjectFault) -> None:
    """The number of several, none of a single object, and last what the first of them met."""
    before, told, after = str(NothingReadable(count, first)).partition(f": {first}")
    assert (told, after) == (f": {first}", "")
    assert re.findall(r"\d+ objects|\bobject\b", before) == [f"{count} objects" if count > 1 else "object"]
    assert ("first" in before) == (count > 1)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            BadSeriesId("xyz", "it is bad"),
            "'xyz' is no series identifier: it is bad. Give 32 hexadecimal digits (with or without the hyphens of "
            "a UUID), the first digits of one followed by *, a DICOM SeriesInstanceUID, or the location of a "
            "series folder.",
        ),
        (
            BadRoot("ftp://x", "it is bad"),
            "'ftp://x' is no storage root: it is bad. Give s3://bucket/prefix, gs://, az://, http(s)://, "
            "file://, a folder, or dicomweb+https://host/path.",
        ),
        (OutOfRange("--end", "2", "at most 1"), "--end 2 is not allowed: it must be at most 1."),
        (OutOfRange("--end", "", "a number"), "--end '' is not allowed: it must be a number."),
        (
            BadExtension("a.png", (".webp", ".jpg")),
            "'a.png' has no extension this command writes: use .webp or .jpg.",
        ),
        (Conflict("--a", "--b", "they clash"), "--a cannot be used with --b: they clash."),
        (Needs("--a", "--b"), "--a needs --b as well."),
        (
            CanvasTooLarge(101, 100, "Tiny", 100),
            "The picture would be 101 px wide, but Tiny holds at most 100 px a side: use fewer tiles or a smaller "
            "--image-width.",
        ),
        (
            CanvasTooLarge(100, 101, "Tiny", 100),
            "The picture would be 101 px high, but Tiny holds at most 100 px a side: use fewer tiles or a smaller "
            "--image-width.",
        ),
        (
            CanvasTooLarge(101, 102, "Tiny", 100),
            "The picture would be 101 px wide and 102 px high, but Tiny holds at most 100 px a side: use fewer "
            "tiles or a smaller --image-width.",
        ),
        (NoObjects("/a", 0), "/a holds no DICOM object. Check SERIESUID and --root."),
        (
            NoObjects("1.2", 5, 1),
            "There is no object of 1.2; 1 DICOM object is of another series. Check SERIESUID and --root.",
        ),
        (
            NoObjects("1.2", 0, 2),
            "There is no object of 1.2; 2 DICOM objects are of other series. Check SERIESUID and --root.",
        ),
        (NoPixels("/a", ("SR", "PR")), "/a holds no image, only SR, PR: there is nothing to preview."),
        (BadPixelModule("Rows", "0", "too few"), "The header describes no readable image: Rows 0: too few."),
        (BadPixelData(0, "it is cut"), "Frame 1 cannot be found in the pixel data: it is cut."),
        (BadPalette("Red", "it is cut"), "The red palette colour lookup table is unusable: it is cut."),
        (
            BadIndex("i.parquet", "it is cut"),
            "i.parquet cannot be used as an index: it is cut. Make one with build-index.",
        ),
        (
            NewerIndex("i.parquet", "9", 1),
            "i.parquet is an index of format 9, but this version of dicom-series-preview knows formats up to 1: "
            "update it, or make the index again with build-index.",
        ),
        (
            IndexLacks("i.parquet", "Index"),
            "i.parquet cannot be used as an index: it has no column Index. Make it again with build-index.",
        ),
        (
            OtherSeries("i.parquet", "a", "b"),
            "i.parquet is the index of series a, not of b. Give the index of that series.",
        ),
    ],
)
def test_what_was_wrong_and_what_would_be_right(error: Fault, words: str) -> None:
    """A refusal quotes the text at fault, says what is wrong with it, and then what to give or do instead."""
    assert str(error) == words


@given(error=any_error)
def test_words_quote_what_offended(error: Fault) -> None:
    """The user's own text is in the words, as it was typed or quoted."""
    text = str(error)
    values = [getattr(error, field.name) for field in fields(type(error))]
    for value in (value for value in values if isinstance(value, str)):
        assert value in text or repr(value)[1:-1] in text or value.lower() in text


@given(one=any_error, other=any_error)
def test_different_refusals_have_different_words(one: Fault, other: Fault) -> None:
    """Refusals of different kinds never read the same.  A list of refusals is none itself: it reads as they do."""
    assume(type(one) is not type(other) and BadOptions not in (type(one), type(other)))
    assert str(one) != str(other)


@given(refusals=st.lists(any_error.filter(lambda error: not isinstance(error, BadOptions)), min_size=1))
def test_a_list_of_refusals_reads_as_each_in_its_order(refusals: list[RequestError]) -> None:
    """Nothing is added and nothing lost: the words of each, each on lines of its own."""
    assert str(BadOptions(tuple(refusals))).split("\n") == [
        line for refusal in refusals for line in str(refusal).split("\n")
    ]


@given(count=st.integers(1, 300), chosen=st.integers(0, 299), offset=st.integers(-400, 400))
@example(count=181, chosen=0, offset=-10)
@example(count=181, chosen=180, offset=100)
def test_an_offset_out_of_bounds_is_told_with_what_is_valid(count: int, chosen: int, offset: int) -> None:
    """The words say which end was passed, the valid indices, and offsets that would have been right."""
    assume(chosen < count)
    found = offset_from(chosen, offset, count)
    assume(not is_successful(found))
    text = str(found.failure())
    assert ("before the first" in text) == (offset < 0)
    assert ("past the last" in text) == (offset > 0)
    assert f"valid indices are 0-{count - 1}" in text
    least, most = re.findall(r"offset may be (-?\d+) to (-?\d+)", text)[0]
    assert offset_from(chosen, int(least), count).unwrap() == 0
    assert offset_from(chosen, int(most), count).unwrap() == count - 1


@given(
    places=st.lists(st.integers(1, 10**6), min_size=2, max_size=8, unique=True),
    start=st.integers(0, 999_999),
    length=st.integers(0, 10**6),
)
@example(places=[1, 100_001], start=500_000, length=1)
@example(places=[1, 10**6], start=999_998, length=1)
@example(places=[1, 10**6], start=12_345, length=123_456)
@example(places=[1, 34_567, 99_999], start=500_000, length=1)
def test_an_empty_range_widened_to_the_named_slices_is_not_empty(
    places: list[int], start: int, length: int
) -> None:
    """The positions named as nearest are exact enough to be typed in: a range that reaches there finds them.

    The range is quoted as it was given, to the last digit.
    """
    coordinates = [0.0, *sorted(float(place) for place in places)]
    low, high = start / 10**6, min(1.0, (start + length) / 10**6)
    found = within(coordinates, low, high)
    assume(not is_successful(found))
    text = str(found.failure())
    assert [float(edge) for edge in re.findall(r"--(?:start|end) ([^\s;]+)", text)] == [low, high]
    named = re.findall(r"at (\S+) and (\S+)\. Widen", text)[0]
    before, after = (float(place) for place in named)
    for one in ((before, high), (low, after)):
        assert is_successful(within(coordinates, *one))


def test_an_empty_range_is_told_with_both_neighbours() -> None:
    """The words name the range and the slices on either side of it, without digits that say nothing."""
    text = str(NothingInRange(0.2, 0.3, 0.1, 1.0))
    assert text == (
        "No slice lies between --start 0.2 and --end 0.3; the nearest slices are at 0.1 and 1. Widen the range."
    )
    assert "are at 0 and 0.123457." in str(NothingInRange(0.05, 0.1, 0.0, 0.1234567))
    assert "are at 0.25 and 0.5." in str(NothingInRange(0.3, 0.4, 0.25, 0.5))


@given(count=st.integers(2, 30), size=st.integers(1, 3))
def test_several_series_are_listed_up_to_ten(count: int, size: int) -> None:
    """A line for each of the first ten; that there are more is said."""
    found = tuple(FoundSeries(f"1.2.{index}", size, "CT", "Thin", True) for index in range(count))
    head, *listed, advice = SeveralSeries("/data", found).lines
    assert head == f"/data holds {count} series:"
    rest = [f"and {count - 10} more"] * (count > 10)
    assert listed == [*map(str, found[:10]), *rest]
    assert "--root" in advice
    assert str(SeveralSeries("/data", found)) == f"{head} {'; '.join(listed)}. {advice}"


def test_the_words_for_several_series() -> None:
    """Each series with its UID, modality, description and count, where they are known, and what to do."""
    found = (
        FoundSeries("1.2", 3, "CT", "Thin", True),
        FoundSeries("1.3", 1, "", "", True),
        FoundSeries("1.4", 2, "SR", "", False),
    )
    assert SeveralSeries("/data", found).lines == (
        "/data holds 3 series:",
        "1.2: CT, Thin, 3 objects",
        "1.3: 1 object",
        "1.4: SR, 2 objects without pictures",
        "Give this folder as --root and one of these UIDs as SERIESUID.",
    )


@pytest.mark.parametrize(
    ("skipped", "words"),
    [(0, "object. Check"), (1, "; 1 other object was skipped."), (2, "; 2 other objects were skipped.")],
)
def test_an_empty_folder_says_what_else_was_there(skipped: int, words: str) -> None:
    """Objects that are no DICOM are counted, if there are any."""
    assert words in str(NoObjects("place", skipped))


@given(attribute=words, problem=words)
def test_a_missing_attribute_is_named_without_a_value(attribute: str, problem: str) -> None:
    """A header's missing attribute is named alone, a wrong one with its value."""
    assert f": {attribute}: {problem}." in str(BadPixelModule(attribute, "", problem))
    assert f": {attribute} 7: {problem}." in str(BadPixelModule(attribute, "7", problem))


def test_an_offset_is_refused_at_the_very_ends() -> None:
    """One before the first and one past the last are told apart."""
    assert str(OffsetOutOfBounds(1, -2, 4)) == (
        "--slice-offset -2 goes before the first instance: --position chose index 1, and the valid indices are "
        "0-4, so the offset may be -1 to 3."
    )
    assert "goes past the last instance:" in str(OffsetOutOfBounds(0, 1, 0))


@pytest.mark.parametrize(
    ("refusal", "quoted"),
    [
        (BadSettings("it is cut"), ("it is cut", "--overwrite")),
        (
            OtherOptions((("--gap", "1", "2"), ("--rate", "3", "4"))),
            ("--gap was 1, now 2; --rate was 3, now 4",),
        ),
        (NoScheduler("tcp://a:1", "nobody answers"), ("tcp://a:1", "nobody answers")),
        (NoWorkers(17), ("17 series left",)),
        (UnusableFolder("/out", "it is a file"), ("/out", "it is a file")),
        (UnusableList("list.txt", "it is empty"), ("list.txt", "it is empty")),
    ],
)
def test_what_ends_a_batch_is_told_in_words(refusal: BatchRefusal, quoted: tuple[str, ...]) -> None:
    """The words quote what offended, as a whole sentence."""
    assert all(part in str(refusal) for part in quoted)
    assert str(refusal).endswith(".")
