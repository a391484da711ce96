"""Laws of the page: whatever the rows hold is text in it, the policy lets nothing else work, and it stays small.

A parser of HTML reads the page as a browser does; what the rows say comes back out of its JSON.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from attrs import define, evolve, field
from hypothesis import example, given
from hypothesis import strategies as st
from returns.result import Failure, Success

from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.core.page.columns import TOO_MANY, Maps, page_json
from dicom_series_preview.core.page.gallery import LIMIT, Assets, as_text, gallery
from dicom_series_preview.core.page.tiles import BadTileMap, ShortMap
from property_tests.strategies_page import HOSTILE, rows, texts

TEMPLATE = (
    '<html><head><meta http-equiv="Content-Security-Policy" content="{{policy}}"><title>{{title}}</title>'
    '<style>{{style}}</style></head><body><h1 id="{{title}}">{{title}}</h1>'
    '<script type="application/json">{{rows}}</script><script>{{script}}</script></body></html>'
)
ASSETS = Assets(TEMPLATE, "h1 { color: red } /* {{title}} */", 'alert("{{rows}} é")')

ROW = Row("38902e14-b11f-4548-910e-771ee757dc82", None, "s3://bucket", "38/x.webp", Status.MADE)


@define
class Page(HTMLParser):
    """What a parser finds: the elements in turn with their attributes, and the text in each."""

    elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = field(factory=list)
    texts: list[str] = field(factory=list)

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data

    def of(self, tag: str) -> list[str]:
        return [text for (name, _), text in zip(self.elements, self.texts, strict=True) if name == tag]


def _page(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page


def _well(text: str) -> str:
    """The text with U+FFFD for what is no character."""
    return re.sub(
        "[\ud800-\udfff]", "\ufffd", text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    )


def _joined(value: Any) -> Any:
    """The value with its texts as JavaScript holds them: two surrogates that stand together are one letter."""
    return json.loads(json.dumps(value))


def _columns(text: str) -> dict[str, list[Any]]:
    """The columns of the page's JSON, unfolded."""
    found = json.loads(text)
    return {
        name: column if isinstance(column, list) else [column["of"][i] for i in column["at"]]
        for name, column in found.items()
    }


short_maps = st.builds(
    ShortMap,
    grid=st.just("6 0 0 128 128 128 128") | st.lists(st.tuples(*[st.integers(0, 999)] * 4), max_size=3),
    index=st.just("105/36") | st.lists(st.integers(0, 400), max_size=40),
    position=texts | st.lists(st.none() | st.floats(-500, 500), max_size=40),
    axis=st.sampled_from("XYZ"),
    window=st.none(),
    time=st.none() | st.lists(texts, max_size=3),
)


@st.composite
def collections(draw: st.DrawFn, most: int = 6) -> tuple[list[Row], Maps]:
    """Rows, and for some of their pictures maps, some of them damaged."""
    made = draw(st.lists(rows(), max_size=most))
    found = st.builds(Success, short_maps) | st.builds(Failure, st.builds(BadTileMap, texts))
    return made, {row.path: draw(found) for row in made if row.path and draw(st.booleans())}


# --- Text, never markup -----------------------------------------------------------------------------------


@given(title=texts, made=collections())
@example(title="</title><script>", made=([evolve(ROW, description=text) for text in HOSTILE], {}))
def test_whatever_the_rows_hold_the_page_has_the_same_elements(
    title: str, made: tuple[list[Row], Maps]
) -> None:
    """And the same attributes, but for the policy and the title that were put there as text."""
    page = _page(gallery(title, *made, ASSETS))
    tags = ["html", "head", "meta", "title", "style", "body", "h1", "script", "script"]
    assert [tag for tag, _ in page.elements] == tags
    assert [[name for name, _ in attributes] for _, attributes in page.elements if attributes] == [
        ["http-equiv", "content"],
        ["id"],
        ["type"],
    ]
    assert page.of("title") == page.of("h1") == [_well(title)]
    assert dict(page.elements[6][1]) == {"id": _well(title)}


@given(title=texts, made=collections())
def test_the_page_is_whole_utf8(title: str, made: tuple[list[Row], Maps]) -> None:
    html = gallery(title, *made, ASSETS)
    assert html.encode("utf-8").decode("utf-8") == html


@given(made=collections())
def test_the_rows_come_back_out_of_the_page(made: tuple[list[Row], Maps]) -> None:
    """Letter by letter, in their order."""
    given_rows, maps = made
    found = _columns(_page(gallery("", given_rows, maps, ASSETS)).of("script")[0])
    plain = ("series", "location", "fault", "words", "bytes", "width", "height", "slices", "stacks", "axis")
    for name in (*plain, "window", "modality", "description", "requests", "attempts", "version"):
        assert found[name] == _joined([getattr(row, name) for row in given_rows])
    assert found["collection"] == _joined([row.collection or "" for row in given_rows])
    assert found["remarks"] == _joined([row.remarks for row in given_rows])
    assert found["read"] == [row.bytes_read for row in given_rows]


