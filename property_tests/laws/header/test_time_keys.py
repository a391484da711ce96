"""Laws of what tells instances at one place apart: clocks, phases, b-values and echoes.

The elements are those of the General Image, MR, cardiac and PET modules and of the functional groups (PS3.3
C.7.6.1, C.8.3.1, C.7.6.18, C.8.9.4, C.8.13.5); DA, TM and DT are read as PS3.5 6.2 says.
"""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, time, timedelta, timezone
from math import isfinite

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.clock import day_number, microseconds_of_day
from dicom_series_preview.core.header.elements import Element, Elements, private_number
from dicom_series_preview.core.header.functional_groups import HeaderReading
from dicom_series_preview.core.header.time_keys import TIME_KEYS, time_values
from property_tests.strategies import decimals, element, finite, not_numbers

NAMES = [name for name, _ in TIME_KEYS]
KEY = {name: index for index, name in enumerate(NAMES)}

ENHANCED = {
    "TemporalPositionIdentifier": ("FrameContentSequence", "TemporalPositionIndex"),
    "TriggerTime": ("CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"),
    "DiffusionBValue": ("MRDiffusionSequence", "DiffusionBValue"),
    "EchoTime": ("MREchoSequence", "EffectiveEchoTime"),
}
"""Where an Enhanced object keeps what its namesake says (PS3.3 C.7.6.16.2.2, C.8.13.5)."""

CLOCKS = ("Acquisition", "Content", "InstanceCreation")


def _values(source: Elements) -> dict[str, float | None]:
    return dict(zip(NAMES, time_values(HeaderReading(source).frame(0)), strict=True))


def _per_frame(macro: str, keyword: str, value: Element) -> dict[str, Element]:
    return {"PerFrameFunctionalGroupsSequence": element("SQ", {macro: element("SQ", {keyword: value})})}


def _written(moment: time, digits: int) -> str:
    """A TM value with `digits` of its fraction, or cut at the second, minute or hour."""
    whole = moment.strftime("%H%M%S") + f".{moment.microsecond:06}"
    return whole[: {0: 6, -1: 4, -2: 2}.get(digits, 7 + digits)]


@given(moment=st.times(), digits=st.integers(-2, 6), padding=st.sampled_from(("", " ")))
def test_a_time_is_its_microseconds_after_midnight(moment: time, digits: int, padding: str) -> None:
    """HHMMSS.FFFFFF, cut anywhere: what is missing is zero (PS3.5 6.2, TM)."""
    kept = {
        -2: moment.replace(minute=0, second=0, microsecond=0),
        -1: moment.replace(second=0, microsecond=0),
    }
    step = 10 ** (6 - max(0, digits))
    cut = kept.get(digits, moment.replace(microsecond=moment.microsecond // step * step))
    since = datetime.combine(date(2000, 1, 1), cut) - datetime(2000, 1, 1)
    assert microseconds_of_day(_written(moment, digits) + padding) == since // timedelta(microseconds=1)


@given(moment=st.times())
def test_the_old_form_with_colons_is_the_same_time(moment: time) -> None:
    """HH:MM:SS.FFFFFF of ACR-NEMA is read like HHMMSS.FFFFFF."""
    colons = moment.strftime("%H:%M:%S") + f".{moment.microsecond:06}"
    assert microseconds_of_day(colons) == microseconds_of_day(colons.replace(":", ""))


@given(moment=st.times())
def test_a_leap_second_is_the_second_after_59(moment: time) -> None:
    """Second 60 exists (PS3.5 6.2, TM): it follows second 59."""
    stem = moment.strftime("%H%M")
    before, leap = microseconds_of_day(stem + "59"), microseconds_of_day(stem + "60")
    assert before is not None
    assert leap == before + 1_000_000


@given(day=st.dates(), dots=st.booleans())
def test_days_are_as_far_apart_as_the_calendar_says(day: date, dots: bool) -> None:
    """YYYYMMDD, or YYYY.MM.DD of ACR-NEMA: a day's number counts days (PS3.5 6.2, DA)."""
    pattern = "{:04}.{:02}.{:02}" if dots else "{:04}{:02}{:02}"
    found, origin = day_number(pattern.format(day.year, day.month, day.day)), day_number("20000101")
    assert found is not None
    assert origin is not None
    assert timedelta(days=found - origin) == day - date(2000, 1, 1)


@given(junk=st.one_of(st.text(), st.text("0123456789:. +-", max_size=20)))
@example("240000")
@example("236000")
@example("235961")
@example("12000a")
@example("2000130")
@example("20001301")
@example("20000230")
@example("00000101")
@example("")
@example("٢٣٥٩٥٩")
def test_reading_a_clock_never_fails(junk: str) -> None:
    """Whatever is written: a time within its day (a leap second at most beyond), a real day, or nothing."""
    found = microseconds_of_day(junk)
    assert found is None or 0 <= found < (86_400 + 1) * 10**6
    day = day_number(junk)
    assert day is None or date.fromordinal(day).toordinal() == day
    source = {"FrameAcquisitionDateTime": element("DT", junk)}
    assert _values(source)["AcquisitionTime"] is None or junk.isascii()


@pytest.mark.parametrize(
    "junk", ["240000", "126000", "125961", "12000a", "1", "ab", "", "12.0000000", "٢٣٥٩"]
)
def test_impossible_times_are_absent(junk: str) -> None:
    """Hour 24, minute 60, second 61, letters and odd digits are no time."""
    assert microseconds_of_day(junk) is None


@pytest.mark.parametrize(
    "junk", ["20001301", "20000230", "00000101", "2000010", "2000-01-01", "", "٢٠٠٠٠١٠١"]
)
def test_impossible_days_are_absent(junk: str) -> None:
    """A 13th month, a 30th of February, a year 0 and other forms are no day."""
    assert day_number(junk) is None


moments = st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2100, 1, 1))


