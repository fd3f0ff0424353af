"""Head label maps in the SynthSeg convention become label maps of the orbit with sides and single recti."""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.head.labelmaps import import_head_labels, orbit_apex
from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.problem import Problem

RECTI = (5, 7, 9, 11)
SYNTHSEG = {1: 506, 19: 506, 3: 530, 5: 508, 7: 508, 9: 508, 11: 508, 25: 85}


@pytest.fixture(scope="module")
def phantom() -> tuple[Image, Image]:
    """A head's true labels and the same head in the SynthSeg convention."""
    grid = grid_around(np.array([0.0, -20.0, 0.0]), (124.0, 90.0, 44.0), 1.0)
    kji = np.stack(np.meshgrid(*[np.arange(count) for count in grid.shape], indexing="ij"), axis=-1)
    labels, _ = rasterise_head(HeadShape(), grid.ras_from_ijk(kji[..., ::-1]))
    coarse = np.zeros(labels.shape, dtype=np.int16)
    for value, code in SYNTHSEG.items():
        coarse[np.isin(labels, (value, value + 1 if value < 25 else value))] = code
    return Image(labels, grid.affine), Image(coarse, grid.affine)


def dice(first: np.ndarray, second: np.ndarray) -> float:
    return 2 * (first & second).sum() / (first.sum() + second.sum())


def test_sides_and_recti_are_told_apart(phantom):
    truth, coarse = phantom
    imported = import_head_labels(coarse).array
    for value in (3, 4, 25):
        assert dice(imported == value, truth.array == value) > 0.97, value
    for value in RECTI:
        for side in (0, 1):
            assert dice(imported == value + side, truth.array == value + side) > 0.9, value + side


def test_axis_order_and_flips_change_nothing(phantom):
    _, coarse = phantom
    expected = import_head_labels(coarse)
    for order in list(permutations(range(3)))[1::2]:
        turned = np.transpose(coarse.array, order)[::-1]
        affine = coarse.affine.copy()
        affine[:3, :3] = coarse.affine[:3, [2 - order[2], 2 - order[1], 2 - order[0]]]
        affine[:3, 3] += affine[:3, 2] * (turned.shape[0] - 1)
        affine[:3, 2] *= -1
        result = import_head_labels(Image(np.ascontiguousarray(turned), affine)).array
        assert np.array_equal(result, np.transpose(expected.array, order)[::-1]), order


def test_labels_that_do_not_belong_to_the_orbit_are_left_out(phantom):
    _, coarse = phantom
    array = coarse.array.copy()
    array[array == 0] = 507
    assert np.array_equal(import_head_labels(coarse.with_array(array)).array, import_head_labels(coarse).array)


def test_the_nerve_ends_at_the_optic_canal(phantom):
    _, coarse = phantom
    array = coarse.array.copy()
    head = HeadShape()
    for side in "RL":
        nerve = head.orbit(side).nerve
        middle = head.from_orbit((np.array(nerve.canal_entrance) + np.array(nerve.canal_exit)) / 2, side)
        array[tuple(np.rint(coarse.grid.ijk_from_ras(middle)).astype(int)[::-1])] = 530
    assert (array != coarse.array).any()
    assert np.array_equal(import_head_labels(coarse.with_array(array)).array, import_head_labels(coarse).array)


def test_one_eyeball_is_not_enough(phantom):
    _, coarse = phantom
    half = coarse.array.copy()
    half[:, :, : half.shape[2] // 2] = 0
    with pytest.raises(Problem, match="two eyeballs"):
        import_head_labels(coarse.with_array(half))


def test_apex_falls_back_to_the_norm_without_a_nerve():
    assert orbit_apex(np.zeros((0, 3))) == pytest.approx(OrbitShape().apex)


def _real_label_maps() -> list[Path]:
    root = Path(os.environ.get("NEUROORBIT_REAL_DATA", Path(__file__).parents[4] / "shared" / "real"))
    return sorted((root / "labelmaps").glob("training_seg_*.nii.gz"))


@pytest.mark.skipif(not _real_label_maps(), reason="no real head label maps beside the repository")
def test_real_label_map_has_every_structure_on_its_side():
    imported = import_head_labels(load_image(_real_label_maps()[0]))
    for value in (1, 3, *RECTI):
        right, left = (imported.grid.ras_from_ijk(np.argwhere(imported.array == v).mean(axis=0)[::-1])
                       for v in (value, value + 1))
        assert right[0] > left[0] + 30, value
        assert 0.1 < (imported.array == value).sum() / max((imported.array == value + 1).sum(), 1) < 10
    center = {v: imported.grid.ras_from_ijk(np.argwhere(imported.array == v).mean(axis=0)[::-1]) for v in (5, 7, 9, 11)}
    assert center[5][2] > center[7][2] + 8 and center[11][0] > center[9][0] + 10
