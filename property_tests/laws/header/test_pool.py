"""Laws of holding equal parts once."""

from __future__ import annotations

from pickle import dumps, loads

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.grey import VoiFunction, Window
from dicom_series_preview.core.header.pool import Pool, shared
from property_tests.strategies import Built, make_pixels, stacks


@given(stacks(), st.booleans())
def test_sharing_changes_no_value(built: Built, palette: bool) -> None:
    """What is shared is equal to what it was, palettes included."""
    pool = Pool()
    for instance in built.instances:
        pixels = evolve(make_pixels(), palette={} if palette else None)
        assert shared(evolve(instance, pixels=pixels), pool) == evolve(instance, pixels=pixels)


@given(stacks())
def test_equal_parts_are_one(built: Built) -> None:
    """Parts of two equal instances that the series repeats are the same object, not merely equal ones."""
    pool = Pool()
    for bare in built.instances:
        window = Window(40.0, 400.0, VoiFunction.LINEAR)
        frames = tuple(evolve(frame, voi=window, spacing=(0.5, 0.75)) for frame in bare.frames)
        instance = evolve(
            bare, image_type=("ORIGINAL", "PRIMARY"), series_description="Brain MPRAGE", frames=frames
        )
        # A copy of bytes shares nothing with its original, which one in memory does.
        first, second = shared(instance, pool), shared(loads(dumps(instance)), pool)
        assert second == instance
        assert second.sop_class is first.sop_class
        assert second.series_instance_uid is first.series_instance_uid
        assert second.modality is first.modality
        assert second.image_type is first.image_type
        assert second.series_description is first.series_description
        assert second.pixels is first.pixels
        for one, other in zip(first.frames, second.frames, strict=True):
            assert other.cosines is one.cosines
            assert other.modality_lut is one.modality_lut
            assert other.times is one.times
            assert other.voi is one.voi
            assert other.spacing is one.spacing


@given(st.integers(-5, 5))
def test_numbers_keep_their_type(value: int) -> None:
    """Equal values of different types are different: 1 does not become 1.0."""
    pool = Pool()
    assert type(pool.one(float(value))) is float
    assert type(pool.one(value)) is int
