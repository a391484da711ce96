"""Laws of the patient's coordinates: normals, axes and reading directions (PS3.3 C.7.6.2.1.1)."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from math import isfinite

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import (
    SAME_COSINE,
    SAME_PLACE_MM,
    Axis,
    Cosines,
    Vec3,
    dominant_axis,
    dot,
    normal_of,
    reading_direction,
)
from property_tests.models import determinant, exact_dot, largest_axis, normal_squared
from property_tests.strategies import READING, SPATIAL, View, add, finite, views

components = st.one_of(st.sampled_from((-1.0, 0.0, 1.0)), st.floats(-1, 1, allow_subnormal=False))
vectors = st.tuples(components, components, components)


def _to_unit(vector: Vec3) -> Vec3:
    x, y, z = vector
    length = (x * x + y * y + z * z) ** 0.5
    return (x / length, y / length, z / length)


directions = vectors.filter(lambda vector: max(abs(v) for v in vector) > 0.01).map(_to_unit)


@pytest.mark.parametrize(
    ("axis", "toward"),
    [(Axis.Z, (0.0, 0.0, -1.0)), (Axis.X, (1.0, 0.0, 0.0)), (Axis.Y, (0.0, 1.0, 0.0))],
)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_each_axis_is_read_the_way_radiologists_do(axis: Axis, toward: Vec3, sign: float) -> None:
    """Z runs from the head to the feet, X from right to left, Y from front to back (+x left, +y back, +z head)."""
    normal = (sign * toward[0], sign * toward[1], sign * toward[2])
    assert reading_direction(normal) == (axis, toward)


@given(view=views())
def test_reading_direction_is_recovered_from_the_plane(view: View) -> None:
    """The normal of a plane up to 44 degrees oblique, of either sign, is turned to run as it was built."""
    normal = normal_of(view.cosines)
    assert normal is not None
    axis, along = reading_direction(normal)
    assert axis is view.axis
    assert along == pytest.approx(view.along, abs=1e-9)


@given(normal=directions)
def test_both_sides_of_a_slice_are_read_the_same_way(normal: Vec3) -> None:
    """The reading direction does not depend on the sign of the normal."""
    x, y, z = normal
    assert reading_direction((x, y, z)) == reading_direction((-x, -y, -z))


@given(normal=directions)
def test_the_turned_normal_agrees_with_the_axis(normal: Vec3) -> None:
    """The reading direction never runs against the axis it is named for."""
    axis, along = reading_direction(normal)
    assert exact_dot(along, READING[axis]) >= 0
    assert {abs(v) for v in along} == {abs(v) for v in normal}


@given(cosines=st.tuples(*[components] * 6))
def test_the_normal_is_the_unit_vector_across_the_plane(cosines: Cosines) -> None:
    """A normal has length 1, is perpendicular to row and column, and row, column, normal are right-handed."""
    cross, squared = normal_squared(cosines)
    normal = normal_of(cosines)
    row, column = (cosines[0], cosines[1], cosines[2]), (cosines[3], cosines[4], cosines[5])
    assume(squared >= Fraction(1, 90))
    assert normal is not None
    assert float(exact_dot(normal, normal)) == pytest.approx(1, abs=1e-12)
    assert float(exact_dot(normal, row)) == pytest.approx(0, abs=1e-12)
    assert float(exact_dot(normal, column)) == pytest.approx(0, abs=1e-12)
    assert determinant(row, column, normal) > 0
    assert float(exact_dot(normal, [float(v) for v in cross])) > 0


@given(direction=vectors, factor=components, slip=st.floats(0, 0.05))
def test_directions_that_span_no_plane_have_no_normal(direction: Vec3, factor: float, slip: float) -> None:
    """Parallel, nearly parallel and zero directions are no orientation."""
    x, y, z = direction
    assert normal_of((x, y, z, factor * x + slip, factor * y, factor * z)) is None


@given(enough=st.floats(0.1, 1.0), less=st.floats(0.0, 0.0999), view=views())
@example(enough=0.1, less=0.0999, view=View(Axis.Z, (0, 0, -1), (1, 0, 0), (0, 1, 0)))
def test_a_plane_is_spanned_from_a_cross_product_of_a_tenth_on(
    enough: float, less: float, view: View
) -> None:
    """Directions whose cross product is 0.1 long or longer span a plane, others none."""
    assert normal_of((1.0, 0.0, 0.0, 1.0, enough, 0.0)) is not None
    assert normal_of((*view.row, *add(view.row, view.column, less))) is None


@given(
    where=st.integers(0, 5),
    size=st.sampled_from((1e160, 1e200, 1e308)),
    view=views(),
)
@example(where=0, size=1e200, view=View(Axis.Z, (0, 0, -1), (1, 0, 0), (0, 1, 0)))
def test_a_normal_is_a_unit_vector_or_absent(where: int, size: float, view: View) -> None:
    """However absurd the numbers of an orientation, its normal never is: its length is 1 or there is none."""
    values = list(view.cosines)
    values[where] = size
    normal = normal_of((values[0], values[1], values[2], values[3], values[4], values[5]))
    assert normal is None or (
        all(isfinite(v) for v in normal) and float(exact_dot(normal, normal)) == pytest.approx(1, abs=1e-12)
    )


@given(direction=st.tuples(finite(), finite(), finite()))
def test_the_axis_is_the_largest_component(direction: Vec3) -> None:
    """With no tolerance the axis is that of the largest component, found by looking at all three."""
    assert dominant_axis(direction, tied=0.0) is largest_axis(direction)


@given(size=st.floats(0.5, 1.0), less=st.lists(st.floats(0.0, 0.9e-4), min_size=3, max_size=3))
def test_tied_components_prefer_z_then_y_then_x(size: float, less: list[float]) -> None:
    """Components that four digits cannot tell apart are tied: Z wins, then Y, then X."""
    x, y, z = (size - small for small in less)
    assert dominant_axis((x, y, z)) is Axis.Z
    assert dominant_axis((-x, y, -z)) is Axis.Z
    assert dominant_axis((x, -y, 0.1)) is Axis.Y
    assert dominant_axis((x, 0.1, 0.1)) is Axis.X


@given(less=st.floats(2e-4, 0.5), others=st.sampled_from(list(permutations(SPATIAL))))
def test_components_that_differ_are_not_tied(less: float, others: tuple[Axis, ...]) -> None:
    """The preference decides ties only: a component larger by more than 0.0002 wins against any axis."""
    size = {others[0]: 0.7, others[1]: 0.7 - less, others[2]: 0.1}
    assert dominant_axis((size[Axis.X], size[Axis.Y], size[Axis.Z])) is others[0]


@given(a=st.tuples(finite(), finite(), finite()), b=vectors)
def test_dot_is_the_scalar_product(a: Vec3, b: Vec3) -> None:
    """The scalar product is the sum of the products of the components."""
    assert dot(a, b) == pytest.approx(float(exact_dot(a, b)), abs=1e-9, rel=1e-9)


def test_the_tolerances_are_those_of_the_rule() -> None:
    """One orientation is 0.01 in each cosine, one place is 0.01 mm."""
    assert (SAME_COSINE, SAME_PLACE_MM) == (0.01, 0.01)
