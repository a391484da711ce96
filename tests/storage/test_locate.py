"""From what the user types to the folder that holds the series."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from random import Random

import pyarrow
import pytest
from pyarrow import parquet
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import S3Root, parse_root
from dicom_series_preview.core.ask.series_id import parse_series
from dicom_series_preview.core.faults.fault import LocateFault
from dicom_series_preview.core.faults.listings import Packed
from dicom_series_preview.core.faults.series import NoSeries, SeveralMatches
from dicom_series_preview.core.faults.storage import NotFound
from dicom_series_preview.shell.storage import idc_table as idc
from dicom_series_preview.shell.storage.locate import Located, locate
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network
from tests.support import servers
from tests.support.s3server import Server, serve

ONE = "38902e14-b11f-4548-910e-771ee757dc82"
TWO = "38902e14-ffff-4548-910e-771ee757dc82"
PLAIN = "d94176e66bc8e66643143639754258d06"[:32]
PLAIN_UUID = "d94176e6-6bc8-e666-4314-3639754258d0"
LOUD = "ABCDEF01-0000-4000-8000-000000000001"
DICOM = "1.2.840.113619.2.55.3"
MIXED = "1.2.3.4.5"

KEYS = [
    f"{ONE}/a.dcm",
    f"{ONE}/b.dcm",
    f"{TWO}/sub/c.dcm",
    f"{PLAIN}/d.dcm",
    f"{DICOM}/e.dcm",
    "389 notes.txt",
    "3890/readme",
]


def find(series: str, root: str) -> Located:
    return locate(parse_series(series).unwrap(), parse_root(root).unwrap(), Network()).unwrap()


def refuse(series: str, root: str) -> LocateFault:
    result = locate(parse_series(series).unwrap(), parse_root(root).unwrap(), Network())
    assert not is_successful(result), f"{series} was found at {result.unwrap()}"
    return result.failure()


def names(located: Located) -> list[str]:
    pages = located.pages()
    return sorted(entry.name for page in pages for entry in page.unwrap())


def make(folder: Path, keys: list[str]) -> Path:
    for key in keys:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(key.encode())
    return folder


@pytest.fixture(scope="module", params=["local", "s3", "python_http", "rclone_webdav"])
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The text of a root that holds `KEYS` below a folder."""
    kind = str(request.param)
    folder = tmp_path_factory.mktemp(kind)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        if kind == "s3":
            server = stack.enter_context(serve({f"scans/{key}": key.encode() for key in KEYS}))
            patch.setenv("AWS_ENDPOINT_URL", server.endpoint)
            patch.delenv("AWS_ACCESS_KEY_ID", raising=False)
            yield "s3://bucket/scans"
            return
        make(folder / "scans", KEYS)
        if kind == "local":
            yield f"{folder}/scans"
        else:
            serve_folder = {"python_http": servers.python_http, "rclone_webdav": servers.rclone_webdav}[kind]
            yield f"{stack.enter_context(serve_folder(folder))}/scans"


class TestEveryRoot:
    @pytest.mark.parametrize("text", [ONE, ONE.upper(), ONE.replace("-", ""), "38902e14-b*", "38902E14B11*"])
    def test_a_series_is_found_however_its_uuid_is_written(self, root: str, text: str) -> None:
        located = find(text, root)
        assert (located.folder, located.series, located.root, located.only) == (ONE, ONE, root, None)
        assert names(located) == ["a.dcm", "b.dcm"]

    @pytest.mark.parametrize("text", [PLAIN, PLAIN_UUID, "d94176e6-6bc8-e66*", "d94176e66bc8e*", "d*"])
    def test_a_folder_named_without_hyphens_is_found(self, root: str, text: str) -> None:
        located = find(text, root)
        assert (located.folder, located.series) == (PLAIN, PLAIN_UUID)
        assert names(located) == ["d.dcm"]

    def test_a_prefix_of_several_lists_them(self, root: str) -> None:
        fault = refuse("389*", root)
        assert fault == SeveralMatches("389*", root, (ONE, TWO), False)
        assert ONE in str(fault)
        assert TWO in str(fault)

    @pytest.mark.parametrize("text", ["c*", "38902e15*", TWO.replace("f", "e"), "9.8.7"])
    def test_what_is_not_there_is_named(self, root: str, text: str) -> None:
        fault = refuse(text, root)
        assert isinstance(fault, NoSeries)
        assert text in str(fault)
        assert root in str(fault)

    def test_a_dicom_uid_names_a_folder(self, root: str) -> None:
        located = find(DICOM, root)
        assert (located.folder, located.series, located.only) == (DICOM, DICOM, None)
        assert names(located) == ["e.dcm"]

    def test_a_full_location_does_not_look_at_the_root(self, root: str) -> None:
        located = find(f"{root}/{ONE}", "/no/such/root")
        assert (located.folder, located.series, located.root) == (ONE, ONE, root)
        assert names(located) == ["a.dcm", "b.dcm"]

    def test_a_location_of_any_name_is_a_series(self, root: str) -> None:
        located = find(f"{root}/3890/", "/no/such/root")
        assert (located.folder, located.series) == ("3890", "3890")

    def test_a_location_where_nothing_is_is_not_found(self, root: str) -> None:
        assert refuse(f"{root}/nothing", root) == NotFound(f"{root}/nothing")

    def test_the_listing_can_be_had_again(self, root: str) -> None:
        located = find(ONE, root)
        assert names(located) == names(located) == ["a.dcm", "b.dcm"]


