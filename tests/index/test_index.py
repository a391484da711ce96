"""The index by examples: what it holds of a small series, and how a header looks in it."""

from __future__ import annotations

import json

import numpy as np

from dicom_series_preview.core.ask.views import Single
from dicom_series_preview.core.choose.pick import choose
from dicom_series_preview.core.header.dicom_json import json_element
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.instance import Instance, PixelElement
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.index.cells import Cell, Digest, make_cell
from dicom_series_preview.core.index.column_types import Column, ColumnType
from dicom_series_preview.core.index.read import headers, read_index
from dicom_series_preview.core.index.table import BuiltIndex, Origin, Row, build_index
from dicom_series_preview.core.order.stacks import order
from dicom_series_preview.core.remarks import UnusableElement

ORIGIN = Origin("/data/dicom", "0a1b", "0a1b", "0.1.0")


def _instance(name: str, z: str, number: int) -> Instance:
    elements = {
        "SOPInstanceUID": Element("UI", (f"1.2.{number}",)),
        "InstanceNumber": Element("IS", (str(number),)),
        "ImagePositionPatient": Element("DS", ("0", "0", z)),
        "ImageOrientationPatient": Element("DS", ("1", "0", "0", "0", "1", "0")),
        "Rows": Element("US", (4,)),
        "Columns": Element("US", (4,)),
        "BitsAllocated": Element("US", (16,)),
    }
    return read_instance(name, None, elements, "1.2.840.10008.1.2.1", _pixel_element())


def _pixel_element() -> PixelElement:
    return PixelElement("PixelData", "OW", PixelSpan(1000, 32))


def _row(name: str, z: str, number: int, **more: Cell) -> Row:
    cells = {
        "Modality": Cell("00080060", "CS", ("CT",)),
        "InstanceNumber": Cell("00200013", "IS", (number,)),
        "ImagePositionPatient": Cell("00200032", "DS", (0.0, 0.0, float(z))),
        **more,
    }
    return Row(_instance(name, z, number), cells)


def _built(*rows: Row) -> BuiltIndex:
    return build_index(rows, order([row.instance for row in rows]), ORIGIN)


def _column(built: BuiltIndex, name: str) -> Column:
    return next(column for column in built.table.columns if column.name == name)


def test_a_small_series() -> None:
    built = _built(_row("a", "-792.5", 1), _row("c", "-788.5", 3), _row("b", "-790.5", 2))
    assert [column.name for column in built.table.columns] == [
        *("Index", "FileName", "SeriesUID", "StorageRoot", "PrimaryPosition", "PrimaryAxis"),
        *("InstanceNumber", "SOPInstanceUID", "SliceLocation", "ImagePositionPatient"),
    ]
    assert [column.values for column in built.table.columns] == [
        (0, 1, 2),
        ("c", "b", "a"),
        ("0a1b",) * 3,
        ("/data/dicom",) * 3,
        (-788.5, -790.5, -792.5),
        ("Z",) * 3,
        (3, 2, 1),
        (None,) * 3,
        (None,) * 3,
        ((0.0, 0.0, -788.5), (0.0, 0.0, -790.5), (0.0, 0.0, -792.5)),
    ]
    assert built.warnings == ()
    assert json.loads(built.table.metadata["dicom_series_preview.constants"]) == {
        "00080060": {"vr": "CS", "Value": ["CT"]}
    }
    assert built.table.metadata["dicom_series_preview.schema_version"] == "1"
    assert built.table.metadata["dicom_series_preview.version"] == "0.1.0"
    assert built.table.metadata["dicom_series_preview.root"] == "/data/dicom"
    assert built.table.metadata["dicom_series_preview.series"] == "0a1b"


def test_fixed_elements_stay_columns_where_they_are_constant() -> None:
    location = Cell("00201041", "DS", (1.5,))
    built = _built(_row("a", "2", 7, SliceLocation=location), _row("b", "1", 7, SliceLocation=location))
    assert _column(built, "SliceLocation").values == (1.5, 1.5)
    assert _column(built, "InstanceNumber").values == (7, 7)
    constants = json.loads(built.table.metadata["dicom_series_preview.constants"])
    assert constants["00201041"] == {"vr": "DS", "Value": [1.5]}
    assert [column.name for column in built.table.columns].count("SliceLocation") == 1


def test_names_that_are_no_unicode_are_written_with_question_marks() -> None:
    built = _built(_row("scan\udce4.dcm", "2", 1), _row("scan.dcm", "1", 2))
    assert _column(built, "FileName").values == ("scan?.dcm", "scan.dcm")


def test_an_instance_number_beyond_32_bits_is_null_and_warned_about() -> None:
    built = _built(_row("a", "2", 2**31), _row("b", "1", 2))
    assert _column(built, "InstanceNumber").values == (None, 2)
    assert built.warnings == (UnusableElement("InstanceNumber", 1),)


def test_slices_that_32_bits_cannot_tell_apart_keep_their_order_and_place() -> None:
    """Far from the origin the columns of two slices are equal; the index still tells them apart."""
    depths = ["300000.00", "299999.98", "299999.96", "299999.94"]
    assert len({np.float32(depth) for depth in depths}) < len(depths)
    rows = [_row(f"{depth}.dcm", depth, 5 - place) for place, depth in enumerate(depths)]
    index = read_index("i", _built(*reversed(rows)).table).unwrap()
    assert [one.name for one in index.order.slices] == [f"{depth}.dcm" for depth in depths]
    for position, name in ((0.0, depths[0]), (0.34, depths[1]), (0.66, depths[2]), (1.0, depths[3])):
        assert choose(Single(position, 0), index.order).unwrap()[0].item.name == f"{name}.dcm"


