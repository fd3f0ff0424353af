"""Where nothing can be: bone, air, removed and blurred image."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Image
from OrbitSegmentationLib.any_contrast.blurred_face import blurred_face
from OrbitSegmentationLib.impossible_places import emptiness, impossible_places, inside_eyes, taken_out
from OrbitSegmentationLib.orbit_frame import OrbitFrame

FRAME = OrbitFrame((31.0, 5.0, 2.0), Side.LEFT)


def tissue(level: float, noise: float, shape: tuple[int, int, int] = (40, 40, 40)) -> np.ndarray:
    return np.random.default_rng(4).normal(level, noise, shape).astype(np.float32)


def places(array: np.ndarray, is_ct: bool, spacing: float = 1.0) -> np.ndarray:
    image = Image(array, np.diag([1.0, 1.0, spacing, 1.0]))
    return impossible_places(image, is_ct, emptiness(image, is_ct))


def test_bone_and_air_of_a_ct_hold_nothing_but_a_calcified_spot_is_left_to_its_eye():
    array = tissue(50.0, 10.0)
    array[:12], array[35:], array[22:26, 22:26, 22:26] = 700.0, -900.0, 700.0
    array += tissue(0.0, 5.0)
    found = places(array, is_ct=True)
    assert found[:11].all() and found[36:].all()
    assert not found[15:33].any()


def test_in_thick_slices_a_muscle_may_be_as_dense_as_the_roof_that_it_shares_voxels_with():
    array = tissue(40.0, 5.0)
    array[:12] = tissue(250.0, 5.0)[:12]
    assert places(array, is_ct=True)[:10].all()
    assert not places(array, is_ct=True, spacing=3.0).any()


@pytest.mark.parametrize("value", [0.0, 60.0])
def test_a_face_that_was_overwritten_by_one_value_holds_nothing(value):
    array = tissue(100.0, 8.0)
    array[:, 25:] = value
    array[10:20, 5:15, 10:20] = 0.5
    found = places(array, is_ct=False)
    assert found[:, 25:].all() and not found[:, :25].any(), "a dark eye inside the head stays"


def test_dark_specks_of_an_eye_that_is_cut_open_are_not_removed_with_the_face():
    array = tissue(100.0, 8.0)
    array[10:30, 14:34, 10:30] = np.abs(tissue(0.0, 1.5))[10:30, 14:34, 10:30]
    array[:, 25:] = 0.0
    found = places(array, is_ct=False)
    assert found[:, 26:].all(), "what was cut away holds nothing"
    assert found[10:30, 14:24, 10:30].mean() < 0.01 and not found[:, :14].any()


def eye(sigma: float | None = None, begins: float = 2.0) -> Image:
    """An eye between bone and air with fat behind it; in front of a height (mm) it may be blurred."""
    grid = FRAME.grid(1.0, (-40.0, -55.0, -36.0), (40.0, 30.0, 36.0))
    offset = grid.ras_from_ijk(np.moveaxis(np.indices(grid.shape), 0, -1)[..., ::-1]) - FRAME.center
    values = np.full(grid.shape, 200.0)
    values[np.hypot(offset[..., 0], offset[..., 2]) > 20] = 30.0
    values[np.linalg.norm(offset, axis=-1) < 12] = 60.0
    values[np.hypot(offset[..., 0], offset[..., 2] + 9) < 3] = 90.0
    values[(offset[..., 1] < -20) & (np.abs(offset[..., 0]) < 3)] = 90.0
    values[offset[..., 1] > 14] = 5.0
    values += np.random.default_rng(1).normal(0, 4, grid.shape)
    if sigma is not None:
        values = np.where(offset[..., 1] > begins, ndimage.gaussian_filter(values, sigma), values)
    return Image(values.astype(np.float32), grid.affine)


def test_a_blurred_face_is_recognised_with_the_place_where_the_blur_begins():
    assert blurred_face(eye(), FRAME, is_ct=False) is None
    for begins in (2.0, -6.0):
        image = eye(5.0, begins)
        blur = blurred_face(image, FRAME, is_ct=False)
        covered = blur.covers(image.grid)
        heights = image.grid.ras_from_ijk(np.argwhere(covered)[:, ::-1])[:, 1] - FRAME.center[1]
        assert heights.min() == pytest.approx(begins, abs=2.5)
        assert heights.max() > 20


def test_a_face_that_the_coil_sees_weakly_is_not_blurred_and_a_blurred_one_still_is():
    sharp, blurred = eye(), eye(4.0)
    front = sharp.grid.ras_from_ijk(np.argwhere(sharp.array < np.inf)[:, ::-1])[:, 1].reshape(sharp.array.shape)
    weakness = np.exp(-2.6 * (front - front.min()) / np.ptp(front)).astype(np.float32)
    assert blurred_face(Image(sharp.array * weakness, sharp.affine), FRAME, is_ct=False) is None
    assert blurred_face(Image(blurred.array * weakness, sharp.affine), FRAME, is_ct=False) is not None


def test_where_next_to_nothing_is_in_front_of_the_eye_nothing_is_blurred():
    image = eye()
    image.array[image.grid.ras_from_ijk(np.argwhere(image.array < np.inf)[:, ::-1])[:, 1].reshape(image.array.shape)
                > FRAME.center[1] + 6.0] = 0.0
    assert blurred_face(image, FRAME, is_ct=False) is None


def test_a_face_of_which_a_lid_margin_is_sharp_is_not_blurred():
    sharp, image = eye(), eye(5.0)
    middle = image.array.shape[2] // 2
    image.array[:, :, middle - 1:middle + 1] = sharp.array[:, :, middle - 1:middle + 1]
    assert blurred_face(image, FRAME, is_ct=False) is None


def test_coronal_slices_that_smear_the_face_are_no_blur():
    image = eye()
    thick = ndimage.uniform_filter1d(image.array, 6, axis=1)[:, 3::6]
    assert blurred_face(Image(thick, image.affine @ np.diag([1.0, 6.0, 1.0, 1.0])), FRAME, is_ct=False) is None


def test_a_scan_that_ends_behind_the_lids_says_nothing_about_a_blur():
    image = eye(5.0)
    assert blurred_face(Image(image.array[:, :66], image.affine), FRAME, is_ct=False) is None


def labelled(key: str, place: tuple[slice, ...], spacing: tuple[float, float, float] = (0.8, 0.8, 1.2)) -> Image:
    labels = np.zeros((30, 40, 40), np.uint8)
    labels[place] = label_value(key, Side.RIGHT)
    return Image(labels, np.diag([*spacing, 1.0]))


def test_the_skin_of_a_thin_muscle_on_bone_is_not_counted_and_half_of_it_in_bone_is():
    muscle = labelled("superior_oblique", np.s_[10:14, 5:35, 10:14])
    bone, value = np.zeros(muscle.array.shape, bool), label_value("superior_oblique", Side.RIGHT)
    bone[:, :, :11] = True
    assert taken_out(muscle, bone) == {}, "a quarter, but a voxel deep"
    bone[:, 20:] = True
    assert taken_out(muscle, bone)[value] > 0.4 * (muscle.array > 0).sum()
    assert taken_out(muscle, np.ones_like(bone)) == {value: int((muscle.array > 0).sum())}, "nothing is left"


def test_one_thick_slice_beside_the_roof_is_skin():
    muscle = labelled("superior_rectus", np.s_[10:14, 5:35, 10:20], (0.8, 0.8, 4.0))
    bone = np.zeros(muscle.array.shape, bool)
    bone[13:] = True
    assert taken_out(muscle, bone) == {}


@pytest.mark.parametrize("reaches_out", [False, True])
def test_gas_or_an_implant_in_an_eye_belongs_to_it_and_a_cut_off_front_does_not(reaches_out):
    eye = labelled("eyeball", np.s_[8:22, 8:30, 8:30])
    held = np.zeros(eye.array.shape, bool)
    held[10:20, 12:28, 12:28] = True
    if reaches_out:
        held[:, 20:] = True
    assert np.array_equal(inside_eyes(held, eye), np.zeros_like(held) if reaches_out else held)