class TestLocal:
    def test_a_folder_is_found_in_any_case(self, tmp_path: Path) -> None:
        make(tmp_path, [f"{LOUD}/1.dcm"])
        for text in (LOUD, LOUD.lower(), "abc*"):
            located = find(text, str(tmp_path))
            assert (located.folder, located.series) == (LOUD, LOUD.lower())

    def test_relative_places(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make(tmp_path, ["data/head ct/1.dcm"])
        monkeypatch.chdir(tmp_path / "data" / "head ct")
        for text in (
            ".",
            "../head ct",
            "./../head ct",
            "../../data/head ct/",
            str(tmp_path / "data/head ct"),
        ):
            located = find(text, "/no/such/root")
            assert (located.folder, located.series) == ("head ct", "head ct")
            assert located.root == str(tmp_path / "data")
            assert names(located) == ["1.dcm"]

    def test_the_root_is_shown_absolute(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make(tmp_path, [f"{ONE}/1.dcm"])
        monkeypatch.chdir(tmp_path)
        for text in (".", "./", str(tmp_path), f"{tmp_path}/", tmp_path.as_uri()):
            assert find(ONE, text).root == str(tmp_path)

    def test_a_file_is_a_series_of_one_object(self, tmp_path: Path) -> None:
        make(tmp_path, ["1.dcm", "2.dcm"])
        located = find(f"{tmp_path}/1.dcm", ".")
        assert (located.folder, located.series, located.root) == ("", "1.dcm", str(tmp_path))
        assert names(located) == ["1.dcm"]

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("DICOMDIR", "a DICOMDIR"),
            ("dicomdir", "the folder that holds"),
            ("a.zip", "a zip archive"),
            ("1.dcm.gz", "compressed by gzip"),
            ("all.TGZ", "unpack it"),
        ],
    )
    def test_a_file_that_holds_or_names_others_is_refused(
        self, tmp_path: Path, name: str, words: str
    ) -> None:
        make(tmp_path, [name])
        fault = refuse(f"{tmp_path}/{name}", ".")
        assert isinstance(fault, Packed)
        assert words in str(fault)

    def test_a_folder_may_be_called_what_it_likes(self, tmp_path: Path) -> None:
        make(tmp_path, ["scans.zip/1.dcm"])
        assert names(find(f"{tmp_path}/scans.zip", ".")) == ["1.dcm"]

    @pytest.mark.parametrize(
        "spelling", [ONE, ONE.replace("-", ""), ONE.upper(), ONE.replace("-", "").upper()]
    )
    def test_a_uuid_is_looked_up_without_listing_the_root(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
    ) -> None:
        make(tmp_path, [f"{spelling}/1.dcm"])
        listed: list[str] = []
        scandir = os.scandir

        def watched(path: str) -> object:
            listed.append(path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", watched)
        assert names(find(ONE, str(tmp_path))) == ["1.dcm"]
        assert [os.path.normpath(path) for path in listed] == [str(tmp_path / spelling)]

    @pytest.mark.parametrize("form", ["{}/*", "cp {}/* .", "s5cmd --no-sign-request cp '{}/*' ./here"])
    def test_a_location_as_tables_and_manifests_have_it(self, tmp_path: Path, form: str) -> None:
        make(tmp_path, [f"{ONE}/1.dcm"])
        assert names(find(form.format(f"file://{tmp_path}/{ONE}"), ".")) == ["1.dcm"]

    def test_the_whole_file_system_is_no_series(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir("/")
        assert "whole file system" in str(refuse(".", "."))


class TestFolderOfSeveralSeries:
    def test_a_dicom_uid_chooses_from_the_root_itself(self, tmp_path: Path) -> None:
        make(tmp_path, ["1.dcm", "more/2.dcm"])
        located = find(MIXED, str(tmp_path))
        assert (located.folder, located.series, located.only) == ("", MIXED, MIXED)
        assert names(located) == ["1.dcm", "more/2.dcm"]

    def test_the_same_in_a_bucket(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with serve({"mix/1.dcm": b"1", "mix/more/2.dcm": b"2", "other/3.dcm": b"3"}) as server:
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
            located = find(MIXED, "s3://bucket/mix")
            assert located.only == MIXED
            assert names(located) == ["1.dcm", "more/2.dcm"]

    def test_a_root_of_series_folders_is_not_searched(self, tmp_path: Path) -> None:
        make(tmp_path, [f"{ONE}/1.dcm", "series.tsv"])
        fault = refuse(MIXED, str(tmp_path))
        assert isinstance(fault, NoSeries)
        assert "named by uuid" in str(fault)

    def test_an_empty_root_has_no_series(self, tmp_path: Path) -> None:
        assert isinstance(refuse(MIXED, str(tmp_path)), NoSeries)


def uuids(count: int) -> list[str]:
    """Uuids that begin with 389, and twice as many that do not."""
    random = Random(389)
    digits = [f"389{random.getrandbits(116):029x}" for _ in range(count)]
    digits += [f"{random.choice('0124567abcdef')}{random.getrandbits(124):031x}" for _ in range(2 * count)]
    return [f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in digits]


def of_three_instances(series: list[str]) -> dict[str, bytes]:
    return {f"{one}/{number}.dcm": b"" for one in series for number in range(3)}


class TestRequests:
    """What a search costs, counted at the server."""

    @pytest.fixture
    def server(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
        with serve(of_three_instances(uuids(400))) as server:
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
            yield server

    def test_a_series_given_in_full_is_listed_once(self, server: Server) -> None:
        assert len(names(find(uuids(400)[0], "s3://bucket"))) == 3
        assert (server.counts.lists, server.counts.gets, server.counts.heads) == (1, 0, 0)

    def test_matches_cost_a_request_however_many(self, server: Server) -> None:
        first = sorted(uuids(400)[:400])[:10]
        assert refuse("389*", "s3://bucket") == SeveralMatches("389*", "s3://bucket", tuple(first), True)
        assert (server.counts.lists, server.counts.gets) == (1, 0)
        uid = sorted(uuids(400)[:400])[200]
        assert find(f"{uid[:8]}*", "s3://bucket").series == uid
        assert server.counts.lists == 2

    def test_all_folders_cost_a_request_for_each_thousand(self, server: Server) -> None:
        store = open_store(S3Root("bucket"), Network()).unwrap()
        pages = [page.unwrap() for page in store.names("")]
        assert [*chain.from_iterable(pages)] == sorted(uuids(400))
        assert server.counts.lists == len(pages) == 2  # of 1,200

    def test_no_match_costs_one_request(self, server: Server) -> None:
        assert isinstance(refuse("3*", "s3://bucket/nothing"), NoSeries)
        assert server.counts.lists == 1


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.S3Server]:
    with servers.moto() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
        yield server


class TestPublicBuckets:
    """The default root stands for three buckets; a server of one's own need not have them all."""

    def test_the_other_buckets_are_looked_into(self, moto: servers.S3Server) -> None:
        moto.fill("idc-open-data", {f"{ONE}/1.dcm": b"1"})
        moto.fill("idc-open-data-two", {f"{TWO}/2.dcm": b"2"})
        moto.fill("idc-open-data-cr", {f"{PLAIN_UUID}/3.dcm": b"3"})
        for uid, bucket in [
            (ONE, "idc-open-data"),
            (TWO, "idc-open-data-two"),
            (PLAIN_UUID, "idc-open-data-cr"),
        ]:
            located = find(uid, "s3://idc-open-data")
            assert (located.root, located.series) == (f"s3://{bucket}", uid)
            assert len(names(located)) == 1
        assert find("d94*", "s3://idc-open-data").root == "s3://idc-open-data-cr"

    def test_buckets_that_are_not_there_are_passed_over(self, moto: servers.S3Server) -> None:
        moto.fill("idc-open-data", {f"{ONE}/1.dcm": b"1"})
        fault = refuse(TWO, "s3://idc-open-data")
        assert isinstance(fault, NoSeries)
        assert "idc-open-data-two" in str(fault)
        assert "idc-open-data-cr" in str(fault)

    def test_no_other_root_is_widened(self, moto: servers.S3Server) -> None:
        moto.fill("idc-open-data-two", {f"{TWO}/2.dcm": b"2"})
        moto.fill("idc-open-data-cr", {f"{ONE}/2.dcm": b"2"})
        assert isinstance(refuse(ONE, "s3://idc-open-data-two"), NoSeries)


class TestTable:
    """A SeriesInstanceUID on the default root, with and without the table of idc-index-data."""

    @pytest.fixture
    def table(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A package of the table's name, with two series in it."""
        package = tmp_path / "idc_index_data"
        package.mkdir()
        (package / "__init__.py").touch()
        rows = {
            "SeriesInstanceUID": ["1.2.3", MIXED],
            "aws_bucket": ["idc-open-data", "idc-open-data-cr"],
            "crdc_series_uuid": [ONE, TWO],
            "Modality": ["CT", "MR"],
        }
        path = package / "idc_index.parquet"
        schema = pyarrow.schema([pyarrow.field(name, pyarrow.string()) for name in rows])
        columns = [pyarrow.array(values, pyarrow.string()) for values in rows.values()]
        parquet.write_table(pyarrow.Table.from_arrays(columns, schema=schema), str(path))
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "idc_index_data", raising=False)
        return path

    @pytest.fixture(autouse=True)
    def buckets(self, moto: servers.S3Server) -> None:
        moto.fill("idc-open-data", {f"{DICOM}/1.dcm": b"1"})
        moto.fill("idc-open-data-cr", {f"{TWO}/2.dcm": b"2"})

    @pytest.mark.usefixtures("table")
    def test_the_table_tells_bucket_and_uuid(self) -> None:
        located = find(MIXED, "s3://idc-open-data")
        assert (located.root, located.series, located.only) == ("s3://idc-open-data-cr", TWO, None)
        assert names(located) == ["2.dcm"]

    @pytest.mark.usefixtures("table")
    def test_a_uid_that_the_table_lacks_is_told_as_that(self) -> None:
        fault = refuse("1.2.9", "s3://idc-open-data")
        assert isinstance(fault, NoSeries)
        assert "does not know" in str(fault)

    @pytest.mark.usefixtures("table")
    def test_a_series_that_only_the_table_knows_is_told_as_that(self) -> None:
        assert f"gives {ONE}" in str(refuse("1.2.3", "s3://idc-open-data"))

    @pytest.mark.usefixtures("table")
    def test_a_folder_of_that_name_comes_first(self) -> None:
        assert find(DICOM, "s3://idc-open-data").folder == DICOM

    def test_a_table_that_cannot_be_read_is_told_as_that(self, table: Path) -> None:
        table.write_bytes(b"no table")
        assert "cannot be read" in str(refuse(MIXED, "s3://idc-open-data"))

    def test_without_the_table_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(idc, "find_spec", lambda _: None)
        assert "dicom-series-preview[idc]" in str(refuse(MIXED, "s3://idc-open-data"))

    @pytest.mark.usefixtures("table")
    def test_other_roots_do_not_ask_the_table(self, moto: servers.S3Server) -> None:
        moto.fill("mine", {f"{ONE}/1.dcm": b"1"})
        assert "table" not in str(refuse(MIXED, "s3://mine"))


def test_local_roots_need_no_object_store_library() -> None:
    code = (
        "import sys; from dicom_series_preview.core.ask.roots import LocalRoot; "
        "from dicom_series_preview.core.ask.series_id import SeriesPrefix; "
        "from dicom_series_preview.shell.storage.locate import locate; "
        "from dicom_series_preview.shell.storage.store import Network; "
        "locate(SeriesPrefix('3'), LocalRoot('.'), Network()); "
        "heavy = {'obstore', 'pyarrow', 'ssl', 'http.client'} & set(sys.modules); print(heavy or 'none')"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "none"