def test_objects_without_pixels_are_rows_at_the_end() -> None:
    report = read_instance("report", None, {"Modality": Element("CS", ("SR",))}, "1.2.840.10008.1.2.1", None)
    shown = _row("a", "2", 1)
    built = build_index(
        [Row(report, {"Modality": Cell("00080060", "CS", ("SR",))}), shown], order([shown.instance]), ORIGIN
    )
    assert _column(built, "FileName").values == ("a", "report")
    assert _column(built, "PrimaryAxis").values == ("Z", "I")
    assert _column(built, "PrimaryPosition").values == (2.0, None)
    index = read_index("i", built.table).unwrap()
    assert index.names == ("a", "report")
    assert [one.name for one in index.order.slices] == ["a"]
    assert index.modalities == ("CT", "SR")


def test_nothing_but_reports_is_an_index_without_slices() -> None:
    report = read_instance("report", None, {}, "1.2.840.10008.1.2.1", None)
    index = read_index("i", build_index([Row(report, {})], order([]), ORIGIN).table).unwrap()
    assert index.order.slices == ()
    assert index.names == ("report",)


def test_bytes_are_two_columns_or_a_constant_without_them() -> None:
    one, other = Digest(2, "aa"), Digest(4, "bb")
    cells = [Cell("00291010", "OB", digest) for digest in (one, other)]
    same = Cell("00420011", "OB", one)
    rows = [_row(str(n), str(-n), n, Csa=cell, Document=same) for n, cell in enumerate(cells)]
    built = _built(*rows)
    assert _column(built, "Csa_Size") == Column("Csa_Size", ColumnType.INT32, False, True, (2, 4))
    assert _column(built, "Csa_Hash") == Column("Csa_Hash", ColumnType.TEXT, False, True, ("aa", "bb"))
    constants = json.loads(built.table.metadata["dicom_series_preview.constants"])
    assert constants["00420011"] == {"vr": "OB", "Size": 2, "Hash": "aa"}
    assert headers(built.table)[1]["00291010"] == {"vr": "OB", "Size": 4, "Hash": "bb"}


def test_a_nan_that_all_objects_have_is_a_constant() -> None:
    """NaN does not equal itself, yet a value that is the same everywhere does not vary."""
    cells = [make_cell("00181000", Element("FD", (float("nan"),))) for _ in range(2)]
    built = _built(*(_row(str(n), str(-n), n, X=cell) for n, cell in enumerate(cells) if cell))
    constants = json.loads(built.table.metadata["dicom_series_preview.constants"])
    assert constants["00181000"] == {"vr": "FD", "Value": ["NaN"]}


def test_a_cell_of_each_kind() -> None:
    assert make_cell("00180050", Element("DS", ())) is None
    assert make_cell("00180050", Element("DS", ("", ""))) is None
    assert make_cell("00180050", Element("DS", ("5.0", ""))) == Cell("00180050", "DS", (5.0, None))
    assert make_cell("00180050", Element("DS", ("5", "thick"))) == Cell("00180050", "DS", None)
    assert make_cell("00080008", Element("CS", ("A", "", "B"))) == Cell("00080008", "CS", ("A", "", "B"))
    assert make_cell("00280010", Element("US", (b"\1",))) == Cell("00280010", "US", None)
    # The digest of one zero byte, as sha256sum prints it.
    assert make_cell("00420011", Element("OB", (b"\0",))) == Cell(
        "00420011", "OB", Digest(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    )


def test_a_sequence_is_its_items_in_the_json_model() -> None:
    item = {
        "00100010": Element("PN", ("Yamada^Tarou=山田^太郎=やまだ^たろう",)),
        "00080008": Element("CS", ("DERIVED", "", "M")),
        "00181063": Element("DS", ("1.50", "soon")),
        "00280009": Element("AT", ("(0018,106a)",)),
        "00200013": Element("IS", ("07",)),
        "00420011": Element("OB", (b"abc",)),
        "00081140": Element("SQ", ({"00081150": Element("UI", ("1.2",))}, {})),
        "00080090": Element("PN", ()),
    }
    assert json_element(Element("SQ", (item,))) == {
        "vr": "SQ",
        "Value": [
            {
                "00080008": {"vr": "CS", "Value": ["DERIVED", None, "M"]},
                "00080090": {"vr": "PN"},
                "00081140": {"vr": "SQ", "Value": [{"00081150": {"vr": "UI", "Value": ["1.2"]}}, {}]},
                "00100010": {
                    "vr": "PN",
                    "Value": [
                        {
                            "Alphabetic": "Yamada^Tarou",
                            "Ideographic": "山田^太郎",
                            "Phonetic": "やまだ^たろう",
                        }
                    ],
                },
                "00181063": {"vr": "DS", "Value": [1.5, "soon"]},
                "00200013": {"vr": "IS", "Value": [7]},
                "00280009": {"vr": "AT", "Value": ["0018106A"]},
                "00420011": {"vr": "OB", "InlineBinary": "YWJj"},
            }
        ],
    }
