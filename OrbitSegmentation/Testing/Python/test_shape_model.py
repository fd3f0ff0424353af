"""The statistical shape model of orbits: what it learns, and the orbits of nobody that it makes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.tissue import Tissue
from OrbitSegmentationLib.any_contrast.training import shape_model
from OrbitSegmentationLib.any_contrast.training.head_labels import LabelledHead
from OrbitSegmentationLib.any_contrast.training.label_bank import BANK_LOW, BANK_SPACING, bank_grid, compose_orbit
from OrbitSegmentationLib.any_contrast.training.shape_model import Deformation, OrbitShapeModel, coarse_grid
from OrbitSegmentationLib.orbit_frame import OrbitFrame

START = coarse_grid().voxel_centers()


def wider(share: float) -> np.ndarray:
    """Places of an orbit that is wider by a share."""
    return START * np.array([1 + share, 1.0, 1.0])


def longer(share: float) -> np.ndarray:
    """Places of an orbit that is longer by a share."""
    return START * np.array([1.0, 1 + share, 1.0])


def model_of(*places: np.ndarray) -> OrbitShapeModel:
    names = tuple(f"head{number}_right" for number in range(len(places)))
    return OrbitShapeModel(names, np.array(places, np.float32), np.tile(np.eye(3), (len(places), 1, 1)))


def test_modes_are_the_ways_in_which_the_orbits_differ():
    model = model_of(wider(-0.1), wider(0.0), wider(0.1))
    (mode,) = model.modes
    assert np.allclose(model.mean, START, atol=1e-3)
    # One SD of the widths -10, 0 and 10 % is 10 %.
    assert np.allclose(np.abs(mode[..., 0]), 0.1 * np.abs(START[..., 0]), atol=1e-3)
    assert np.abs(mode[..., 1:]).max() < 1e-3
    assert model.explained[0] == pytest.approx(1.0)


def test_random_shapes_vary_as_the_orbits_do_and_in_no_other_way():
    model, rng = model_of(wider(-0.1), wider(0.0), wider(0.1)), np.random.default_rng(0)
    shapes = np.array([model.random_shape(rng) for _ in range(300)])
    widths = np.ptp(shapes[..., 0], axis=(1, 2, 3)) / np.ptp(START[..., 0])
    assert widths.mean() == pytest.approx(1.0, abs=0.02) and widths.std() == pytest.approx(0.1, rel=0.15)
    assert widths.min() >= 0.75 - 1e-3 and widths.max() <= 1.25 + 1e-3
    assert np.ptp(shapes[..., 1:], axis=0).max() < 1e-3


def test_the_model_comes_as_near_to_another_orbit_as_its_modes_allow():
    model = model_of(wider(-0.1), wider(0.0), wider(0.1))
    assert np.allclose(model.nearest(wider(0.05)), wider(0.05), atol=1e-2)
    assert np.allclose(model.nearest(longer(0.05)), START, atol=1e-2)


@pytest.mark.parametrize("turn", [np.eye(3), Rotation.from_euler("xyz", (20, 10, 15), degrees=True).as_matrix()])
def test_a_deformation_leads_from_the_new_shape_to_the_real_one(turn):
    deformation = Deformation.between(wider(0.1), wider(-0.1), turn)
    points = np.array([[25.0, -5.0, 3.0], [-24.0, -20.0, 8.0], [5.0, -30.0, -6.0]])
    led_to = deformation(points @ np.diag([1.1, 1, 1]) @ turn.T, np.zeros(3))
    assert np.allclose(led_to, points @ np.diag([0.9, 1, 1]) @ turn.T, atol=0.15)


def test_the_eyeball_stays_where_it_is():
    deformation = Deformation.between(wider(0.15), longer(0.1), np.eye(3))
    globe = np.array([0.0, 4.0, 0.0])
    near = globe + np.array([[12.0, 0.0, 0.0], [0.0, -13.0, 2.0]])
    assert np.array_equal(deformation(near, globe), near)
    far = globe + np.array([[25.0, 0.0, 0.0]])
    assert deformation(far, globe)[0, 0] == pytest.approx(25.0 / 1.15, abs=0.2)


def test_walls_muscles_and_nerve_of_a_composed_orbit_follow_the_deformation_and_the_globe_does_not():
    shape = bank_grid().shape
    local = np.full(shape, 507, np.int16)
    x = BANK_LOW[0] + BANK_SPACING * (np.arange(shape[2]) + 0.5)
    local[:, :, np.abs(x) > 26.0] = 515
    real = compose_orbit(local, np.eye(3), OrbitShape())
    deformed = compose_orbit(local, np.eye(3), OrbitShape(), Deformation.between(longer(0.15), START, np.eye(3)))
    wide = compose_orbit(local, np.eye(3), OrbitShape(), Deformation.between(wider(0.1), START, np.eye(3)))

    def most(labels: np.ndarray, value: int, axis: int) -> float:
        return float(np.argwhere(labels == value)[:, axis].min() * BANK_SPACING)

    assert np.array_equal(real[0] == 19, deformed[0] == 19)
    assert abs(int((real[0] == 1).sum()) - int((deformed[0] == 1).sum())) < 0.01 * (real[0] == 1).sum()
    # The apex, 33 mm behind the globe, lies 15 % further back, and so does what begins there.
    for value in (3, 7, 9, 11):
        assert 3.0 < most(real[0], value, 1) - most(deformed[0], value, 1) < 7.0
    walls = [(tissues[60, 20] == Tissue.BONE).sum() * BANK_SPACING for _labels, tissues in (real, wide)]
    assert walls[0] - walls[1] == pytest.approx(5.2, abs=1.3)


def symmetric_head() -> LabelledHead:
    """A head of soft tissue with a skull, sockets and two eyes, the same on both sides, in voxels of 2 mm."""
    affine = np.array([[2.0, 0, 0, -83], [0, 2, 0, -75], [0, 0, 2, -51], [0, 0, 0, 1]])
    labels = Image(np.zeros((52, 62, 84), np.int16), affine)
    x, y, z = np.moveaxis(labels.grid.voxel_centers(), -1, 0)
    labels.array[np.hypot(x / 78, y / 40) < 1] = 507
    labels.array[(np.hypot(x / 70, (y + 8) / 38) < 1)] = 515
    for middle in (-32.0, 32.0):
        socket = np.abs(x - middle) + np.abs(z) < 12 + 0.35 * (y + 40)
        labels.array[socket & (y > -36) & (labels.array == 515)] = 507
        labels.array[(x - middle) ** 2 + y**2 + z**2 < 144] = 506
    labels.array[(np.abs(x) < 62) & (y < -48) & (labels.array == 515)] = 3
    return LabelledHead("head", labels, (OrbitFrame((32.0, 0.0, 0.0), "right"), OrbitFrame((-32.0, 0.0, 0.0), "left")))


def test_both_orbits_of_a_symmetric_head_have_one_shape():
    model = OrbitShapeModel.learned([symmetric_head()])
    assert model.names == ("head_right", "head_left")
    off = np.linalg.norm(model.places[1] - model.places[0], axis=-1)
    assert off.mean() < 0.4
    assert np.degrees(np.arccos(np.clip((np.trace(model.turns[1]) - 1) / 2, -1, 1))) < 1.5


def test_a_model_is_kept_with_its_run_and_learned_anew_for_other_heads(tmp_path, monkeypatch):
    learned = []

    def fake(heads: list[LabelledHead]) -> OrbitShapeModel:
        learned.append([head.name for head in heads])
        names = tuple(f"{head.name}_{side}" for head in heads for side in ("right", "left"))
        return OrbitShapeModel(names, np.tile(START.astype(np.float32), (len(names), 1, 1, 1, 1)),
                               np.tile(np.eye(3), (len(names), 1, 1)))

    monkeypatch.setattr(OrbitShapeModel, "learned", fake)
    head = symmetric_head()
    maps = [save_image(head.labels, tmp_path / f"{name}.nii.gz") for name in ("a", "b")]
    first = OrbitShapeModel.of(maps, tmp_path / "model.npz")
    again = OrbitShapeModel.of(maps, tmp_path / "model.npz")
    assert first.names == again.names == ("a_right", "a_left", "b_right", "b_left")
    assert np.array_equal(first.places, again.places)
    assert OrbitShapeModel.of(maps[:1], tmp_path / "model.npz").names == ("a_right", "a_left")
    assert learned == [["a", "b"], ["a"]]


def test_a_model_needs_a_head():
    with pytest.raises(ValueError, match="at least one head"):
        shape_model.OrbitShapeModel.learned([])
