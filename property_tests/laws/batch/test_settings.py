"""The laws of what a folder remembers of its batch."""

from __future__ import annotations

import json

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from dicom_series_preview.core.batch.settings import (
    Setting,
    Settings,
    check_same,
    read_settings,
    write_settings,
)
from dicom_series_preview.core.faults.batch import BadSettings, OtherOptions

values: st.SearchStrategy[Setting] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 1000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.lists(st.text(max_size=4), max_size=3),
)
options = st.dictionaries(st.text(max_size=8), values, max_size=8)
settings = st.builds(Settings, options, st.integers(0, 10**6), st.text(max_size=64), st.text(max_size=8))


@given(settings)
def test_what_is_written_is_read_back(one: Settings) -> None:
    """The same settings, as a text that ends its line; each option has a line of its own."""
    text = write_settings(one)
    assert read_settings(text) == Success(one)
    assert text.endswith("}\n")
    begun = [line.strip().partition('": ')[0] + '"' for line in text.split("\n")]
    assert {json.dumps(name) for name in one.options if '": ' not in json.dumps(name)} <= set(begun)


@given(settings, settings)
def test_another_list_or_version_is_no_reason(one: Settings, other: Settings) -> None:
    """With the same options a folder may be filled further."""
    assert check_same(one, evolve(other, options=one.options)) == Success(None)
    assert check_same(None, one) == Success(None)


@given(settings, settings, st.data())
def test_other_options_are_refused_by_name(one: Settings, other: Settings, data: st.DataObject) -> None:
    """All that differ, each with what it was and what it is; one that is not given counts as None."""
    changed = {name: [value, "changed"] for name, value in one.options.items() if data.draw(st.booleans())}
    added = {f"{name}+": 1 for name in data.draw(st.sets(st.text(max_size=3), max_size=2))} | {"new": None}
    added = {name: value for name, value in added.items() if name not in one.options}
    now = evolve(other, options={**one.options, **changed, **added})
    expected = sorted(
        [(name, _words(one.options[name]), _words(value)) for name, value in changed.items()]
        + [(name, "not given", _words(value)) for name, value in added.items() if value is not None],
        key=lambda difference: difference[0],
    )
    found = check_same(one, now)
    assert found == (Failure(OtherOptions(tuple(expected))) if expected else Success(None))
    assert check_same(now, one) == (
        Failure(OtherOptions(tuple((name, new, old) for name, old, new in expected)))
        if expected
        else Success(None)
    )


def _words(value: Setting) -> str:
    return "not given" if value is None else json.dumps(value)


def test_the_words_name_each_difference() -> None:
    """Old and new as they are written."""
    old = Settings({"quality": 25}, 1, "", "")
    words = str(check_same(old, evolve(old, options={"quality": 80, "preset": "ct-lung"})).failure())
    assert '(preset was not given, now "ct-lung"; quality was 25, now 80)' in words
    assert "--overwrite" in words


@given(settings, st.integers(2, 99))
def test_a_later_format_is_refused(one: Settings, schema: int) -> None:
    """What a later version means is not guessed."""
    later = json.dumps(json.loads(write_settings(one)) | {"schema": schema})
    problem = f"it is of format {schema}, and this version knows up to 1"
    assert read_settings(later) == Failure(BadSettings(problem))
    assert problem in str(BadSettings(problem))


@given(settings, st.sampled_from(["schema", "version", "series", "manifest", "options"]), st.booleans())
def test_what_is_damaged_is_refused(one: Settings, name: str, gone: bool) -> None:
    """Each part is needed, and has its kind; what is cut short is no JSON."""
    content = json.loads(write_settings(one))
    damaged = {key: value for key, value in content.items() if key != name} | ({} if gone else {name: [1]})
    assert read_settings(json.dumps(damaged)) == Failure(BadSettings("it is not what a batch writes"))
    assert read_settings(write_settings(one)[:-3]) == Failure(BadSettings("it is no JSON"))
