"""What is unusual about a region is said, and what cannot be computed has a reason instead of a value."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.extraction import Features, extract_features
from NeuroOrbitLib.radiomics.regions import Region
from NeuroOrbitLib.radiomics.scan_tables import Wish, features_of_scan
from Testing.Python.imaging.test_intensity import ct_head
from Testing.Python.radiomics.cases import profile, scan_with_regions

REGION = [Region("region", (1,))]
SIMPLE = {"imageType": {"Original": {}, "Square": {}}}


def features_of(mask: np.ndarray, values: np.ndarray | None = None, engine: str = "own", **parameters: object
                ) -> Features:
    """Features of label 1."""
    random = np.random.default_rng(3)
    values = random.integers(0, 300, mask.shape).astype(np.float64) if values is None else values
    affine = np.diag([0.7, 0.7, 3.0, 1.0])
    return extract_features(Image(values, affine), Image(mask.astype(np.uint8), affine), REGION,
                            profile(**{**SIMPLE, **parameters}), engine)


def block(*slices: slice) -> np.ndarray:
    """A mask of 8 x 12 x 12 voxels with a block."""
    mask = np.zeros((8, 12, 12), dtype=np.uint8)
    mask[slices] = 1
    return mask


def reasons(found: Features, part: str) -> set[str]:
    """The reasons of the features with ``part`` in their name."""
    return {row.reason for row in found.rows if part in row.name}


@pytest.mark.parametrize(("mask", "says"), [
    (block(slice(0, 0)), "empty"),
    (block(slice(3, 4), slice(3, 4), slice(3, 4)), "single voxel"),
    (block(slice(3, 4), slice(3, 4), slice(3, 9)), "1 of the 3 axes"),
])
def test_a_region_too_small_for_features_has_no_values_and_one_reason(mask, says):
    found = features_of(mask)
    assert len(found.rows) == 14 + 2 * 93
    assert {row.value for row in found.rows} == {None}
    assert all(says in row.reason for row in found.rows)


def test_a_region_of_one_slice_is_flagged_in_texture_and_shape_but_has_values():
    found = features_of(block(slice(3, 4), slice(2, 11), slice(2, 11)))
    assert all("one slice" in reason for reason in reasons(found, "_glcm_") | reasons(found, "_shape_"))
    assert reasons(found, "_firstorder_") == {""}
    assert None not in {row.value for row in found.rows if "_glcm_" in row.name}


def test_a_region_under_64_voxels_is_flagged_in_texture_alone():
    found = features_of(block(slice(3, 6), slice(3, 6), slice(3, 6)))
    assert all("27 voxels only" in reason for reason in reasons(found, "_glrlm_"))
    assert reasons(found, "_firstorder_") == {""}


def test_two_separate_parts_are_flagged_where_a_value_spans_them():
    mask = block(slice(1, 7), slice(1, 6), slice(0, 4))
    mask[1:7, 1:6, 8:12] = 1
    found = features_of(mask)
    assert all("2 separate parts" in reason for reason in reasons(found, "MajorAxisLength"))
    assert reasons(found, "MeshVolume") == {""}
    assert reasons(found, "_glcm_") == {""}


@pytest.mark.parametrize("engine", ["own", "auto"])
def test_a_region_of_one_intensity_keeps_the_conventional_values_and_says_so(engine):
    found = features_of(block(slice(1, 7), slice(1, 9), slice(1, 9)), np.full((8, 12, 12), 70.0), engine)
    assert found.of("region")["original_glcm_Correlation"] == 1
    assert found.of("region")["original_ngtdm_Coarseness"] == 1e6
    assert all("one intensity" in reason for reason in reasons(found, "original_glcm_"))


def test_voxels_that_are_not_numbers_take_only_what_depends_on_them():
    mask, values = block(slice(1, 7), slice(1, 9), slice(1, 9)), np.ones((8, 12, 12))
    values[:, ::2] = 50.0
    values[2, 3, 3] = np.nan
    found = features_of(mask, values)
    assert all("1 of the region's 384 voxels are not numbers" in text for text in reasons(found, "original_glcm_"))
    # The largest value of the scan is not known, either.
    assert all("384 of the region's 384 voxels" in reason for reason in reasons(found, "square_firstorder_"))
    assert None not in {row.value for row in found.rows if "_shape_" in row.name}


def test_too_many_grey_levels_take_the_texture_alone():
    values = np.arange(8 * 12 * 12, dtype=np.float64).reshape(8, 12, 12) * 1000
    found = features_of(block(slice(0, 8)), values, setting={"binWidth": 1})
    assert all("too many grey levels" in reason for reason in reasons(found, "original_gldm_"))
    assert found.of("region")["original_firstorder_Mean"] == values.mean()


def test_touching_by_a_corner_is_one_part_and_lonely_voxels_have_no_pairs():
    mask = np.zeros((8, 12, 12), dtype=np.uint8)
    mask[::4, ::4, ::4] = 1
    found = features_of(mask)
    assert found.of("region")["original_glcm_Contrast"] is None
    assert all("not defined" in reason for reason in reasons(found, "original_glcm_Contrast"))


def test_scan_and_segmentation_must_lie_on_the_same_voxels():
    image, labels = scan_with_regions(1)
    moved = Image(labels.array, np.diag([0.7, 0.7, 3.1, 1.0]))
    with pytest.raises(Problem, match="Resample the segmentation"):
        extract_features(image, moved, [Region("label_101", (101,))], profile(), "own")


def test_a_segmentation_of_probabilities_is_refused():
    image, labels = scan_with_regions(1)
    with pytest.raises(Problem, match="not whole numbers"):
        extract_features(image, labels.with_array(labels.array * 0.3), [Region("x", (101,))], profile(), "own")


def test_padding_of_an_mri_does_not_decide_its_normalisation():
    """A mean of 0.2 became 23 in a scan with -32768 in its first slices."""
    scan = np.random.default_rng(0).normal(300, 50, (8, 12, 12)).round()
    scan[:2] = scan[2:].min()
    padded = scan.copy()
    padded[:2] = -32768
    mask = Image(block(slice(3, 7), slice(2, 9), slice(2, 9)), np.eye(4))
    wish = profile(imageType={"Original": {}}, featureClass={"firstorder": ["Mean"]}, setting={"normalize": True})
    plain, other = (extract_features(Image(values, np.eye(4)), mask, REGION, wish, "own")
                    for values in (scan, padded))
    assert other.of("region") == pytest.approx(plain.of("region"))
    assert (plain.record["padding"], other.record["padding"]) == (None, -32768.0)


def ball_in_ct() -> tuple[np.ndarray, Image]:
    """Hounsfield units of a ball of muscle in fat, bone and air, and its mask."""
    away = np.linalg.norm(np.indices((24, 40, 40)) - np.array([12, 20, 20])[:, None, None, None], axis=0)
    scan = np.select([away < 6, away < 10, away < 11], [40.0, -90.0, 900.0], -1000.0)
    noise = np.random.default_rng(0).normal(0, 15, scan.shape).round()
    return np.maximum(scan + noise, -1020.0), Image((away < 6).astype(np.uint8), np.eye(4))


def test_a_ct_that_was_cut_to_a_window_gives_its_features_with_a_notice(tmp_path):
    head = ct_head()
    save_image(head.with_array((np.abs(head.array - 40.0) < 50).astype(np.uint8)), tmp_path / "labels.nii.gz")
    for limits, told in (((-2000, 2000), []), ((-160, 240), ["between -160 and 240 HU"])):
        save_image(head.with_array(np.clip(head.array, *limits)), tmp_path / "scan.nii.gz")
        wish = Wish(profile(imageType={"Original": {}}, featureClass={"firstorder": ["Mean"]}), "own")
        notices = features_of_scan(tmp_path / "scan.nii.gz", tmp_path / "labels.nii.gz", wish).record["notices"]
        assert len(notices) == len(told) and all(words in notice for words, notice in zip(told, notices, strict=True))


@pytest.mark.parametrize(("around", "padding"), [(np.nan, None), (-32768.0, -32768.0), (-2000.0, -2000.0)])
def test_what_lies_around_a_ct_does_not_decide_its_normalisation(around, padding):
    """NaN left every feature without a value; with -32768 a mean of 1.98 became 0.46."""
    scan, mask = ball_in_ct()
    scan[:, :5] = scan.min()
    changed = scan.copy()
    changed[:, :5] = around
    wish = profile(imageType={"Original": {}}, featureClass={"firstorder": ["Mean", "Variance"]},
                   setting={"normalize": True})
    plain, other = (extract_features(Image(values, np.eye(4)), mask, REGION, wish, "own") for values in (scan, changed))
    assert other.of("region") == pytest.approx(plain.of("region"))
    assert (plain.record["padding"], other.record["padding"]) == (None, padding)


@pytest.mark.parametrize("engine", ["own", "pyradiomics"])
def test_a_ball_in_a_scan_of_a_tilted_gantry_is_a_ball(engine):
    """Slices 2 mm apart of a gantry tilted by 25 degrees: voxels are not the product of the three steps."""
    affine = np.diag([1.0, 1.0, 2.0 * np.cos(np.radians(25)), 1.0])
    affine[1, 2] = 2.0 * np.sin(np.radians(25))
    grid = Grid((20, 52, 30), affine)
    points = grid.ras_from_ijk(np.argwhere(np.ones(grid.shape))[:, ::-1])
    distance = np.linalg.norm(points - grid.center, axis=1).reshape(grid.shape)
    scan = Image(np.random.default_rng(1).normal(100, 10, grid.shape), affine)
    found = extract_features(scan, Image((distance < 12).astype(np.uint8), affine), REGION, profile(
        imageType={"Original": {}}, featureClass={"shape": [], "firstorder": []}), engine).of("region")
    truth = 4 / 3 * np.pi * 12**3
    assert found["original_shape_VoxelVolume"] == pytest.approx((distance < 12).sum() * grid.voxel_volume)
    assert found["original_shape_MeshVolume"] == pytest.approx(truth, rel=0.03)
    assert found["original_shape_Maximum3DDiameter"] == pytest.approx(24, abs=2)  # a voxel of 1 x 1 x 2 mm
    assert found["original_shape_Flatness"] == pytest.approx(1, abs=0.03)
    energy = found["original_firstorder_Energy"]
    assert found["original_firstorder_TotalEnergy"] == pytest.approx(energy * grid.voxel_volume)


def test_the_grey_values_of_a_sheared_scan_are_normalised_by_its_own_voxels():
    """Bringing it to right angles adds voxels of its lowest value, which are none of its own."""
    affine = np.diag([0.7, 0.7, 3.0, 1.0])
    sheared = affine.copy()
    sheared[1, 2] = 1.6
    values, mask = np.random.default_rng(2).normal(500, 80, (8, 12, 12)), block(slice(2, 6), slice(3, 9), slice(3, 9))
    wish = profile(imageType={"Original": {}}, featureClass={"firstorder": ["Mean", "Variance"]},
                   setting={"normalize": True, "normalizeScale": 100})
    straight, tilted = (extract_features(Image(values, each), Image(mask, each), REGION, wish, "own").of("region")
                        for each in (affine, sheared))
    assert tilted == pytest.approx(straight)
