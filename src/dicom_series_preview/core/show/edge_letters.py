"""Which side of the patient is at which edge of a picture (PS3.3 C.7.6.1.1.1, C.7.6.2.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from dicom_series_preview.core.geometry import Cosines, Vec3

SECOND_LETTER: Final = 0.25
"""A direction that leans at least so much (a cosine) towards a second axis is named by two letters."""

_TOWARDS: Final = (("R", "L"), ("A", "P"), ("F", "H"))
"""The names of falling and growing x, y and z of the patient's coordinates (PS3.3 C.7.6.2.1.1)."""

_OPPOSITE: Final = dict(zip("RLAPFH", "LRPAHF", strict=True))


@frozen
class Edges:
    """The names of the sides of the patient at the four edges of a picture."""

    left: str
    right: str
    top: str
    bottom: str


def direction_name(direction: Vec3) -> str:
    """The side of the patient that a unit vector points to: L, R, P, A, H or F, and a second one where it leans.

    See PS3.3 C.7.6.1.1.1; the largest component comes first, of equal ones that of z, then y, then x.

    >>> direction_name((0.9, 0.0, -0.436)), direction_name((0.0, -1.0, 0.0))
    ('LF', 'A')
    """
    ranked = sorted(range(3), key=lambda axis: (-abs(direction[axis]), -axis))
    first, second = ranked[0], ranked[1]
    named = [first] if abs(direction[second]) < SECOND_LETTER else [first, second]
    return "".join(_TOWARDS[axis][direction[axis] > 0] for axis in named)


def edge_names(cosines: Cosines) -> Edges:
    """What stands at the edges of a picture with this ImageOrientationPatient.

    The first three cosines point along a row towards growing columns, so they name the right edge; the others
    point down a column and name the bottom (PS3.3 C.7.6.2.1.1).  The edges facing them are their opposites.

    >>> edge_names((1.0, 0.0, 0.0, 0.0, 1.0, 0.0))
    Edges(left='R', right='L', top='A', bottom='P')
    """
    right = direction_name((cosines[0], cosines[1], cosines[2]))
    bottom = direction_name((cosines[3], cosines[4], cosines[5]))
    return Edges(_opposite(right), right, _opposite(bottom), bottom)


def _opposite(name: str) -> str:
    return "".join(_OPPOSITE[letter] for letter in name)
