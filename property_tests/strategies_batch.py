"""Rows of a batch."""

from __future__ import annotations

from hypothesis import strategies as st

from dicom_series_preview.core.batch.row import Row, Status

texts = st.text(max_size=6)
counts = st.integers(0, 10**6)
seconds = st.floats(0, 1e6, allow_nan=False)

rows = st.builds(
    Row,
    series=texts,
    collection=st.none() | texts,
    location=texts,
    path=texts,
    status=st.sampled_from(Status),
    fault=texts,
    words=texts,
    remarks=st.lists(texts, max_size=3).map(tuple),
    bytes=counts,
    slices=counts,
    axis=st.sampled_from("XYZI"),
    seconds=seconds,
    cpu=seconds,
    attempts=st.integers(1, 9),
)
