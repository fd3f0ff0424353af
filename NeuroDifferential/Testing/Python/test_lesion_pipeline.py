"""Lesions are found, on any grid, with and without skull, and bad input is refused in words."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from NeuroDifferentialLib import pipeline
from NeuroDifferentialLib.__main__ import main
from NeuroDifferentialLib.differential import patient as patients
from NeuroDifferentialLib.differential.answers import classify_patient
from NeuroDifferentialLib.differential.inventory import DEFAULT_MODEL, DIFFERENTIAL_MODEL
from NeuroDifferentialLib.differential.patient import patient_of
from NeuroDifferentialLib.followup import compare as comparing
from NeuroDifferentialLib.followup.alignment import HalfWay
from NeuroDifferentialLib.followup.changes import Changes
from NeuroDifferentialLib.lesions.classical import settings_with
from NeuroDifferentialLib.lesions.scan import prepare_scan
from NeuroDifferentialLib.pipeline import measure, segment_lesions
from NeuroDifferentialLib.run_differential import find_lesions
from NeuroOrbitLib.anatomy.brain import VENTRICLES, BrainPart
from NeuroOrbitLib.evaluation.segmentation.lesions import lesion_scores
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.artefacts import FalseLesions
from NeuroOrbitLib.phantom.brain.plan import Disease, LesionPlan, PatientPlan, Pattern
from NeuroOrbitLib.phantom.brain.raster import draw_lesions
from NeuroOrbitLib.phantom.brain.scans import ScanQuality, on_scan, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BrainSequence
from NeuroOrbitLib.phantom.brain.zones import Zones
from NeuroOrbitLib.problem import Problem

COARSE = BrainSequence("coarse", (2.0, 2.0, 3.0), 3.0, 9000, 120, 2500, noise=40.0)
COARSE_T1 = BrainSequence("coarse-t1", (2.0, 2.0, 3.0), 3.0, 2300, 3.0, 1050, noise=40.0)
COARSE_T2 = BrainSequence("coarse-t2", (2.0, 2.0, 3.0), 3.0, 4000, 90, noise=40.0)


def dice(first, second):
    return 2 * np.count_nonzero(first & second) / (np.count_nonzero(first) + np.count_nonzero(second))


def test_lesions_are_found_and_hardly_anything_else(found, truth, flair):
    scores = lesion_scores(found.lesions.array > 0, truth, flair.grid.voxel_volume)
    assert scores.dice > 0.6
    assert scores.found >= 0.75
    assert scores.true > 0.6


def test_results_lie_on_the_grid_of_the_scan(found, flair):
    for image in (found.lesions, found.belief, found.anatomy):
        assert image.grid.same_as(flair.grid)
    assert set(np.unique(found.lesions.array)) == {0, 1}
    assert 0.0 <= found.belief.array.min() <= found.belief.array.max() <= 1.0


def test_brain_and_ventricles_come_with_the_lesions(found, average_brain, flair):
    own = on_scan((average_brain.parts != BrainPart.OUTSIDE), average_brain, flair) > 0.5
    assert dice(found.anatomy.array != BrainPart.OUTSIDE, own) > 0.96
    ventricles = on_scan(np.isin(average_brain.parts, VENTRICLES), average_brain, flair) > 0.5
    assert dice(np.isin(found.anatomy.array, VENTRICLES), ventricles) > 0.5
    assert found.intracranial_ml == pytest.approx(np.count_nonzero(own) * 0.012, rel=0.08)


@pytest.mark.parametrize("offset", [100, 1000])
def test_a_constant_added_to_all_grey_values_changes_nothing(found, flair, offset):
    """From +100 on, the scan was refused because "the brain is cut off at the scan's upper end"."""
    raised = segment_lesions(flair.with_array(flair.array + offset))
    assert np.array_equal(raised.lesions.array, found.lesions.array)
    assert np.array_equal(raised.anatomy.array, found.anatomy.array)


def test_a_scan_that_was_normalised_to_mean_zero_gives_the_same_lesions(found, flair):
    """Half of its brain is below zero: 394 ml of lesions were found in the place of 7, without a word."""
    inside = flair.array[flair.array > np.percentile(flair.array, 50)]
    normalised = segment_lesions(flair.with_array((flair.array - inside.mean()) / inside.std()))
    assert dice(normalised.lesions.array, found.lesions.array) > 0.97


def test_a_copy_in_another_order_of_axes_and_rounded_otherwise_gives_the_same_voxels(found, flair):
    """Files keep affines in single precision: a copy of a real scan had 39 lesions in the place of 38."""
    turned = np.ascontiguousarray(np.flip(flair.array, 2).transpose(2, 0, 1))
    swap = np.zeros((4, 4))
    # New (I, J, K) index to old: J becomes I, K becomes J, and the flipped I becomes K.
    swap[1, 0] = swap[2, 1] = swap[3, 3] = 1
    swap[0, 2], swap[0, 3] = -1, flair.array.shape[2] - 1
    noise = np.random.default_rng(0).uniform(-1, 1, (4, 4)) * ([2e-7] * 3 + [4e-6])
    other = segment_lesions(Image(turned, flair.affine @ swap + np.diag([1, 1, 1, 0]) @ noise))
    for name in ("lesions", "anatomy"):
        back = np.flip(getattr(other, name).array.transpose(1, 2, 0), 2)
        np.testing.assert_array_equal(back, getattr(found, name).array, err_msg=name)


def test_the_skull_does_not_make_lesions(average_brain, lesions):
    whole = simulate_brain(average_brain, lesions, COARSE, 5, "whole", ScanQuality(bias=0.05))
    found = segment_lesions(whole)
    result = found.lesions.array > 0
    inside = on_scan(average_brain.parts != BrainPart.OUTSIDE, average_brain, whole) > 0.5
    assert dice(found.anatomy.array != BrainPart.OUTSIDE, inside) > 0.96
    assert not (result & ~inside).any()
    assert dice(result, on_scan(lesions.mask, average_brain, whole) > 0.5) > 0.5


def test_measuring_gives_the_volume_and_the_share_of_the_brain(found, flair):
    report = measure(found.lesions, found.anatomy)
    volume = np.count_nonzero(found.lesions.array) * flair.grid.voxel_volume / 1000
    data = report.as_dict()
    assert data["volume_ml"] == pytest.approx(volume, abs=0.01)
    assert data["percent_of_intracranial"] == pytest.approx(100 * volume / data["intracranial_ml"], rel=0.01)
    assert sum(each["count"] for each in data["regions"].values()) == data["lesion_count"] == len(report.lesions)
    assert report.numbers.grid.same_as(flair.grid)
    assert ((report.numbers.array > 0) == (found.lesions.array > 0)).all()


def test_voxels_that_are_no_numbers_are_told_by_segment_and_compare(found, flair, tmp_path, monkeypatch):
    array = flair.array.astype(np.float32)
    array[:, :5] = np.nan
    file = str(save_image(flair.with_array(array), tmp_path / "flair.nii.gz"))
    monkeypatch.setattr(pipeline, "segment_lesions", lambda *_: found)
    told = pipeline.segment_file(file, str(tmp_path / "lesions.nii.gz"))["notices"]
    assert [text for text in told if "are not numbers (NaN" in text]

    def compared(*images, **_):
        changes = Changes((), np.zeros((1, 1, 1), np.uint8), 0.0, 0.0, 0.0)
        return comparing.Comparison(changes, HalfWay(flair.grid, np.eye(4)), images[:2])

    monkeypatch.setattr(comparing, "compare_visits", compared)
    assert [text for text in comparing.compare_files(file, file)["notices"] if "are not numbers (NaN" in text]


def test_what_is_wrong_with_a_t1_is_told_as_its_own_by_segment_and_the_panels_step(found, flair, tmp_path, monkeypatch):
    """Notices about the T1 were dropped: nobody learned that a third of its voxels were no numbers."""
    array = flair.array.astype(np.float32)
    scan = str(save_image(flair.with_array(array), tmp_path / "flair.nii.gz"))
    t1 = str(save_image(flair.with_array(np.where(np.arange(array.shape[1])[:, None] < 5, np.nan, array)),
                        tmp_path / "t1.nii.gz"))
    monkeypatch.setattr(pipeline, "segment_lesions", lambda *_: found)
    told = pipeline.segment_file(scan, str(tmp_path / "lesions.nii.gz"), t1)["notices"]
    assert [text[:4] for text in told if "are not numbers (NaN" in text] == ["T1: "]
    report = measure(found.lesions, found.anatomy)
    monkeypatch.setattr(patients, "patient_of", lambda *_, **__: SimpleNamespace(
        anatomy=found.anatomy, report=report, notices=()))
    told = find_lesions(scan, str(tmp_path / "regions.nii"), t1)["notices"]
    assert [text[:4] for text in told if "are not numbers (NaN" in text] == ["T1: "]


def test_a_mask_and_an_anatomy_in_other_axis_orders_belong_together(found):
    def stored(image):
        return Image(image.array.transpose(2, 0, 1), image.affine[:, [1, 2, 0, 3]])

    known = measure(found.lesions, found.anatomy).as_dict()
    assert measure(found.lesions, stored(found.anatomy)).as_dict() == known
    report = measure(stored(found.lesions), found.anatomy)
    assert report.as_dict() == known and report.numbers.grid.same_as(stored(found.lesions).grid)


def test_a_mask_on_another_grid_is_refused(found, flair):
    with pytest.raises(Problem, match="different grids"):
        measure(Image(found.lesions.array[1:], flair.affine), found.anatomy)


def test_an_image_and_an_inverted_mask_are_no_masks_of_lesions(found, flair):
    for mask in (flair, found.lesions.with_array(1 - found.lesions.array)):
        with pytest.raises(Problem, match=r"covers .* of the brain"):
            measure(mask, found.anatomy)


def test_an_image_of_small_values_and_probabilities_in_percent_are_no_masks_of_lesions(found, flair):
    """All that was not 0 counted as lesion, or in an image from 0 to 1 the brighter half of the brain."""
    probable = ndimage.gaussian_filter(found.lesions.array.astype(np.float32), 0.7)
    inside = flair.array[found.anatomy.array > 0].astype(np.float32)
    scaled = np.where(found.anatomy.array > 0, flair.array / inside.max(), 0).astype(np.float32)
    scores = np.where(found.anatomy.array > 0, (flair.array - inside.mean()) / inside.std(), 0).astype(np.float32)
    for array, says in ((100 * probable, "fractions between 0 and"), (scaled, "of the brain"), (scores, "fractions")):
        with pytest.raises(Problem, match=says):
            measure(found.lesions.with_array(array), found.anatomy)
    plain = measure(found.lesions, found.anatomy)
    assert measure(found.lesions.with_array(probable), found.anatomy).volume_ml == pytest.approx(
        np.count_nonzero(probable > 0.5) * flair.grid.voxel_volume / 1000)
    for other in (99 * found.lesions.array, plain.numbers.array.astype(np.float64)):
        assert measure(found.lesions.with_array(other), found.anatomy).as_dict() == plain.as_dict()


@pytest.mark.parametrize("largest", [100, 255])
def test_probabilities_stored_as_whole_numbers_are_no_numbers_of_lesions(found, largest):
    """Everything from 1 of 255 on counted as lesion."""
    probable = np.rint(largest * ndimage.gaussian_filter(found.lesions.array.astype(np.float32), 0.7))
    with pytest.raises(Problem, match=rf"whole numbers from 0 to {largest} that differ from voxel to voxel"):
        measure(found.lesions.with_array(probable.astype(np.uint8)), found.anatomy)


def test_voxels_of_a_mask_that_are_no_numbers_are_no_lesions(found):
    mask = found.lesions.array.astype(np.float32)
    mask[found.anatomy.array == 0] = np.nan
    assert measure(found.lesions.with_array(mask), found.anatomy).as_dict() == measure(
        found.lesions, found.anatomy).as_dict()


def test_lesions_outside_the_brain_are_told(found, tmp_path, capsys):
    """They were counted, and placed in the region nearest to them, without a word."""
    assert measure(found.lesions, found.anatomy).notices == ()
    mask = found.lesions.array.copy()
    outside = np.argwhere(found.anatomy.array == BrainPart.OUTSIDE)
    low = outside[np.abs(outside - [mask.shape[0] // 2, 3, 3]).sum(axis=1).argmin()]
    mask[tuple(slice(place, place + 3) for place in low)] = 1
    lesions, anatomy = (save_image(image, tmp_path / name) for image, name in (
        (found.lesions.with_array(mask), "lesions.nii.gz"), (found.anatomy, "anatomy.nii.gz")))
    assert main(["measure", str(lesions), "--anatomy", str(anatomy)]) == 0
    told = capsys.readouterr().err
    volume = f"{27 * found.lesions.grid.voxel_volume / 1000:.2f} ml"
    assert f"1 of the lesions ({volume}) lie mostly outside the brain" in told


def test_masks_that_lie_elsewhere_in_the_scan_are_told(found, flair):
    """In one space, such as MNI, the mask of another patient passed without a word."""
    def moved(image):
        return image.with_array(np.roll(image.array, (6, 6), (1, 2)))

    own = patient_of(flair, lesions=found.lesions, anatomy=found.anatomy)
    assert own.notices == ()
    others = patient_of(flair, lesions=moved(found.lesions), anatomy=found.anatomy)
    assert re.match(r"Only \d+% of the lesion mask is brighter than what surrounds it", others.notices[0])
    told = patient_of(flair, lesions=found.lesions, anatomy=moved(found.anatomy)).notices
    assert any(re.match(r"\d+% of the ventricles of the anatomy is as bright as tissue", text) for text in told)
    package = DIFFERENTIAL_MODEL.tools(DEFAULT_MODEL, (), "cpu")[0]
    assert set(others.notices) <= set(classify_patient(others, package).notices)


def test_something_that_is_no_anatomy_is_refused(found):
    with pytest.raises(Problem, match="not an anatomy file"):
        measure(found.lesions, found.belief)


@pytest.mark.parametrize(("sequence", "says"), [(COARSE_T1, "looks like a T1"), (COARSE_T2, "looks like a T2")])
def test_another_contrast_is_refused_with_the_reason(average_brain, lesions, sequence, says):
    scan = simulate_brain(average_brain, lesions, sequence, 5, "stripped", ScanQuality(bias=0.05))
    with pytest.raises(Problem, match=says):
        segment_lesions(scan)


def test_a_slab_is_refused(flair):
    with pytest.raises(Problem, match="too little of a brain"):
        segment_lesions(Image(flair.array[20:28], flair.affine))


@pytest.mark.parametrize(("seed", "smallest"), [(0.0, None), (float("nan"), None), (None, -1.0)])
def test_settings_that_make_no_sense_are_refused(seed, smallest):
    with pytest.raises(Problem):
        settings_with(seed, smallest)


def test_bright_lesions_beside_the_cortex_and_a_heavy_load_are_found(average_brain):
    sizes = [(Pattern.JUXTACORTICAL, 2500.0)] * 6 + [(Pattern.DEEP_WHITE, 6000.0)] * 4
    plans = tuple(LesionPlan(pattern, volume, 1.2, 1.0, 1600.0, 165.0) for pattern, volume in sizes)
    zones = Zones.of(average_brain.parts, average_brain.labels.spacing[::-1])
    heavy = draw_lesions(PatientPlan(Disease.MS, 40.0, 0.0, plans), zones, 12)
    flair = simulate_brain(average_brain, heavy, COARSE, 6, "stripped",
                           ScanQuality(bias=0.05, noise=0.7, false_lesions=FalseLesions.none()))
    drawn = on_scan(heavy.mask, average_brain, flair) > 0.5
    scores = lesion_scores(segment_lesions(flair).lesions.array > 0, drawn, flair.grid.voxel_volume)
    assert scores.dice > 0.75
    assert scores.true > 0.6


def test_confluent_lesions_do_not_pass_for_the_brightness_of_the_coil(average_brain):
    band = LesionPlan(Pattern.CONFLUENT_BAND, 60000.0, 1.2, 1.0, 1600.0, 150.0)
    zones = Zones.of(average_brain.parts, average_brain.labels.spacing[::-1])
    heavy = draw_lesions(PatientPlan(Disease.MS, 40.0, 0.0, (band,)), zones, 12)
    flair = simulate_brain(average_brain, heavy, COARSE, 6, "stripped",
                           ScanQuality(bias=0.05, noise=0.7, false_lesions=FalseLesions.none()))
    drawn = on_scan(heavy.mask, average_brain, flair)
    white = on_scan(average_brain.parts == BrainPart.WHITE_MATTER, average_brain, flair) > 0.9

    def contrast(voxels):
        return np.median(voxels[white & (drawn > 0.9)]) / np.median(voxels[white & (drawn < 0.1)]) - 1

    scan = prepare_scan(flair)
    corrected = scan.on_original(scan.channels[0], nearest=False)
    assert contrast(corrected) > 0.9 * contrast(flair.array)