@given(made=st.floats(0, 1e5), cpu=st.sampled_from((float("nan"), float("inf"))))
def test_seconds_are_told_to_a_hundredth_and_what_is_no_number_not_at_all(made: float, cpu: float) -> None:
    found = _columns(page_json([evolve(ROW, seconds=made, cpu=cpu)], {}, LIMIT))
    assert abs(found["seconds"][0] - made) <= 0.00501
    assert found["cpu"] == [0]


@given(text=texts)
def test_a_text_in_an_attribute_or_an_element_is_that_text(text: str) -> None:
    page = _page(f"<p title='{as_text(text)}' lang=\"{as_text(text)}\">{as_text(text)}</p>")
    assert page.elements == [("p", (("title", _well(text)), ("lang", _well(text))))]
    assert page.of("p") == [_well(text)]


@pytest.mark.parametrize("letter", "<>&\u2028\u2029\ud800\udfff")
def test_letters_that_html_or_utf8_could_trip_over_are_written_by_number(letter: str) -> None:
    text = page_json([evolve(ROW, description=f"a{letter}b")], {}, LIMIT)
    assert letter not in text
    assert _columns(text)["description"] == [f"a{letter}b"]


@pytest.mark.parametrize("letter", "é漢😀'\x7f\ue000\uffff")
def test_all_other_letters_stand_as_they_are(letter: str) -> None:
    """By number they would take two to three times the room."""
    assert f"a{letter}b" in page_json([evolve(ROW, description=f"a{letter}b")], {}, LIMIT)


# --- The policy -------------------------------------------------------------------------------------------


@given(style=st.text(max_size=20), script=st.text(max_size=20))
def test_the_policy_lets_this_style_and_this_script_work_and_pictures_beside_the_page(
    style: str, script: str
) -> None:
    def hashed(text: str) -> str:
        return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    style, script = (text.replace("<", "").replace("\r", "") for text in (style, script))
    page = _page(gallery("", [ROW], {}, Assets(TEMPLATE, style, script)))
    policy = dict(page.elements[2][1])["content"] or ""
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": hashed(style),
        "script-src": hashed(script),
        "img-src": "'self' file: data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert (page.of("style"), page.of("script")[1]) == ([style], script)


# --- Status and addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "remarks", "words"),
    [
        (Status.MADE, (), "Made"),
        (Status.MADE, ("odd",), "Made, with warnings"),
        (Status.FAILED, (), "Failed"),
        (Status.FAILED, ("odd",), "Failed"),
        (Status.KILLED, (), "Killed"),
        (Status.TIMED_OUT, (), "Timed out"),
    ],
)
def test_a_picture_with_warnings_is_told_from_one_without(
    status: Status, remarks: tuple[str, ...], words: str
) -> None:
    found = json.loads(page_json([evolve(ROW, status=status, remarks=remarks)], {}, LIMIT))
    assert found["status"] == [words]
    assert words in found["statuses"]


def test_statuses_go_from_the_good_to_the_bad() -> None:
    found = json.loads(page_json([], {}, LIMIT))
    assert found["statuses"] == ["Made", "Made, with warnings", "Timed out", "Killed", "Failed"]


def _address(row: Row) -> str:
    """The address of the picture as the page's script makes it."""
    found = _columns(page_json([row], {}, LIMIT))["picture"][0]
    return f"{row.series[:2]}/{row.series}{found[1:]}" if found[:1] == "+" else found[1:]


@given(row=rows())
@example(row=evolve(ROW, path="38/a b?c#d%41&é.webp"))
@example(row=evolve(ROW, series="a?b", path="a?/a?b.webp"))
@example(row=evolve(ROW, series="AB", path="AB/AB.webp"))
def test_the_address_of_a_picture_leads_to_its_path(row: Row) -> None:
    """A path that no text can hold leads nowhere, but breaks nothing."""
    address = _address(row)
    assert unquote_to_bytes(address) == row.path.encode("utf-8", "replace")
    assert re.fullmatch(r"[-\w.~/%]*", address, re.ASCII)


@given(uuid=st.uuids().map(str), ending=st.sampled_from(("webp", "png", "jpg")))
def test_the_usual_address_is_not_repeated(uuid: str, ending: str) -> None:
    row = evolve(ROW, series=uuid, path=f"{uuid[:2]}/{uuid}.{ending}")
    assert json.loads(page_json([row], {}, LIMIT))["picture"] == [f"+.{ending}"]
    assert _address(row) == row.path


