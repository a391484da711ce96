"""Rows of a batch, and tile maps as a preview writes them."""

from __future__ import annotations

from attrs import frozen
from hypothesis import strategies as st

from dicom_series_preview.core.batch.row import Row, Status

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "&lt;b&gt;&amp;amp;",
    "\"'`",
    "{{rows}}{{title}}",
    "\u202eright to left\u202c",
    "\u2028\u2029",
    "\ud83d\ude00",
    "\udce9\ud800",
    "\x00\x1b[31m\r\n",
    "😀 é 漢字",
)

texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=()), max_size=12), st.just("CHEST")
)
"""Texts as damaged headers and file names hold them; a few come often, so that columns repeat themselves."""

counts = st.integers(0, 10**7)
seconds = st.floats(0, 1e5)
paths = st.one_of(st.just(""), st.from_regex(r"[a-z0-9]{2}/[-a-z0-9]{1,8}\.webp", fullmatch=True), texts)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Any row at all."""
    series = draw(st.one_of(st.uuids().map(str), texts))
    usual = f"{series[:2]}/{series}.webp"
    return Row(
        series=series,
        collection=draw(st.none() | texts),
        location=draw(texts),
        path=draw(st.just(usual) | paths),
        status=draw(st.sampled_from(Status)),
        fault=draw(texts),
        words=draw(texts),
        remarks=tuple(draw(st.lists(texts, max_size=2))),
        bytes=draw(counts),
        width=draw(counts),
        height=draw(counts),
        slices=draw(counts),
        stacks=draw(counts),
        axis=draw(st.sampled_from(("X", "Y", "Z", "I", ""))),
        window=draw(texts),
        modality=draw(st.sampled_from(("CT", "MR", "")) | texts),
        description=draw(texts),
        requests=draw(counts),
        bytes_read=draw(counts),
        seconds=draw(seconds | st.just(float("nan"))),
        cpu=draw(seconds),
        attempts=draw(counts),
        version=draw(texts),
    )


@frozen
class MadeTile:
    """A tile as a map tells of it: all that the page shows."""

    rect: tuple[int, int, int, int]
    index: int
    position: float | None
    axis: str
    window: tuple[float, float, str] | None
    time: float | str | None

    def plain(self) -> dict[str, object]:
        """The tile as it stands in the JSON of a map."""
        center, width, function = self.window or (0, 0, "")
        return {
            "rect": list(self.rect),
            "index": 0,
            "number": self.index + 1,
            "object": "a.dcm",
            "sop_instance_uid": "1.2.3",
            "frame": 1,
            "axis": self.axis,
            "position": self.position,
            "window": None
            if self.window is None
            else {"center": center, "width": width, "function": function},
            "time": self.time,
        }


lengths = st.integers(0, 2000)
positions = st.floats(-3000, 3000)
windows = st.tuples(positions, st.floats(0.001, 9999), st.sampled_from(("LINEAR", "LINEAR_EXACT", "SIGMOID")))


@st.composite
def made_tiles(draw: st.DrawFn) -> list[MadeTile]:
    """Tiles that may follow no rule, or follow one but for the last of them."""
    count = draw(st.integers(1, 12))
    columns = draw(st.integers(1, 6))
    step = draw(positions)
    window, axis, time = draw(st.none() | windows), draw(st.sampled_from("XYZI")), draw(st.none() | positions)
    by_rule = [
        MadeTile((i % columns * 20, i // columns * 10, 20, 10), 3 * i, step * i, axis, window, time)
        for i in range(count)
    ]
    tile = st.builds(
        MadeTile,
        rect=st.tuples(lengths, lengths, lengths, lengths),
        index=lengths,
        position=st.none() | positions,
        axis=st.sampled_from("XYZI"),
        window=st.none() | windows,
        time=st.none() | positions | st.just("diastole"),
    )
    odd = draw(st.lists(tile, max_size=3))
    return [*by_rule[: len(by_rule) - len(odd)], *odd] or by_rule