@given(first=moments, second=moments)
@pytest.mark.parametrize("stem", CLOCKS)
def test_clocks_order_moments_across_midnight(stem: str, first: datetime, second: datetime) -> None:
    """A time counts with its date: moments are as far apart as they were, exactly to the microsecond."""

    def read(moment: datetime) -> float:
        source = {
            stem + "Date": element("DA", moment.strftime("%Y%m%d")),
            stem + "Time": element("TM", moment.strftime("%H%M%S.%f")),
        }
        found = _values(source)[stem + "Time"]
        assert found is not None
        return found

    assert read(second) - read(first) == (second - first) // timedelta(microseconds=1)


@given(moment=st.times(), junk=st.sampled_from((None, "", "20001301", "yesterday")))
@pytest.mark.parametrize("stem", CLOCKS)
def test_a_time_without_a_date_is_still_a_time(stem: str, moment: time, junk: str | None) -> None:
    """Without a usable date, times of one day still compare."""
    written = moment.strftime("%H%M%S.%f")
    source = {stem + "Time": element("TM", written)}
    if junk is not None:
        source[stem + "Date"] = element("DA", junk)
    assert _values(source)[stem + "Time"] == microseconds_of_day(written)


@pytest.mark.parametrize("stem", CLOCKS)
def test_a_date_without_a_time_is_no_key(stem: str) -> None:
    """A date alone tells nothing apart."""
    assert set(_values({stem + "Date": element("DA", "20200101")}).values()) == {None}


zones = st.integers(-12 * 60, 14 * 60)


@given(first=moments, one=zones, other=zones)
def test_datetimes_with_offsets_name_one_moment(first: datetime, one: int, other: int) -> None:
    """A DT value with an offset from UTC is the moment it names, in whatever zone it is written (PS3.5 6.2)."""

    def read(minutes: int) -> float | None:
        there = first.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
        written = there.strftime("%Y%m%d%H%M%S.%f%z")
        return _values(
            _per_frame("FrameContentSequence", "FrameAcquisitionDateTime", element("DT", written))
        )["AcquisitionTime"]

    found = read(one)
    assert found is not None
    assert found == read(other)
    plain = {"AcquisitionDateTime": element("DT", first.strftime("%Y%m%d%H%M%S.%f"))}
    assert found == _values(plain)["AcquisitionTime"]


@given(moment=moments, length=st.sampled_from((8, 10, 12, 14, 16, 21)))
def test_datetimes_may_be_cut(moment: datetime, length: int) -> None:
    """A DT value may end after the day, hour, minute, second or any digit of the fraction."""
    written = moment.strftime("%Y%m%d%H%M%S.%f")
    day, rest = written[:8], (written[8:length] or "00")
    source = {"AcquisitionDate": element("DA", day), "AcquisitionTime": element("TM", rest)}
    cut = {"AcquisitionDateTime": element("DT", written[:length])}
    assert _values(cut)["AcquisitionTime"] == _values(source)["AcquisitionTime"]


@pytest.mark.parametrize("junk", ["2000", "20001301", "20000101250000", "20000101 1200", "20000101120000+1"])
def test_impossible_datetimes_are_absent(junk: str) -> None:
    """A year alone, impossible days and hours and broken offsets are no moment."""
    assert _values({"AcquisitionDateTime": element("DT", junk)})["AcquisitionTime"] is None


def test_the_acquisition_time_of_a_frame_comes_first() -> None:
    """FrameAcquisitionDateTime before AcquisitionTime before AcquisitionDateTime."""
    source: dict[str, Element] = {"AcquisitionDateTime": element("DT", "20200101030000")}
    third = _values(source)["AcquisitionTime"]
    source |= {"AcquisitionDate": element("DA", "20200101"), "AcquisitionTime": element("TM", "020000")}
    second = _values(source)["AcquisitionTime"]
    source |= _per_frame("FrameContentSequence", "FrameAcquisitionDateTime", element("DT", "20200101010000"))
    first = _values(source)["AcquisitionTime"]
    assert first is not None
    assert second is not None
    assert third is not None
    assert (second - first, third - second) == (3600 * 10**6, 3600 * 10**6)


