"""Structures that a padded field of view cuts inside of the array, and air that only looks like padding."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.measure import measure
from NeuroOrbitLib.measurements.padding import cut_by_padding
from NeuroOrbitLib.measurements.reasons import at_the_edge
from NeuroOrbitLib.measurements.rows import by_key
from Testing.Python.measurements.heads import head, label_map

GLOBE, INFERIOR, LATERAL = (label_value(key, Side.RIGHT) for key in ("eyeball", "inferior_rectus", "lateral_rectus"))
NERVE, MEDIAL = (label_value(key, Side.RIGHT) for key in ("optic_nerve", "medial_rectus"))


@pytest.fixture(scope="module")
def labels():
    return label_map(head(3), (0.8, 0.8, 1.0))


@pytest.fixture(scope="module")
def grey(labels):
    return np.random.default_rng(4).normal(200, 20, labels.array.shape).round().astype(np.int16)


def places(labels: Image) -> np.ndarray:
    """RAS mm (K, J, I, 3) of all voxels."""
    return labels.grid.ras_from_ijk(np.stack(np.meshgrid(*map(np.arange, labels.grid.shape), indexing="ij"),
                                             axis=-1)[..., ::-1])


def padded(labels: Image, grey: np.ndarray, beyond: np.ndarray, value: int) -> tuple[Image, Image]:
    """The label map and the scan, without what lies beyond the field of view."""
    return (labels.with_array(np.where(beyond, 0, labels.array)), labels.with_array(np.where(beyond, value, grey)))


def middle(labels: Image, label: int) -> np.ndarray:
    return labels.grid.ras_from_ijk(np.argwhere(labels.array == label)[:, ::-1]).mean(axis=0)


def below(labels: Image) -> np.ndarray:
    """Slices of zeros below the middle of the inferior rectus, as beyond the slab of an MRI."""
    return places(labels)[..., 2] < middle(labels, INFERIOR)[2]


def turned(labels: Image) -> np.ndarray:
    """What lies beyond a slab that was turned by 15 degrees."""
    across = np.array([np.sin(np.radians(15)), 0.0, np.cos(np.radians(15))])
    return (places(labels) - middle(labels, INFERIOR)) @ across < 0


def around(labels: Image) -> np.ndarray:
    """What lies beyond the circle of a CT, 200 mm wide, that runs through the right lateral rectus."""
    centre = middle(labels, LATERAL)[:2] - (100.0, 0.0)
    return np.linalg.norm(places(labels)[..., :2] - centre, axis=-1) > 100.0


def ahead(labels: Image) -> np.ndarray:
    """What lies ahead of the middle of the right eye."""
    return places(labels)[..., 1] > middle(labels, GLOBE)[1] + 4.0


@pytest.mark.parametrize(("beyond", "cut"), [(below, INFERIOR), (turned, INFERIOR), (around, LATERAL), (ahead, GLOBE)])
@pytest.mark.parametrize("value", [0, -1024, -3024])
def test_structures_that_padding_cuts_are_found(labels, grey, beyond: Callable, cut, value):
    left, scan = padded(labels, grey, beyond(labels), value)
    assert not at_the_edge(left)
    found = cut_by_padding(left, scan)
    assert cut in found and NERVE not in found


def test_a_muscle_that_padding_cuts_is_not_measured(labels, grey):
    """Its volume was given without a word."""
    left, scan = padded(labels, grey, below(labels), 0)
    rows = by_key(measure(left, scan, is_ct=False))
    for quantity in ("volume", "greatest_diameter"):
        assert "cut off at the edge of the scan" in rows["inferior_rectus", "right", quantity].text
    assert rows["superior_rectus", "right", "volume"].value is not None


def sinuses(labels: Image) -> np.ndarray:
    """Air between the orbits, beside the medial recti, that goes on through the nose to the front."""
    ras = places(labels)
    inner = abs(middle(labels, MEDIAL)[0])
    return (np.abs(ras[..., 0]) < inner) & (ras[..., 1] > -32.0) & (np.abs(ras[..., 2]) < 12.0) & (labels.array == 0)


def test_air_of_one_value_beside_thin_bone_and_open_eyes_is_no_padding(labels, grey):
    """It touches both medial recti, and both eyes, which stand back behind nose, brows and cheeks."""
    labels = labels.with_array(np.where(labels.array > 20, 0, labels.array))
    ras, eyes = places(labels), np.isin(labels.array, (1, 2, 19, 20))
    front = ras[..., 1][eyes].max()
    stands_out = (np.abs(ras[..., 0]) < 5.0) | (np.abs(ras[..., 2] - 1.0) > 16.0)
    air = (ras[..., 1] > front - 4.0) & ~eyes & ~stands_out | (ras[..., 1] > front + 3.0)
    scan = labels.with_array(np.where(air | sinuses(labels), 0, grey))
    for touched in (MEDIAL, MEDIAL + 1, GLOBE, GLOBE + 1):
        assert np.count_nonzero(ndimage.binary_dilation(labels.array == touched) & (scan.array == 0)) > 50
    assert cut_by_padding(labels, scan) == set()


def test_open_eyes_that_stick_out_of_all_that_is_shown_are_not_cut(labels, grey):
    eyes = np.isin(labels.array, (1, 2, 19, 20))
    left = labels.with_array(np.where(eyes, labels.array, 0))
    front = places(labels)[..., 1] > places(labels)[..., 1][eyes].max() - 4.0
    scan = labels.with_array(np.where(front & ~eyes | sinuses(labels), 0, grey))
    assert np.count_nonzero(ndimage.binary_dilation(eyes) & (scan.array == 0)) > 100
    assert cut_by_padding(left, scan) == set()


def test_a_scan_without_padding_cuts_nothing(labels, grey):
    assert cut_by_padding(labels, labels.with_array(grey)) == set()
    assert cut_by_padding(labels, labels.with_array(np.zeros_like(grey))) == set()
