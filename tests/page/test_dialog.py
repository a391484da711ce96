"""The dialog: tiles that say which slice they are, commands that show it, failures in full."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from attrs import evolve

from dicom_series_preview.core.batch.row import Row
from tests.page.browser import Looked
from tests.page.collection import ABDOMEN, INDICES, ROWS, THORAX, row, tile_map, uuid, write
from tests.page.conftest import Opener
from tests.support.servers import python_http

COMMAND = ["dicom-series-preview", uuid(1), "slice.webp", "--root", "s3://bucket/dicom"]


def _open(gallery: Looked, name: str) -> None:
    gallery.page.get_by_role("button", name=name).click()
    gallery.page.get_by_role("dialog").wait_for()


def _heading(gallery: Looked) -> str:
    return gallery.page.get_by_role("dialog").get_by_role("heading", level=2).inner_text()


def _says(gallery: Looked) -> str:
    return gallery.page.locator(".says").inner_text()


def _copied(gallery: Looked) -> str:
    """What was copied, as the dialog tells it."""
    said = gallery.page.get_by_role("dialog").get_by_role("status")
    gallery.until("document.getElementById('said').textContent !== ''")
    assert said.inner_text().startswith("Copied ")
    return said.locator("code").inner_text()


def _facts(gallery: Looked) -> dict[str, str]:
    names, values = (gallery.page.locator(f"dialog {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


# --- Tiles ------------------------------------------------------------------------------------------------


def test_a_tile_says_its_slice_its_position_and_its_window(anywhere: Looked) -> None:
    _open(anywhere, "Thorax 4 mm")
    tiles = anywhere.page.locator(".tile")
    assert tiles.count() == 9
    picture = anywhere.page.locator(".map").bounding_box()
    assert picture is not None
    for i, index in enumerate(INDICES):
        # Where the tile is seen, whatever the button says of itself.
        x = picture["x"] + picture["width"] * (i % 3 + 0.5) / 3
        y = picture["y"] + picture["height"] * (i // 3 + 0.5) / 3
        anywhere.page.mouse.move(x, y)
        place = f"Slice {index + 1} of 105 · Z −{488.5 + 4 * index} mm"
        assert _says(anywhere) == f"{place} · window width 400, center 40"


def test_a_click_copies_the_command_that_shows_the_slice(anywhere: Looked) -> None:
    anywhere.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _open(anywhere, "Thorax 4 mm")
    anywhere.page.locator(".tile").nth(4).click()
    expected = [*COMMAND, "--position", "0", "--slice-offset", "52", "--image-width", "512"]
    assert shlex.split(_copied(anywhere)) == expected
    assert shlex.split(anywhere.script("navigator.clipboard.readText()")) == expected


def test_where_the_page_comes_without_tls_copying_works_too(folder: Path, opened: Opener) -> None:
    """Browsers keep the clipboard from such pages."""
    with python_http(folder) as address:
        gallery = opened(address.replace("127.0.0.1", "gallery.test") + "/index.html")
        assert not gallery.script("isSecureContext")
        _open(gallery, "Thorax 4 mm")
        gallery.page.get_by_role("button", name="Copy the command", exact=True).click()
        copied = _copied(gallery)
        assert gallery.focused() == "Copy the command"
        gallery.page.keyboard.press("Escape")
        gallery.wait_for_focus("Thorax 4 mm")
        gallery.page.keyboard.press("/")
        gallery.page.keyboard.press("Control+V")
        gallery.until(f"document.activeElement.value === {json.dumps(copied)}")
        assert shlex.split(copied) == [*COMMAND[:2], "preview.webp", *COMMAND[3:]]


def test_an_exact_window_is_part_of_the_command(tmp_path: Path, opened: Opener) -> None:
    """It may have been found from all slices together: one alone would find another."""
    text = tile_map(THORAX).replace("LINEAR", "LINEAR_EXACT")
    gallery = _with_map(tmp_path, opened, THORAX, text)
    gallery.page.locator(".tile").first.click()
    assert shlex.split(_copied(gallery))[-4:] == ["--window-width", "400", "--window-center", "40"]


def _with_map(folder: Path, opened: Opener, made: Row, text: str) -> Looked:
    """The dialog of `made` with this tile map."""
    other = evolve(made, series=uuid(2), path=f"{uuid(2)[:2]}/{uuid(2)}.webp")
    (folder / other.path).parent.mkdir()
    (folder / other.path).with_suffix(".json").write_text(text)
    gallery = opened(write(folder, [other]).as_uri())
    gallery.page.locator(".card button").click()
    return gallery


def test_tiles_by_the_keyboard(anywhere: Looked) -> None:
    anywhere.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _open(anywhere, "Thorax 4 mm")
    anywhere.page.locator(".tile").first.focus()
    press = anywhere.page.keyboard.press
    walked = []
    for key in (
        "ArrowRight",
        "ArrowDown",
        "ArrowDown",
        "ArrowLeft",
        "ArrowUp",
        "End",
        "ArrowRight",
        "Home",
        "ArrowLeft",
    ):
        press(key)
        walked.append(int(anywhere.focused().split()[1]) - 1)
    assert [INDICES.index(index) for index in walked] == [1, 4, 7, 6, 3, 8, 8, 0, 0]
    press("ArrowRight")
    press("Enter")
    assert shlex.split(_copied(anywhere))[-3] == "13"
    assert anywhere.page.locator(".tile[tabindex='0']").count() == 1


WINDOW = "window width 400, center 40"
CHANGES: list[tuple[dict[str, object], str]] = [
    ({"position": None, "axis": "I"}, f"Slice 1 of 105 · {WINDOW}"),
    ({"position": 7.0, "axis": "I"}, f"Slice 1 of 105 · number 7 · {WINDOW}"),
    ({"position": 0.0}, f"Slice 1 of 105 · Z 0 mm · {WINDOW}"),
    ({"window": None}, "Slice 1 of 105 · Z −488.5 mm"),
    (
        {"window": {"center": -0.5, "width": 0.25, "function": "LINEAR"}},
        "Slice 1 of 105 · Z −488.5 mm · window width 0.25, center −0.5",
    ),
    ({"time": 12.5}, f"Slice 1 of 105 · Z −488.5 mm · {WINDOW} · time 12.5"),
    ({"time": "20010203"}, f"Slice 1 of 105 · Z −488.5 mm · {WINDOW} · time 20010203"),
]


def test_a_tile_says_only_what_is_known(tmp_path: Path, opened: Opener) -> None:
    made = [evolve(THORAX, series=uuid(n), path=f"{n}/a.webp") for n in range(len(CHANGES))]
    for one, (change, _) in zip(made, CHANGES, strict=True):
        found = json.loads(tile_map(THORAX))
        found["tiles"][0] |= change
        (tmp_path / one.path).parent.mkdir()
        (tmp_path / one.path).with_suffix(".json").write_text(json.dumps(found))
    gallery = opened(write(tmp_path, made).as_uri())
    gallery.page.locator(".card button").first.click()
    for _, words in CHANGES:
        gallery.page.locator(".tile").first.hover()
        assert _says(gallery) == words
        gallery.page.locator(".tile").nth(1).hover()
        assert _says(gallery).endswith(f"mm · {WINDOW}")
        gallery.page.keyboard.press("n")


def test_tiles_that_follow_no_grid_stand_where_the_map_says(tmp_path: Path, opened: Opener) -> None:
    found = json.loads(tile_map(THORAX))
    rects = [[0, 0, 48, 96], [48, 0, 48, 30], [50, 40, 46, 56]]
    found["tiles"] = [tile | {"rect": rect} for tile, rect in zip(found["tiles"], rects, strict=False)]
    gallery = _with_map(tmp_path, opened, THORAX, json.dumps(found))
    outer = gallery.page.locator(".map").bounding_box()
    assert outer is not None
    for tile, rect in zip(gallery.page.locator(".tile").all(), rects, strict=True):
        box = tile.bounding_box()
        assert box is not None
        scale = outer["width"] / 96
        seen = [box["x"] - outer["x"], box["y"] - outer["y"], box["width"], box["height"]]
        assert [round(value / scale) for value in seen] == rect


def test_without_a_map_the_picture_is_shown_and_a_damaged_one_says_why(
    tmp_path: Path, opened: Opener
) -> None:
    gallery = _with_map(tmp_path, opened, THORAX, '{"schema": 1')
    assert _says(gallery) == "The tile map cannot be read: it is not whole JSON."
    assert gallery.page.get_by_role("img", name="Preview of Thorax 4 mm: CT, 105 slices, lungs").is_visible()
    assert gallery.page.locator(".tile").count() == 0


def test_a_picture_of_unknown_size_is_shown(tmp_path: Path, opened: Opener) -> None:
    made = evolve(row(1, "Knee", "MR"), width=0, height=0, slices=0, stacks=0, axis="", window="", bytes=0)
    gallery = opened(write(tmp_path, [made]).as_uri())
    _open(gallery, "Knee")
    box = gallery.page.get_by_role("img", name="Preview of Knee: MR").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 300
    assert not {"Picture", "Slices", "Order", "Window"} & set(_facts(gallery))


def test_without_any_map_the_dialog_says_how_to_have_one(gallery: Looked) -> None:
    _open(gallery, "Echo")
    assert _says(gallery) == "With batch --map each tile says which slice it is."


# --- Words ------------------------------------------------------------------------------------------------


def test_the_dialog_tells_what_is_known_of_a_series(gallery: Looked) -> None:
    _open(gallery, "Thorax 4 mm")
    assert _facts(gallery) == {
        "Status": "Made",
        "Modality": "CT",
        "Collection": "lungs",
        "Slices": "105",
        "Order": "axial, from head to feet",
        "Window": "width 400, center 40, LINEAR",
        "Series": uuid(1),
        "Location": "s3://bucket/dicom",
        "Picture": "96 × 96 px, 1.2 kB",
        "Read": "1.5 MB in 10 requests",
        "Took": "0.25 s, 0.5 s of processor time",
        "Made by": "dicom-series-preview 1.2.3",
    }


def test_failures_and_warnings_stand_in_full(gallery: Looked) -> None:
    _open(gallery, "Mammography")
    dialog = gallery.page.get_by_role("dialog")
    assert dialog.get_by_text("None of 19 objects could be shown: no such codec.").is_visible()
    assert dialog.locator("img").count() == 0
    gallery.page.keyboard.press("Escape")
    _open(gallery, "Abdomen portal")
    assert gallery.page.locator("dialog .remarks li").all_inner_texts() == list(ABDOMEN.remarks)


@pytest.mark.parametrize(
    ("series", "location"),
    [
        ("1.2.840.113619.2", 's3://bucket/it\'s "here" $HOME `x` \\ ü'),
        ("s3://bucket/a folder/knee", "s3://bucket/a folder"),
        ("/data/-x; rm -rf ~", "/data"),
        ("1.2.3", "https://example.com/a?b=c&d=e#f"),
    ],
)
def test_a_command_reads_back_as_its_words(
    tmp_path: Path, opened: Opener, series: str, location: str
) -> None:
    """In a POSIX shell, whatever the names hold."""
    made = evolve(row(1, "Knee", "MR"), series=series, location=location)
    gallery = opened(write(tmp_path, [made]).as_uri())
    _open(gallery, "Knee")
    root = [] if "/" in series else ["--root", location]
    command = gallery.page.locator("dialog .command code").inner_text()
    assert shlex.split(command) == ["dicom-series-preview", series, "preview.webp", *root]


def test_no_control_character_gets_into_a_command(tmp_path: Path, opened: Opener) -> None:
    """A terminal that it is pasted into would obey."""
    made = evolve(row(1, "Knee", "MR"), location="s3://a\x1b[201~\n'b\\\x07c")
    gallery = opened(write(tmp_path, [made]).as_uri())
    _open(gallery, "Knee")
    command = gallery.page.locator("dialog .command code").inner_text()
    assert command.endswith(r"--root $'s3://a\u001b[201~\u000a\'b\\\u0007c'")


# --- Coming and going -------------------------------------------------------------------------------------


def test_escape_closes_and_the_focus_goes_back_where_it_was(anywhere: Looked) -> None:
    anywhere.page.get_by_label("Search series").press("Enter")
    anywhere.page.keyboard.press("ArrowRight")
    anywhere.page.keyboard.press("Enter")
    assert _heading(anywhere) == "Abdomen portal"
    anywhere.page.keyboard.press("Escape")
    assert anywhere.page.get_by_role("dialog").count() == 0
    anywhere.wait_for_focus("Abdomen portal")


def test_next_and_previous_walk_through_what_is_shown(gallery: Looked) -> None:
    gallery.page.get_by_label("Search series").fill("MR")
    _open(gallery, "T1 sagittal")
    assert gallery.page.get_by_role("button", name="Previous series").is_disabled()
    gallery.page.get_by_role("button", name="Next series").click()
    assert _heading(gallery) == "Schädel T2"
    gallery.page.keyboard.press("n")
    assert _heading(gallery) == "fMRI"
    gallery.page.keyboard.press("n")
    assert _heading(gallery) == "fMRI"
    gallery.page.keyboard.press("p")
    assert _heading(gallery) == "Schädel T2"
    gallery.page.get_by_role("button", name="Close").click()
    gallery.wait_for_focus("Schädel T2")


def test_a_click_beside_the_dialog_closes_it(gallery: Looked) -> None:
    _open(gallery, "Echo")
    gallery.page.mouse.click(5, 400)
    assert gallery.page.get_by_role("dialog").count() == 0
    assert len(gallery.names()) == len(ROWS)
