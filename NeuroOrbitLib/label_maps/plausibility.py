"""Check whether a label map can be in the vocabulary's values; values with other meanings contradict the anatomy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from NeuroOrbitLib.anatomy.structures import BACKGROUND, LABEL_VALUES, Side, label_name, label_value, structure_of
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.label_maps.sides import LARGEST_DISTANCE, LEAST_DISTANCE
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Largest volume (ml) of the structures of each group, including tumours and severe disease; smallest of an eyeball.
_LARGEST = {"eye": 20.0, "nerve": 8.0, "rectus": 12.0, "oblique": 6.0, "gland": 12.0, "fat": 60.0, "bone": 90.0}
_LARGEST_LENS, _SMALLEST_EYEBALL = 2.0, 0.4
#: Largest extent (mm) of the middle 90 % of the voxels of one side along the right-left axis.
_WIDEST = 62.0
#: Required order of two structures: first, second, relation in words, RAS axis; with a tolerance (mm).
_ORDER = (("superior_rectus", "inferior_rectus", "above", 2), ("lateral_rectus", "medial_rectus", "lateral of", 0),
          ("eyeball", "optic_nerve", _("in front of"), 1), ("superior_rectus", "optic_nerve", _("above"), 2),
          ("optic_nerve", "inferior_rectus", "above", 2), ("lateral_rectus", "optic_nerve", "lateral of", 0),
          ("optic_nerve", "medial_rectus", "lateral of", 0))
_TOLERANCE = 2.0
#: Distance (voxels) beyond a grid's border that rounding explains.
_ROUNDING = 1e-3


def check_values(labels: Image) -> None:
    """Make sure that a label map holds only values of the vocabulary.

    :raises Problem: if it holds other values; the message lists them.
    """
    values = values_in(labels)
    others = [value for value in values if value not in LABEL_VALUES]
    if others:
        raise Problem(_("the label map has values that are not of the vocabulary ({listed}; all values: "
                        "{listed_2})").format(listed=listed(others), listed_2=listed(values)))


def contradictions(labels: Image) -> list[str]:
    """Return contradictions of a label map, read in the vocabulary's values, to the anatomy; one line each.

    Sizes, the positions of both sides, and the order of structures (above, lateral of, in front of) are checked.

    :param labels: label map of an upright head in RAS, in values of the vocabulary.
    """
    places = _places(labels)
    milliliters = abs(float(np.linalg.det(labels.affine[:3, :3]))) / 1000
    return [*_sizes(places, milliliters), *_sides(places), *_order(places)]


def values_in(labels: Image) -> list[int]:
    """Return the values above background that occur in a label map."""
    # Sorting only the labelled voxels, about a hundredth, takes a tenth of the time of sorting all.
    return [int(value) for value in np.unique(labels.array[labels.array != BACKGROUND])]


def _places(labels: Image) -> dict[int, np.ndarray]:
    """Return the points (N, 3) in RAS mm of each value's voxels, in one pass over what may be 50 million voxels."""
    drawn = np.argwhere(labels.array != BACKGROUND)
    values, points = labels.array[tuple(drawn.T)], labels.grid.ras_from_ijk(drawn[:, ::-1])
    return {int(value): points[values == value] for value in np.unique(values)}


def listed(values: list[int]) -> str:
    """Return a list of values, at most a dozen, as text for a message."""
    return ", ".join(map(str, values[:12])) + (", …" if len(values) > 12 else "")


def _sizes(places: dict[int, np.ndarray], milliliters: float) -> Iterator[str]:
    for value, points in places.items():
        found, volume = structure_of(value), len(points) * milliliters
        largest = _LARGEST_LENS if found.key == "lens" else _LARGEST[found.group]
        if volume > largest:
            yield _("{value} would be the {name} of {volume:.1f} ml, which is never larger than {largest:g} "
                    "ml").format(value=value, name=_name(value), volume=volume, largest=largest)
        elif found.key == "eyeball" and volume < _SMALLEST_EYEBALL:
            yield _("{value} would be the {name} of {volume:.2f} ml, which is too small").format(
                value=value, name=_name(value), volume=volume)
        if found.left is None:
            continue
        low, high = np.percentile(points[:, 0], (5, 95))
        if high - low > _WIDEST:
            yield _("{value} would be the {name}, but it spreads over {high:.0f} mm, as both sides do").format(
                value=value, name=_name(value), high=high - low)


def _sides(places: dict[int, np.ndarray]) -> Iterator[str]:
    for value in places:
        found = structure_of(value)
        if found.left is None or value != found.right or found.left not in places:
            continue
        right, left = places[value].mean(axis=0), places[found.left].mean(axis=0)
        apart = float(np.linalg.norm(right - left))
        if right[0] <= left[0]:
            yield _("{value} would be the {name}, but it lies left of {left}, the {name_2}").format(
                value=value, name=_name(value), left=found.left, name_2=_name(found.left))
        elif found.key == "eyeball" and not LEAST_DISTANCE <= apart <= LARGEST_DISTANCE:
            yield _("{value} and {left} would be the two eyeballs, but they lie {apart:.0f} mm from each "
                    "other").format(value=value, left=found.left, apart=apart)


def _order(places: dict[int, np.ndarray]) -> Iterator[str]:
    for side in Side:
        for one, other, word, axis in _ORDER:
            first, second = label_value(one, side), label_value(other, side)
            if first not in places or second not in places:
                continue
            ahead = (places[first].mean(axis=0) - places[second].mean(axis=0))[axis]
            if ahead * (side.x_sign if axis == 0 else 1) < -_TOLERANCE:
                yield _("{first} would be the {name}, but it does not lie {word} {second}, the {name_2}").format(
                    first=first, name=_name(first), word=word, second=second, name_2=_name(second))


def _name(value: int) -> str:
    name = label_name(value)
    return name[0].lower() + name[1:]


def inside_and_outside(labels: Image, grid: Grid) -> tuple[dict[int, int], dict[int, int]]:
    """Return the number of voxels of each label value whose centres lie in a grid, and of those that lie beside it."""
    places = np.argwhere(labels.array)
    is_inside = _are_inside(labels.grid.ras_from_ijk(places[:, ::-1]), grid)
    values = labels.array[tuple(places.T)]
    inside, outside = (dict(zip(*map(np.ndarray.tolist, np.unique(values[part], return_counts=True)), strict=True))
                       for part in (is_inside, ~is_inside))
    return inside, outside


def lies_within(part: Grid, whole: Grid, margin: float = _ROUNDING) -> bool:
    """Return whether the centres of all voxels of a grid lie in another grid, or in a margin (voxels) around it."""
    corners = np.array(np.meshgrid(*[(0, count - 1) for count in part.shape[::-1]])).reshape(3, -1).T
    return bool(_are_inside(part.ras_from_ijk(corners), whole, margin).all())


def _are_inside(points: np.ndarray, grid: Grid, margin: float = _ROUNDING) -> np.ndarray:
    counts = np.array(grid.shape[::-1])
    return (np.abs(grid.ijk_from_ras(points) - (counts - 1) / 2) < counts / 2 + margin).all(axis=1)
