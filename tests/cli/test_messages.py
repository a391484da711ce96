"""Faults become messages and a status; what libraries print does not reach the user."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator

import pytest
from returns.result import Failure, Success

from dicom_series_preview.core.faults.fault import Stalled
from dicom_series_preview.core.faults.request import Needs
from dicom_series_preview.core.faults.series import FoundSeries, SeveralSeries
from dicom_series_preview.shell.cli.messages import finish, log_to_stderr, refuse, silent_libraries
from tests.support.restored import restored

LOG = logging.getLogger("dicom_series_preview")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    with restored():
        yield


def test_a_good_end_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(Success(None)) == 0
    assert capsys.readouterr() == ("", "")


def test_a_fault_is_one_line_on_stderr_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(Failure(Stalled(45.0))) == 1
    assert finish(Failure(Needs("--a", "--b"))) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "error: Nothing has arrived for 45 s: gave up. Check the network, or try again later.\n"
        "error: --a needs --b as well.\n"
    )


def test_several_series_are_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    found = (FoundSeries("1.2", 3, "CT", "Thin\nslices", True), FoundSeries("1.3", 1, "SR", "", False))
    assert finish(Failure(SeveralSeries("/data", found))) == 1
    assert capsys.readouterr().err.splitlines() == [
        "error: /data holds 2 series:",
        "  1.2: CT, Thin\\nslices, 3 objects",
        "  1.3: SR, 1 object without pictures",
        "  Give this folder as --root and one of these UIDs as SERIESUID.",
    ]


def test_every_error_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert refuse(["x.", "y."]) == 1
    assert capsys.readouterr().err.splitlines() == ["error: x.", "error: y."]


@pytest.mark.parametrize("verbose", [False, True])
def test_warnings_are_told_and_the_course_of_the_run_if_asked(
    capsys: pytest.CaptureFixture[str], verbose: bool
) -> None:
    log_to_stderr(verbose)
    LOG.info("listing took %.1f s", 1.5)
    LOG.warning("100%% of it")
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["info: listing took 1.5 s"] * verbose + ["warning: 100%% of it"]


@pytest.mark.parametrize("verbose", [False, True])
def test_pydicom_keeps_its_remarks_to_itself(capsys: pytest.CaptureFixture[str], verbose: bool) -> None:
    log_to_stderr(verbose)
    warnings.warn("a header's oddity", UserWarning, stacklevel=1)
    logging.getLogger("pydicom").warning("the same")
    assert capsys.readouterr().err == ""


def test_messages_go_where_stderr_is_at_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    log_to_stderr(False)
    for _ in range(2):
        elsewhere = io.StringIO()
        monkeypatch.setattr(sys, "stderr", elsewhere)
        LOG.warning("here")
        assert elsewhere.getvalue() == "warning: here\n"


SCRIPT = """
import os, sys
from dicom_series_preview.shell.cli.messages import silent_libraries
with silent_libraries():
    os.write(2, b"from a library\\n")
    sys.stderr.write("from us ü\\n")
    assert sys.stderr.isatty() == sys.__stderr__.isatty()
os.write(2, b"after\\n")
sys.stderr.write("us again\\n")
try:
    with silent_libraries():
        os.write(2, b"hidden\\n")
        raise KeyboardInterrupt
except KeyboardInterrupt:
    os.write(2, b"restored\\n")
"""


def test_what_libraries_print_is_dropped_and_what_we_say_is_not() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", SCRIPT],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr.decode() == "from us ü\nafter\nus again\nrestored\n"


def test_a_stderr_that_is_no_file_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = io.StringIO()
    monkeypatch.setattr(sys, "stderr", elsewhere)
    with silent_libraries():
        assert sys.stderr is elsewhere
