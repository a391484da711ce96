"""Laws of the table in a notebook: whatever the rows hold is text, and pictures stand beside their words."""

from __future__ import annotations

from base64 import b64decode

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.page.notebook import table
from property_tests.laws.page.test_gallery import ROW, _page, _well
from property_tests.strategies_page import rows


@given(made=st.lists(rows(), max_size=4))
def test_a_row_is_a_line_of_texts(made: list[Row]) -> None:
    page = _page(table(made, {}, len(made)))
    heads = ["Picture", "Description", "Modality", "Slices", "Collection", "Status"]
    assert page.of("th") == heads
    assert {tag for tag, _ in page.elements} <= {"table", "thead", "tbody", "tr", "th", "td", "br"}
    assert page.of("p") == []
    cells = page.of("td")
    assert len(cells) == len(made) * len(heads)
    for i, row in enumerate(made):
        cell = cells[i * len(heads) :]
        assert cell[0] == ""
        assert cell[1] == _well(row.description.strip() or row.series)
        assert cell[2] == _well(row.modality)
        assert cell[3] == (f"{row.slices:,}" if row.slices else "")
        assert cell[4] == _well(row.collection or "")


@given(row=rows())
def test_the_status_is_told_with_the_words_of_faults_and_remarks(row: Row) -> None:
    html = table([row], {}, 1)
    told = html[html.rindex("<td") :]
    page = _page(told.replace("<br>", "\n"))
    words = [_well(text) for text in (row.words, *row.remarks) if text]
    assert page.of("td")[0].split("\n", 1)[1:] == (["\n".join(words)] if words else [])


@given(picture=st.binary(max_size=20), width=st.integers(0, 999))
def test_pictures_are_in_the_table_itself(picture: bytes, width: int) -> None:
    other = evolve(ROW, path="other.webp", description="other", width=width)
    page = _page(table([other, evolve(ROW, description='a "b" <c>')], {ROW.path: picture}, 2))
    images = [dict(attributes) for tag, attributes in page.elements if tag == "img"]
    assert [image["alt"] for image in images] == ['a "b" <c>']
    kind, _, data = (images[0]["src"] or "").partition(";base64,")
    assert (kind, b64decode(data)) == ("data:image/webp", picture)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.webp", "image/webp"),
        ("a.b.png", "image/png"),
        ("a/b.jpg", "image/jpeg"),
        ("c.jpeg", "image/jpeg"),
    ],
)
def test_the_kind_of_a_picture_is_that_of_its_ending(path: str, kind: str) -> None:
    assert f'src="data:{kind};base64,' in table([evolve(ROW, path=path)], {path: b"x"}, 1)


@pytest.mark.parametrize("path", ["a.svg", "a.webp.html", ""])
def test_what_is_no_picture_is_not_put_into_the_page(path: str) -> None:
    assert "<img" not in table([evolve(ROW, path=path)], {path: b"<svg onload=alert(1)>"}, 1)


@given(shown=st.integers(0, 3), more=st.integers(1, 5000))
def test_what_is_left_out_is_told(shown: int, more: int) -> None:
    page = _page(table([ROW] * shown, {}, shown + more))
    assert page.of("p") == [f"The first {shown:,} of {shown + more:,} series."]
