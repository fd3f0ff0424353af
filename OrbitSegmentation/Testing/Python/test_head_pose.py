"""Heads that do not lie straight: their frames, and that orbits are found in them as in upright ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid, Image
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT
from OrbitSegmentationLib.any_contrast.locate import are_a_pair, locator_grid
from OrbitSegmentationLib.any_contrast.nod import LEAST_NOD, USUAL_ANGLE, nod_of
from OrbitSegmentationLib.any_contrast.segment import SIDED_CLASSES, SegmentedOrbit
from OrbitSegmentationLib.head_pose import ADULT_EYE_DISTANCE, UPRIGHT, HeadPose, pose_of_eyes
from OrbitSegmentationLib.orbit_frame import OrbitFrame

RIGHT, LEFT = np.array([32.0, 60.0, 5.0]), np.array([-32.0, 60.0, 5.0])


def turned(point: np.ndarray, degrees: tuple[float, float, float]) -> np.ndarray:
    return Rotation.from_euler("xyz", degrees, degrees=True).apply(point)


@pytest.mark.parametrize("degrees", [(0, 45, 0), (0, -45, 0), (0, 0, 45), (0, 45, 45), (-10, 30, -30)])
def test_the_eyes_are_level_in_the_pose_that_they_tell(degrees):
    right, left = (turned(eye, degrees) for eye in (RIGHT, LEFT))
    pose = pose_of_eyes(right, left)
    assert pose.along(right - left) == pytest.approx((64.0, 0.0, 0.0), abs=1e-9)
    assert np.linalg.det(pose.matrix) == pytest.approx(1.0)
    assert pose.matrix @ pose.along(RIGHT) == pytest.approx(RIGHT)


def test_the_pose_of_a_head_that_lies_almost_straight_is_left_as_it_is():
    right, left = (turned(eye, (0, 3, 3)) for eye in (RIGHT, LEFT))
    assert pose_of_eyes(right, left) is UPRIGHT
    assert np.array_equal(OrbitFrame(tuple(right), Side.LEFT).affine[:3, :3], np.diag([-1.0, 1.0, 1.0]))


def test_what_the_eyes_do_not_tell_stays_as_it_was():
    nodded = UPRIGHT.nodded(25.0)
    right, left = (nodded.matrix @ Rotation.from_euler("y", 30, degrees=True).apply(eye) for eye in (RIGHT, LEFT))
    pose = pose_of_eyes(right, left, nodded)
    assert pose.degrees_from(nodded) == pytest.approx(30.0)
    assert nodded.degrees_from(UPRIGHT) == pytest.approx(25.0)


def test_eyes_as_near_as_a_child_s_are_looked_at_enlarged():
    pose = pose_of_eyes(0.6 * RIGHT, 0.6 * LEFT)
    assert pose.scale == pytest.approx(0.6 * 64.0 / ADULT_EYE_DISTANCE)
    frame = OrbitFrame(tuple(0.6 * RIGHT), Side.RIGHT, pose)
    assert frame.affine @ (10.0, 0.0, 0.0, 1.0) == pytest.approx((*(0.6 * RIGHT + (6.0, 0, 0)), 1.0))
    assert frame.grid(1.0).shape == OrbitFrame(tuple(RIGHT), Side.RIGHT).grid(1.0).shape


def test_axes_that_are_no_rotation_are_refused():
    with pytest.raises(ValueError, match="rotation"):
        HeadPose.from_matrix(np.diag([-1.0, 1.0, 1.0]))


def test_lateral_of_a_left_orbit_is_away_from_the_nose_in_every_pose():
    pose = HeadPose.turned(roll=40.0, yaw=-30.0)
    right, left = (pose.matrix @ eye for eye in (RIGHT, LEFT))
    frame = OrbitFrame(tuple(left), Side.LEFT, pose)
    lateral = (frame.affine @ (1.0, 0.0, 0.0, 0.0))[:3]
    assert lateral == pytest.approx((left - right) / 64.0)


def test_eyes_of_a_head_that_is_tilted_and_turned_are_a_pair_and_eyes_above_each_other_are_none():
    assert are_a_pair(turned(RIGHT - LEFT, (0, 45, 45)))
    assert are_a_pair(0.55 * (RIGHT - LEFT))
    assert not are_a_pair(np.array([10.0, 0.0, 60.0]))
    assert not are_a_pair(np.array([20.0, 0.0, 0.0]))


def test_the_locator_sees_the_whole_scan_along_the_axes_of_a_turned_head():
    scan = Grid((40, 50, 60), np.diag([3.0, 2.5, 4.0, 1.0]))
    pose = HeadPose.turned(roll=35.0)
    grid = locator_grid(scan, pose=pose)
    corners = np.array(np.meshgrid(*[(0, count - 1) for count in scan.shape[::-1]])).reshape(3, -1).T
    ijk = grid.ijk_from_ras(scan.ras_from_ijk(corners))
    assert (ijk >= -1e-6).all() and (ijk <= np.array(grid.shape[::-1]) - 1 + 1e-6).all()
    assert grid.affine[:3, :3] == pytest.approx(4.0 * pose.matrix)


def orbit_that_points(degrees: float, side: Side) -> SegmentedOrbit:
    """A rod of nerve behind a globe, at this angle above the horizontal."""
    frame = OrbitFrame((0.0, 0.0, 0.0), side)
    grid = frame.grid(1.0)
    ijk = np.moveaxis(np.indices(grid.shape), 0, -1)[..., ::-1]
    places = (grid.ras_from_ijk(ijk) * np.array([side.x_sign, 1, 1]))
    back, up = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    along = -places[..., 1] * back + places[..., 2] * up
    away = np.linalg.norm(places - along[..., None] * np.array([0.0, -back, up]), axis=-1)
    probabilities = np.zeros((CLASS_COUNT, *grid.shape), np.float32)
    probabilities[SIDED_CLASSES[0]] = (along > 12) & (along < 42) & (away < 4)
    return SegmentedOrbit(frame, probabilities, 1.0)


@pytest.mark.parametrize("nod", [30.0, -30.0])
def test_a_nod_is_read_from_what_lies_behind_the_globes(nod):
    orbits = [orbit_that_points(USUAL_ANGLE - nod, side) for side in Side]
    assert nod_of(orbits) == pytest.approx(nod, abs=2.5)


def test_a_usual_nod_or_nothing_behind_the_globes_changes_nothing():
    assert nod_of([orbit_that_points(USUAL_ANGLE - LEAST_NOD + 3, side) for side in Side]) == 0.0
    empty = orbit_that_points(0.0, Side.RIGHT)
    empty.probabilities[:] = 0.0
    assert nod_of([empty]) == 0.0


@pytest.mark.real
@pytest.mark.slow
def test_a_tilted_and_turned_real_head_is_segmented_as_an_upright_one():
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.models import find_package
    from OrbitSegmentationLib.pipeline import segment_image
    from Testing.real_data import real_data_folder

    folder = real_data_folder()
    if folder is None:
        pytest.skip("needs the real scans")
    image, package = load_image(folder / "orbit" / "seg3d_t1.nii.gz"), find_package("orbit-any-contrast")
    motion = np.eye(4)
    motion[:3, :3] = Rotation.from_euler("xyz", (-20, 30, 30), degrees=True).as_matrix()
    upright, tilted = (segment_image(Image(image.array, affine), package, views=1).labels.array
                       for affine in (image.affine, motion @ image.affine))
    for value in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12):
        both = (upright == value) & (tilted == value)
        assert 2 * both.sum() / ((upright == value).sum() + (tilted == value).sum()) > 0.85