@given(classic=finite(), enhanced=finite())
@pytest.mark.parametrize("name", ENHANCED)
def test_enhanced_elements_take_their_namesakes_places(name: str, classic: float, enhanced: float) -> None:
    """A frame's own value comes before the classic element of the root; each alone is used too."""
    macro, keyword = ENHANCED[name]
    root = {name: decimals(classic)}
    frame = _per_frame(macro, keyword, element("FD", enhanced))
    assert _values(root)[name] == classic
    assert _values(frame)[name] == enhanced
    assert _values({**root, **frame})[name] == enhanced


@given(classic=finite(), junk=not_numbers())
@pytest.mark.parametrize("name", ENHANCED)
def test_times_that_are_no_numbers_are_absent(name: str, classic: float, junk: str) -> None:
    """An unreadable value is passed over for its namesake, and is absent where there is none."""
    macro, keyword = ENHANCED[name]
    assert _values({name: element("DS", junk)})[name] is None
    broken = _per_frame(macro, keyword, element("DS", junk))
    assert _values(broken)[name] is None
    assert _values({**broken, name: decimals(classic)})[name] == classic


def test_each_key_reads_elements_of_its_own() -> None:
    """No two keys read the same element, and nothing is made up for those that are missing."""
    for name in (*ENHANCED, "FrameReferenceTime"):
        found = _values({name: decimals(7.0)})
        assert {key for key, value in found.items() if value is not None} == {name}
    for stem in CLOCKS:
        found = _values({stem + "Time": element("TM", "120000")})
        assert {key for key, value in found.items() if value is not None} == {stem + "Time"}


B_VALUES = {"GE": "(0043,1039)", "Siemens": "(0019,100c)", "Philips": "(2001,1003)"}


@given(
    value=st.integers(0, 99_999), marked=st.integers(0, 20_000), more=st.lists(st.integers(0, 9), max_size=3)
)
def test_b_values_of_ge_are_freed_of_their_marker(value: int, marked: int, more: list[int]) -> None:
    """GE adds a multiple of 100,000 to the first of four numbers: modulo 1e5 it is the b-value."""
    texts = [str(marked * 100_000 + value), *(str(number) for number in more)]
    for made in (element("IS", *texts), element("UN", "\\".join(texts).encode())):
        assert _values({B_VALUES["GE"]: made})["DiffusionBValue"] == value


@given(value=st.integers(0, 10**6), padding=st.sampled_from((b"", b" ", b"\0")))
@pytest.mark.parametrize("maker", ["Siemens", "Philips"])
def test_b_values_of_others_are_as_they_stand(maker: str, value: int, padding: bytes) -> None:
    """Siemens and Philips write the b-value itself: as text, as a number or undecoded."""
    name = B_VALUES[maker]
    assert _values({name: element("IS", str(value))})["DiffusionBValue"] == value
    assert _values({name: element("FL", float(value))})["DiffusionBValue"] == value
    assert _values({name: element("UN", str(value).encode() + padding)})["DiffusionBValue"] == value


def test_b_values_come_from_the_standard_first() -> None:
    """DiffusionBValue comes before the private elements, and those in one fixed order."""
    source = {B_VALUES["Philips"]: decimals(3.0)}
    assert _values(source)["DiffusionBValue"] == 3
    source[B_VALUES["Siemens"]] = decimals(2.0)
    assert _values(source)["DiffusionBValue"] == 2
    source[B_VALUES["GE"]] = decimals(1.0)
    assert _values(source)["DiffusionBValue"] == 1
    source["DiffusionBValue"] = decimals(0.0)
    assert _values(source)["DiffusionBValue"] == 0


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_four_undecoded_bytes_are_a_float(value: float) -> None:
    """In implicit VR a private FL arrives as its four bytes, little-endian, unless they read as digits."""
    raw = struct.pack("<f", value)
    assume(not any(0x30 <= byte <= 0x39 for byte in raw))
    assert private_number(element("UN", raw)) == value


@given(value=st.integers(-(2**15), 2**15 - 1))
def test_two_undecoded_bytes_are_an_integer(value: int) -> None:
    """In implicit VR a private SS arrives as its two bytes, little-endian, unless they read as digits."""
    raw = struct.pack("<h", value)
    assume(not any(0x30 <= byte <= 0x39 for byte in raw))
    assert private_number(element("UN", raw)) == value


@given(raw=st.binary(max_size=12))
@example(b"\0\0\x80\x7f")
@example(b"\0\0\xc0\x7f")
@example(b"1e99")
@example(b"e999")
def test_private_bytes_give_a_finite_number_or_none(raw: bytes) -> None:
    """Whatever bytes a private element holds, its number is finite or there is none."""
    found = private_number(element("UN", raw))
    assert found is None or isfinite(found)
    assert found is None or len(raw) in (2, 4) or any(0x30 <= byte <= 0x39 for byte in raw)