def test_no_picture_has_no_address() -> None:
    assert json.loads(page_json([evolve(ROW, path="")], {}, LIMIT))["picture"] == [""]


# --- Room -------------------------------------------------------------------------------------------------


@given(values=st.lists(st.sampled_from(("CT", "MR", "a longer description", "")), max_size=30))
def test_a_column_takes_no_more_room_than_its_values_or_than_the_distinct_ones(values: list[str]) -> None:
    text = page_json([evolve(ROW, description=value) for value in values], {}, LIMIT)
    column = json.dumps(json.loads(text)["description"], separators=(",", ":"))
    distinct = list(dict.fromkeys(values))
    folded = {"of": distinct, "at": [distinct.index(value) for value in values]}
    sizes = [len(json.dumps(form, separators=(",", ":"))) for form in (values, folded)]
    assert len(column) == min(sizes)
    assert " " not in re.sub(r'"(?:[^"\\]|\\.)*"', "", text)


TILES = ("grid", "index", "position", "axes", "windows", "times")


def _shown(found: dict[str, list[Any]]) -> list[bool]:
    return [grid is not None for grid in found["grid"]]


@given(made=collections())
def test_every_tile_map_is_shown_where_there_is_room(made: tuple[list[Row], Maps]) -> None:
    given_rows, maps = made
    found = _columns(page_json(given_rows, maps, LIMIT))
    for i, row in enumerate(given_rows):
        told = [found[name][i] for name in TILES]
        nothing: Any = [None] * len(TILES)
        expected = maps.get(row.path, Failure(BadTileMap(""))).map(
            lambda one: [one.grid, one.index, one.position, one.axis, one.window, one.time]
        )
        assert told == _joined(expected.value_or(nothing))


@given(problem=texts)
def test_a_map_that_cannot_be_read_says_why(problem: str) -> None:
    other = evolve(ROW, path="")
    found = _columns(page_json([ROW, other], {ROW.path: Failure(BadTileMap(problem))}, LIMIT))
    assert found["untold"] == _joined([f"The tile map cannot be read: {problem}.", ""])


REGULAR = ShortMap("6 0 0 128 128 128 128", "105/36", [0.5] * 36, "Z", None, None)


@given(count=st.integers(1, 30), given_room=st.integers(-10, 12_000), title=texts)
def test_a_page_leaves_out_tile_maps_from_the_end_before_it_grows_beyond_its_limit(
    count: int, given_room: int, title: str
) -> None:
    """And no more of them than it must."""
    made = [evolve(ROW, series=f"{i}", path=f"{i}.webp") for i in range(count)]
    maps: Maps = {row.path: Success(evolve(REGULAR, position=[i / 8] * 36)) for i, row in enumerate(made)}

    def size(kept: int, limit: int = 10**9) -> int:
        fewer = {row.path: maps[row.path] for row in made[:kept]}
        return len(gallery(title, made, fewer, ASSETS, limit).encode())

    limit = size(0) + given_room
    html = gallery(title, made, maps, ASSETS, limit)
    found = _columns(_page(html).of("script")[0])
    kept = sum(_shown(found))
    assert _shown(found) == [i < kept for i in range(count)]
    assert found["untold"] == ["" if i < kept else TOO_MANY for i in range(count)]
    assert kept == 0 or len(html.encode()) <= limit
    assert kept == count or size(kept + 1) + len(TOO_MANY) + 2 * count + 20 > limit


def test_ten_thousand_series_with_regular_tile_maps_are_less_than_three_megabytes() -> None:
    """Of as many words as such series have."""
    made = [
        evolve(
            ROW,
            series=(series := hashlib.md5(str(i).encode(), usedforsecurity=False).hexdigest()),
            path=f"{series[:2]}/{series}.webp",
            collection=f"collection {i % 120}",
            modality=("CT", "MR", "PT")[i % 3],
            description=f"AX {i % 997} CHEST {i % 7} mm B30f",
            window=f"width {i % 400}, center {i % 91}, LINEAR",
            bytes=18_000 + i,
            bytes_read=19_000_000 + i * 7,
            seconds=i / 3000,
            cpu=i / 7000,
        )
        for i in range(10_000)
    ]
    tiles = evolve(REGULAR, position="-488.125 -4", window=(40.0, 400.0, "LINEAR"))
    maps: Maps = {row.path: Success(evolve(tiles, position=f"{i / 8} -4")) for i, row in enumerate(made)}
    html = gallery("", made, maps, ASSETS)
    assert len(html.encode()) <= LIMIT == 3_000_000
    assert TOO_MANY not in html
