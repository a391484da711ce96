"""The laws of lists of series: every form people have them in, and all that is wrong at once."""

from __future__ import annotations

from gzip import compress
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from dicom_series_preview.core.ask.roots import LocalRoot, S3Root
from dicom_series_preview.core.ask.series_id import DicomUid, SeriesId, SeriesPlace, SeriesUid, show_series
from dicom_series_preview.core.batch.manifest import (
    COLUMNS,
    ENOUGH,
    Columns,
    read_columns,
    read_lines,
    text_encoding,
)
from dicom_series_preview.core.batch.wanted import Wanted
from dicom_series_preview.core.faults.batch import BadLine, BadList, NoColumn
from property_tests.strategies_location import buckets, dicom_uids, series_ids, uids

texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), max_size=8)
blanks = st.text(" \t\r\n", max_size=2)
passed_over = st.builds("{}{}{}".format, blanks, st.just("") | texts.map("#{}".format), blanks)

# A series as a line, and as what it is meant; a name that begins or ends with a blank cannot be told from it.
spelled = series_ids.filter(
    lambda one: (
        show_series(one).strip() == show_series(one)
        and not show_series(one).startswith(("#", "cp ", "cp\t", "\ufeff"))
    )
).map(lambda one: (show_series(one), one)) | st.just(("X/knee", SeriesPlace(LocalRoot("X"), "knee")))
folder_names = uids.map(lambda uid: uid.text) | st.just("X-X")
folders = st.builds(SeriesPlace, buckets.map(S3Root), folder_names).map(
    lambda place: (f"{show_series(place)}/*", place)
)


@st.composite
def _copies(draw: st.DrawFn) -> tuple[str, SeriesId]:
    text, place = draw(folders)
    flags = "".join(
        f"{flag} " for flag in draw(st.lists(st.sampled_from(["-n", "--if-size-differ"]), max_size=2))
    )
    quote = draw(st.sampled_from(["", '"', "'"]))
    gap = draw(st.sampled_from([" ", "  ", "\t"]))
    target = draw(st.sampled_from([".", "./", "out/", '"my folder"', "'my folder'"]))
    text = draw(st.sampled_from([text, text.removesuffix("*"), text.removesuffix("/*")]))
    return f"cp{gap}{flags}{quote}{text}{quote}{gap}{target}", place


good_lines: st.SearchStrategy[tuple[str, SeriesId]] = spelled | folders | _copies()
bad_lines = st.sampled_from(
    [
        "ct chest",
        "12345",
        "s3://",
        "s3://bucket",
        "cp",
        "cp s3://bucket/0a/*",
        "cp 389* .",
        "cp . .",
        "cp s3://bucket/0a/* . more",
        'cp "s3://bucket/0a/* .',
        "mv s3://bucket/0a/* .",
        "s3://bucket/0a*",
        "a comment",
    ]
)


@given(st.lists(st.tuples(good_lines, passed_over, blanks, blanks), max_size=8), st.booleans())
def test_every_form_of_a_line_names_its_series(
    lines: list[tuple[tuple[str, SeriesId], str, str, str]], mark: bool
) -> None:
    """A series, a location, all that is in a folder, a copy command; blanks and comments mean nothing."""
    text = [line for (one, _), comment, before, after in lines for line in (comment, f"{before}{one}{after}")]
    text = [f"\ufeff{text[0]}", *text[1:]] if mark and text else text
    assert read_lines("list", text) == Success(tuple(Wanted(series) for (_, series), *_ in lines))


