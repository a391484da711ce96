"""Search, filters, order and the keyboard, as a reader uses them in a browser."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from dicom_series_preview.core.batch.row import Status
from tests.page.browser import Looked
from tests.page.collection import ROWS, THORAX, failed, row, uuid, write
from tests.page.conftest import Opener

NAMES = [made.description or uuid(5) for made in ROWS]


def _choose(gallery: Looked, *labels: str) -> None:
    for label in labels:
        gallery.page.get_by_role("checkbox", name=label).first.check()


def _facet(gallery: Looked, title: str) -> dict[str, int]:
    """The values of a filter with the numbers beside them, in their order."""
    choices = gallery.page.get_by_role("group", name=title).locator(".choice").all()
    return {
        choice.locator(".label").inner_text(): int(choice.locator(".number").inner_text())
        for choice in choices
    }


def _count(gallery: Looked) -> str:
    return gallery.page.get_by_role("status").first.inner_text()


def _sort(gallery: Looked, order: str) -> list[str]:
    gallery.page.get_by_label("Sort").select_option(label=order)
    return gallery.names()


# --- What is there ----------------------------------------------------------------------------------------


def test_every_series_has_a_card_with_picture_modality_description_and_slices(anywhere: Looked) -> None:
    assert anywhere.names() == NAMES
    assert _count(anywhere) == "9 series"
    card = anywhere.page.get_by_role("button", name="Thorax 4 mm")
    assert card.inner_text().split("\n") == ["Thorax 4 mm", "CT · 105 slices · lungs"]
    anywhere.until("[...document.querySelectorAll('.card img')].every((one) => one.complete)")
    assert (
        anywhere.script("[...document.querySelectorAll('.card img')].map((one) => one.naturalWidth)")
        == [96] * 6
    )
    assert anywhere.page.locator("img:not([alt])").count() == 0


def test_warnings_are_counted_and_failures_stand_in_words(anywhere: Looked) -> None:
    assert "2 warnings" in anywhere.page.get_by_role("button", name="Abdomen portal").inner_text()
    card = anywhere.page.get_by_role("button", name="Mammography").inner_text()
    assert card.startswith("Failed\nNone of 19 objects could be shown: no such codec.")
    assert (
        "Killed\nIt ended its worker twice."
        in anywhere.page.get_by_role("button", name="Whole slide").inner_text()
    )
    assert "Timed out\nIt took longer" in anywhere.page.get_by_role("button", name="fMRI").inner_text()


def test_a_card_tells_no_more_than_is_known(tmp_path: Path, opened: Opener) -> None:
    bare = evolve(failed(row(1, "Knee", ""), Status.FAILED, "No."), slices=0, remarks=("Odd.",))
    gallery = opened(write(tmp_path, [bare]).as_uri())
    assert gallery.page.locator(".card .about").inner_text() == "1 warning"


def test_a_picture_that_is_gone_says_so(tmp_path: Path, opened: Opener) -> None:
    index = write(tmp_path, [THORAX])
    (tmp_path / THORAX.path).unlink()
    looked = opened(index.as_uri())
    looked.page.get_by_text("It is not beside this page.").wait_for()
    looked.console.clear()  # the browser itself logs what it could not load


# --- Search -----------------------------------------------------------------------------------------------


SEARCHES = {
    "thorax": ["Thorax 4 mm"],
    "T1": ["T1 sagittal"],
    "mm thor": ["Thorax 4 mm"],
    "mr brains": ["T1 sagittal", "Schädel T2", "fMRI"],
    "schadel": ["Schädel T2"],
    "SCHÄDEL": ["Schädel T2"],
    "codec": ["Mammography"],
    "no axis": ["Abdomen portal"],
    "timed out": ["fMRI"],
    uuid(6): ["Echo"],
    "  ": NAMES,
    "nowhere": [],
}


def test_search_finds_what_has_all_the_words(gallery: Looked) -> None:
    """In descriptions, identifiers, faults and warnings, whatever the case and the accents."""
    for text, found in SEARCHES.items():
        gallery.page.get_by_label("Search series").fill(text)
        assert (text, gallery.names()) == (text, found)
        assert _count(gallery) == ("9 series" if found == NAMES else f"{len(found)} of 9 series")


def test_search_follows_each_letter_and_filters_count_what_is_left(gallery: Looked) -> None:
    seen = []
    for letter in "t2":
        gallery.page.get_by_label("Search series").press_sequentially(letter)
        seen.append(len(gallery.names()))
    assert seen == [8, 1]  # every "t" of descriptions, collections, and of what went wrong
    assert _facet(gallery, "Modality") == {"MR": 1, "CT": 0, "PT": 0, "US": 0, "MG": 0, "SM": 0}


def test_where_nothing_is_found_one_button_shows_all_again(gallery: Looked) -> None:
    gallery.page.get_by_label("Search series").fill("nowhere")
    assert gallery.page.get_by_text("No series is like that.").is_visible()
    gallery.page.get_by_role("button", name="Show all").click()
    assert gallery.names() == NAMES
    assert gallery.focused() == "Search series"


# --- Filters ----------------------------------------------------------------------------------------------


def test_filters_tell_how_many_series_each_value_has(gallery: Looked) -> None:
    assert _facet(gallery, "Status") == {
        "Made": 5,
        "Made, with warnings": 1,
        "Timed out": 1,
        "Killed": 1,
        "Failed": 1,
    }
    assert _facet(gallery, "Modality") == {"MR": 3, "CT": 2, "PT": 1, "US": 1, "MG": 1, "SM": 1}
    assert _facet(gallery, "Collection") == {"brains": 3, "lungs": 2, "livers": 1, "None": 3}


FILTERS = {
    ("Failed",): ["Mammography"],
    ("Killed", "Timed out"): ["Whole slide", "fMRI"],
    ("Made, with warnings",): ["Abdomen portal"],
    ("CT",): ["Thorax 4 mm", "Abdomen portal"],
    ("CT", "US"): ["Thorax 4 mm", "Abdomen portal", "Echo"],
    ("lungs",): ["Thorax 4 mm", uuid(5)],
    ("None",): ["Echo", "Mammography", "Whole slide"],
    ("MR", "brains", "Timed out"): ["fMRI"],
    ("CT", "brains"): [],
}


def test_filters_of_one_kind_add_and_of_several_kinds_restrict(gallery: Looked) -> None:
    for chosen, found in FILTERS.items():
        _choose(gallery, *chosen)
        assert (chosen, gallery.names()) == (chosen, found)
        gallery.page.get_by_role("button", name="Clear search and filters").click()


def test_a_filter_counts_what_choosing_more_of_it_would_add(gallery: Looked) -> None:
    _choose(gallery, "CT")
    assert _facet(gallery, "Modality")["MR"] == 3
    assert _facet(gallery, "Collection") == {"brains": 0, "lungs": 1, "livers": 1, "None": 0}
    gallery.page.get_by_role("button", name="Clear search and filters").click()
    assert gallery.names() == NAMES


# --- Order ------------------------------------------------------------------------------------------------


def test_orders(gallery: Looked) -> None:
    assert _sort(gallery, "Description") == [
        *("Abdomen portal", "Echo", "fMRI", "Mammography", "Schädel T2"),
        *("T1 sagittal", "Thorax 4 mm", "Whole slide", uuid(5)),
    ]
    assert _sort(gallery, "Most slices")[:3] == ["Thorax 4 mm", "Abdomen portal", "T1 sagittal"]
    assert _sort(gallery, "Fewest slices")[0] == uuid(5)
    assert _sort(gallery, "Failures and warnings")[:5] == [
        *("Mammography", "Whole slide", "fMRI", "Abdomen portal", "Thorax 4 mm"),
    ]
    assert _sort(gallery, "Slowest") == NAMES[::-1]
    assert _sort(gallery, "Modality")[:2] == ["Thorax 4 mm", "Abdomen portal"]
    assert _sort(gallery, "Collection") == NAMES  # as they came


def test_most_bytes_read_come_first(tmp_path: Path, opened: Opener) -> None:
    made = [evolve(row(n, f"{n}", "CT"), bytes_read=read) for n, read in ((1, 5), (2, 900), (3, 30))]
    gallery = opened(write(tmp_path, made).as_uri())
    assert _sort(gallery, "Most bytes read") == ["2", "3", "1"]


def test_numbers_in_descriptions_sort_as_numbers(tmp_path: Path, opened: Opener) -> None:
    made = [row(n, text, "CT") for n, text in enumerate(("Slice 10 mm", "slice 2 mm", "Slice 1 mm"), 1)]
    gallery = opened(write(tmp_path, made).as_uri())
    assert _sort(gallery, "Description") == ["Slice 1 mm", "slice 2 mm", "Slice 10 mm"]


# --- Size, and what the address remembers -----------------------------------------------------------------


def test_pictures_are_as_large_as_the_reader_likes(gallery: Looked) -> None:
    def widths() -> list[float]:
        return [
            float(box["width"])
            for one in gallery.page.locator(".picture").all()
            if (box := one.bounding_box())
        ]

    slider = gallery.page.get_by_label("Size of the pictures")
    slider.fill("96")
    small = widths()
    slider.fill("768")
    assert max(small) < 130
    assert min(widths()) > 700


def test_the_address_keeps_what_was_asked_for(folder: Path, opened: Opener) -> None:
    gallery = opened((folder / "index.html").as_uri())
    gallery.page.get_by_label("Search series").fill("brains")
    _choose(gallery, "Timed out", "Made")
    _sort(gallery, "Description")
    gallery.page.wait_for_url("**/*sort=description*")
    gallery.page.reload()
    assert gallery.names() == ["fMRI", "Schädel T2", "T1 sagittal"]
    assert gallery.page.get_by_label("Search series").input_value() == "brains"
    gallery.page.get_by_role("button", name="fMRI").click()
    gallery.page.wait_for_url(f"**/*series={uuid(9)}*")
    again = opened(gallery.page.url)
    assert again.page.get_by_role("dialog").get_by_role("heading", level=2).inner_text() == "fMRI"


def test_an_address_that_says_nothing_sensible_shows_all(folder: Path, opened: Opener) -> None:
    address = (folder / "index.html").as_uri()
    told = ["sort=toString&size=abc&modality=XX&status=", "series=none&size=-5", "%E0%A4%A", "size=1e99"]
    gallery = opened(f"{address}#{told[0]}")
    for one in told:
        gallery.page.goto(f"{address}#{one}")
        gallery.page.reload()
        assert (_count(gallery), gallery.names()[0]) == ("9 series", NAMES[0])
