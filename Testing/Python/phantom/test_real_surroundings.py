"""Real heads around parametric orbits: where they lie, what they leave to the orbits, which files are refused."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.head.labelmaps import label_maps_in
from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.head.surroundings import Surroundings, read_surroundings
from NeuroOrbitLib.phantom.tissue import Tissue
from NeuroOrbitLib.problem import Problem

#: Middles of the right and the left eyeball (mm): tilted, and not where a phantom has them.
EYES = np.array([[40.0, 12.0, 3.0], [-20.0, 16.0, -3.0]])
BRAIN_ABOVE = 30.0


def head_map(eyes: np.ndarray = EYES) -> Image:
    """A head of bone with two eyeballs in soft tissue, and brain above."""
    grid = grid_around(np.array([10.0, 0.0, 10.0]), (150.0, 90.0, 90.0), 1.5)
    kji = np.stack(np.meshgrid(*[np.arange(count) for count in grid.shape], indexing="ij"), axis=-1)
    points = grid.ras_from_ijk(kji[..., ::-1])
    values = np.full(grid.shape, 515, np.int16)
    values[points[..., 2] > BRAIN_ABOVE] = 3
    for eye in eyes:
        values[np.linalg.norm(points - eye, axis=-1) < 12.0] = 506
    return Image(values, grid.affine)


def test_the_head_lies_with_its_globes_where_the_orbits_are():
    found = Surroundings.of(head_map())
    assert found.globe_distance == pytest.approx(np.linalg.norm(EYES[0] - EYES[1]), abs=0.3)
    half = found.globe_distance / 2
    eyes = np.array([[half, 0, 0], [-half, 0, 0]], np.float32)
    assert (found.at(eyes) == Tissue.ORBITAL_FAT).all()
    assert (found.at(eyes + np.float32([0, 0, 18.0])) == Tissue.BONE).all()
    assert found.at(np.array([[0.0, -10.0, 45.0], [500.0, 0.0, 0.0]])).tolist() == [Tissue.GRAY_MATTER, Tissue.AIR]


def test_soft_tissue_is_fat_below_the_skin_and_muscle_in_the_depth():
    labels = head_map()
    values = labels.array.copy()
    values[values == 515] = 507
    values[:, :, -10:] = 0  # the air beside the patient's right temple
    found = Surroundings.of(labels.with_array(values))
    inwards = found.tissues[15, 10, ::-1][10:]  # voxels of 1.5 mm
    assert (inwards[:4] == Tissue.SUBCUTANEOUS_FAT).all() and (inwards[5:12] == Tissue.TEMPORALIS).all()


def test_orbits_are_painted_over_the_real_head():
    surroundings = Surroundings.of(head_map())
    head = HeadShape().around(surroundings)
    assert head.interpupillary_distance == surroundings.globe_distance
    places = np.array([[half, 0.0, 0.0] for half in (surroundings.globe_distance / 2, -surroundings.globe_distance / 2)]
                      + [[0.0, -10.0, 45.0], [0.0, 0.0, 400.0]], np.float32)
    labels, tissues = rasterise_head(head, places)
    assert labels[:2].tolist() == [1, 2] and tissues[2] == Tissue.GRAY_MATTER and tissues[3] == Tissue.AIR
    assert not labels[2:].any()


def test_air_in_the_orbits_of_a_map_leaves_no_holes_in_the_painted_ones():
    labels = head_map()
    holed = labels.with_array(np.where(np.random.default_rng(0).random(labels.array.shape) < 0.2, 0, labels.array))
    holed.array[labels.array == 506] = 506
    head = HeadShape().around(Surroundings.of(holed))
    places = np.stack(np.meshgrid(np.linspace(20, 45, 26), np.linspace(-30, 5, 36), [0.0], indexing="ij"), axis=-1)
    painted = rasterise_head(head, places.astype(np.float32))
    whole = rasterise_head(HeadShape().around(Surroundings.of(labels)), places.astype(np.float32))
    assert np.array_equal(painted[0], whole[0]) and (painted[0] > 0).sum() > 100


def test_lids_end_at_the_face_of_the_map_but_for_those_over_the_globes():
    labels = head_map()
    kji = np.stack(np.meshgrid(*[np.arange(count) for count in labels.array.shape], indexing="ij"), axis=-1)
    in_front = labels.grid.ras_from_ijk(kji[..., ::-1])[..., 1] > EYES[:, 1].mean()
    values = np.where(in_front & (labels.array != 506), 0, labels.array)
    surroundings = Surroundings.of(labels.with_array(values))
    half = surroundings.globe_distance / 2
    before_the_globe, above_it = [half, 13.0, 0.0], [half, 12.0, 15.0]
    _labels, tissues = rasterise_head(HeadShape().around(surroundings), np.float32([before_the_globe, above_it]))
    assert tissues.tolist() == [Tissue.EYELID, Tissue.AIR]


def test_single_voxels_of_air_in_the_depth_are_no_skin():
    labels = head_map()
    values = np.where(labels.array == 515, 507, labels.array)
    values[:, :, -10:], values[15, 10, 60] = 0, 0
    found = Surroundings.of(labels.with_array(values)).tissues[15, 10]
    assert found[58] == found[62] == Tissue.TEMPORALIS


def test_what_is_no_head_is_refused_by_its_name(tmp_path):
    one = head_map(EYES[:1])
    save_image(one, tmp_path / "one.nii.gz")
    with pytest.raises(Problem, match=r"one\.nii\.gz: This label map does not hold two eyeballs"):
        read_surroundings(tmp_path / "one.nii.gz")
    close = head_map(np.array([[16.0, 0, 0], [-16.0, 0, 0]]))
    with pytest.raises(Problem, match="eyeballs of this label map are 32 mm apart"):
        Surroundings.of(close)
    large = head_map()
    for value in (2_000_000_000, -5):
        large.array.flat[0] = 0
        with pytest.raises(Problem, match=rf"holds values from .*{value}"):
            Surroundings.of(large.with_array(np.where(large.array == 0, value, large.array.astype(np.int64))))
    with pytest.raises(Problem, match="no label maps"):
        label_maps_in(tmp_path / "none")
    assert label_maps_in(tmp_path) == [tmp_path / "one.nii.gz"] and label_maps_in(None) == []


def test_real_heads_are_read():
    root = Path(os.environ.get("NEUROORBIT_REAL_DATA", Path(__file__).parents[4] / "shared" / "real"))
    if not (root / "labelmaps").is_dir():
        pytest.skip("there are no real label maps here (NEUROORBIT_REAL_DATA)")
    for path in label_maps_in(root / "labelmaps")[:2]:
        assert 50 < read_surroundings(path).globe_distance < 75