@given(
    st.lists(good_lines.map(lambda one: one[0]) | passed_over, max_size=8),
    st.lists(bad_lines, min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_all_lines_that_name_no_series_are_told_at_once(
    good: list[str], bad: list[str], chance: Random
) -> None:
    """Each by its number, and by its own text; the good ones do not help."""
    lines = [(line, False) for line in good] + [(line, True) for line in bad]
    chance.shuffle(lines)
    found = read_lines("list", [line for line, _ in lines]).failure()
    numbers = [number for number, (_, is_bad) in enumerate(lines, start=1) if is_bad]
    assert (found.place, found.unit, [line.number for line in found.lines]) == ("list", "line", numbers)
    for line in found.lines:
        assert (
            repr(lines[line.number - 1][0].removeprefix("cp ").removesuffix(" .")).strip("'\"")
            in line.problem
        )


@given(st.integers(1, 60))
def test_the_words_name_the_first_and_count_the_rest(count: int) -> None:
    """A list that is no list at all does not fill the screen."""
    words = str(BadList("my.txt", "line", tuple(BadLine(n, f"problem {n}") for n in range(1, count + 1))))
    first, *told = words.splitlines()
    assert first == ("1 line names" if count == 1 else f"{count} lines name") + " no series in my.txt:"
    assert told[:20] == [f"line {n}: problem {n}" for n in range(1, min(count, 20) + 1)]
    assert told[20:] == ([f"... and {count - 20} more"] if count > 20 else [])


@st.composite
def _columns(
    draw: st.DrawFn, rows: st.SearchStrategy[tuple[dict[str, str], SeriesId]]
) -> tuple[dict[str, list[str | None]], tuple[Wanted, ...]]:
    drawn = draw(st.lists(rows, min_size=1, max_size=6))
    names = draw(st.sampled_from([[], ["collection"], ["collection_id"], ["collection_id", "collection"]]))
    groups = [draw(st.none() | st.sampled_from(["", "nlst", "luad"])) for _ in drawn]
    columns: dict[str, list[str | None]] = {"Modality": [None] * len(drawn)}
    for name in drawn[0][0]:
        columns[name] = [row[name] for row, _ in drawn]
    for name in names:
        columns[name] = list(groups) if name == names[0] else ["other"] * len(drawn)
    columns = {name: columns[name] for name in draw(st.permutations(list(columns)))}
    given_tags = groups if names else [None] * len(drawn)
    return columns, tuple(
        Wanted(series, tag or None) for (_, series), tag in zip(drawn, given_tags, strict=True)
    )


@st.composite
def _of_idc(draw: st.DrawFn) -> tuple[dict[str, str], SeriesId]:
    uid, bucket = draw(uids), draw(buckets)
    url = f"s3://{bucket}/{uid.text}/*"
    return {
        "series_aws_url": url,
        "crdc_series_uuid": uid.text,
        "aws_bucket": bucket,
        "SeriesInstanceUID": draw(dicom_uids).text,
    }, SeriesPlace(S3Root(bucket), uid.text)


def _only(*names: str) -> st.SearchStrategy[tuple[dict[str, str], SeriesId]]:
    return _of_idc().map(lambda row: ({name: row[0][name] for name in names}, row[1]))


@given(
    _columns((spelled | folders).map(lambda one: ({"series": one[0], "series_aws_url": "?"}, one[1])))
    | _columns(_of_idc())
    | _columns(_only("series_aws_url"))
    | _columns(_only("crdc_series_uuid", "aws_bucket", "SeriesInstanceUID"))
    | _columns(uids.map(lambda uid: ({"crdc_series_uuid": uid.text}, uid)))
    | _columns(dicom_uids.map(lambda uid: ({"SeriesInstanceUID": uid.text, "aws_bucket": "b"}, uid)))
)
def test_every_form_of_a_table_names_its_series(
    table: tuple[dict[str, list[str | None]], tuple[Wanted, ...]],
) -> None:
    """The first that is there of the columns counts; buckets are taken as told; others mean nothing."""
    columns, wanted = table
    assert read_columns("t", columns) == Success(wanted)


def _bad_rows(columns: Columns) -> list[int]:
    found = read_columns("t", columns).failure()
    return [line.number for line in found.lines] if isinstance(found, BadList) else []


@given(st.lists(st.sampled_from(["", None, "ct chest", "1.2.3", "good"]), max_size=9), uids)
def test_all_rows_that_name_no_series_are_told_at_once(cells: list[str | None], uid: SeriesUid) -> None:
    """Rows are counted from 1; a cell without a value names nothing."""
    cells = [*cells, None]
    texts = [uid.text if cell == "good" else cell for cell in cells]
    no_uuid = [number for number, cell in enumerate(cells, start=1) if cell != "good"]
    no_uid = [number for number, cell in enumerate(cells, start=1) if cell != "1.2.3"]
    assert _bad_rows({"crdc_series_uuid": texts}) == no_uuid
    assert _bad_rows({"crdc_series_uuid": texts, "aws_bucket": ["bucket"] * len(texts)}) == no_uuid
    assert _bad_rows({"SeriesInstanceUID": texts}) == no_uid


@given(uids, st.sampled_from([None, "", "no bucket"]))
def test_a_bucket_is_told_with_each_uuid(uid: SeriesUid, bucket: str | None) -> None:
    """Where the table has the column, a row without one is refused: buckets are never searched for."""
    assert _bad_rows({"crdc_series_uuid": [uid.text], "aws_bucket": [bucket]}) == [1]


@given(st.lists(texts.filter(lambda name: name not in COLUMNS), max_size=5, unique=True))
def test_a_table_without_such_a_column_is_refused(names: list[str]) -> None:
    """The words say which columns it has, and which would do."""
    refusal = NoColumn("t", tuple(names))
    assert read_columns("t", {name: ["x"] for name in names}) == Failure(refusal)
    assert all(name in str(refusal) for name in [*names, "crdc_series_uuid", "SeriesInstanceUID", "t"])
    assert names or "none at all" in str(refusal)


def test_equal_roots_are_held_once() -> None:
    """A list of a hundred thousand lines names few buckets."""
    lines = [f"cp s3://bucket/{number:032x}/* ." for number in range(100)]
    found = read_lines("list", lines).unwrap()
    places = [one.series for one in found if isinstance(one.series, SeriesPlace)]
    assert len(places) == 100
    assert len({id(place.root) for place in places}) == 1


def test_uids_are_no_uuids() -> None:
    """The words name what was expected and quote what was there."""
    uid = read_columns("t", {"crdc_series_uuid": ["1.2.3"]}).failure()
    uuid = read_columns("t", {"SeriesInstanceUID": ["0" * 32]}).failure()
    assert uid == BadList("t", "row", (BadLine(1, "'1.2.3' is no series uuid."),))
    assert uuid == BadList("t", "row", (BadLine(1, f"'{'0' * 32}' is no SeriesInstanceUID."),))
    assert read_columns("t", {"SeriesInstanceUID": ["1.2.3"]}) == Success((Wanted(DicomUid("1.2.3")),))


written = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff\x1f"), max_size=9)


@given(written, st.sampled_from([("utf-8", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")]))
def test_a_text_is_read_as_it_was_written(text: str, form: tuple[str, bytes]) -> None:
    """UTF-8 is what has no mark; UTF-16 has one, which is no part of the text."""
    encoding, mark = form
    data = mark + text.encode(encoding)
    assert text_encoding(data[:ENOUGH]).map(data.decode) == Success(text)


@given(st.binary(max_size=20), written)
def test_what_is_compressed_or_no_text_is_refused_for_what_it_is(data: bytes, text: str) -> None:
    """Not as many lines that name no series."""
    assert "gzip" in text_encoding(compress(data)).failure()
    assert text_encoding(text.encode() + b"\0" + data) == Failure("it is no text")
