"""What a user may choose by mistake: one clear line each from the command line, and nothing is written."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.transform import Rotation

from NeuroDifferentialLib.__main__ import main
from NeuroDifferentialLib.lesions.contrast import refuse_cut
from NeuroDifferentialLib.lesions.fit import LEAST_AGREEMENT, edge_agreement
from NeuroDifferentialLib.lesions.scan import prepare_scan
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.scans import ScanQuality, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BrainSequence
from NeuroOrbitLib.problem import Problem
from Testing.dicom_series import evenly, write_series

COARSE = BrainSequence("coarse", (2.0, 2.0, 3.0), 3.0, 9000, 120, 2500, noise=40.0)
COARSE_T2 = BrainSequence("coarse-t2", (2.0, 2.0, 3.0), 3.0, 4000, 90, noise=40.0)


def half(flair: Image, axis: int) -> Image:
    """The first half of a scan along an axis (K, J, I)."""
    parts = [slice(None)] * 3
    parts[axis] = slice(flair.array.shape[axis] // 2)
    return Image(np.ascontiguousarray(flair.array[tuple(parts)]), flair.affine)


def not_numbers(flair: Image) -> Image:
    array = flair.array.astype(np.float32)
    array[4:] = np.nan
    return flair.with_array(array)


def refused(arguments: list, capsys, output) -> str:
    """What a command says to bad input; it ends with 1, says one thing, and writes nothing."""
    capsys.readouterr()
    assert main([str(each) for each in arguments]) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("Error: ") and said.count("Error") == 1 and "Traceback" not in said
    assert not output.exists()
    return said


@pytest.mark.parametrize(("spoil", "says"), [
    (lambda flair: Image(flair.array[30:31], flair.affine), "instead of a single slice"),
    (lambda flair: Image(flair.array[20:28], flair.affine), "too little of a brain"),
    (lambda flair: half(flair, 0), "cut off at the scan's upper end"),
    (lambda flair: half(flair, 1), "The brain is cut off at the scan's"),
    (lambda flair: half(flair, 2), "The brain is cut off at the scan's"),
    (not_numbers, "are not numbers"),
    (lambda flair: flair.with_array((flair.array > 300).astype(np.uint8)), "holds labels, not a scan"),
], ids=("slice", "slab", "lower-half", "front-half", "side", "no-numbers", "labels"))
def test_what_is_no_whole_brain_is_refused(tmp_path, flair, spoil, says, capsys):
    scan, output = save_image(spoil(flair), tmp_path / "scan.nii.gz"), tmp_path / "lesions.nii.gz"
    assert says in refused(["segment", scan, "-o", output], capsys, output)


def test_a_t2_is_refused(tmp_path, average_brain, lesions, capsys):
    image = simulate_brain(average_brain, lesions, COARSE_T2, 5, "stripped", ScanQuality(bias=0.05))
    scan, output = save_image(image, tmp_path / "scan.nii.gz"), tmp_path / "lesions.nii.gz"
    assert "looks like a T2" in refused(["segment", scan, "-o", output], capsys, output)


def test_a_ct_that_was_cut_to_a_window_is_refused(flair):
    """Lesions were looked for in it, as its values are none of a CT."""
    brain = flair.array > 0
    bone = ndimage.binary_dilation(brain, iterations=2)
    units = np.select([brain, bone], [35, 900], -1000) + np.random.default_rng(0).normal(0, 8, brain.shape)
    with pytest.raises(Problem, match=r"\d\d% of this scan has the highest grey value: it was cut to a window"):
        prepare_scan(flair.with_array(np.clip(units, -20, 100).astype(np.int16)))
    refuse_cut(flair.with_array(np.minimum(flair.array, np.percentile(flair.array[brain], 95))))


def test_four_dimensions_are_refused(tmp_path, capsys):
    import SimpleITK as sitk

    scan, output = tmp_path / "scan.nii.gz", tmp_path / "lesions.nii.gz"
    sitk.WriteImage(sitk.JoinSeries([sitk.GetImageFromArray(np.ones((30, 40, 40), np.float32))] * 2), str(scan))
    assert "four-dimensional" in refused(["segment", scan, "-o", output], capsys, output)


def test_the_t1_of_another_patient_is_refused(tmp_path, flair, t1, capsys):
    other = t1.with_array(np.ascontiguousarray(t1.array[:, ::-1]))
    scan, second = save_image(flair, tmp_path / "flair.nii.gz"), save_image(other, tmp_path / "t1.nii.gz")
    output = tmp_path / "lesions.nii.gz"
    assert "T1 does not fit the FLAIR" in refused(["segment", scan, "--t1", second, "-o", output], capsys, output)


def test_a_t1_on_the_same_grid_is_registered_if_the_head_moved_between_the_sequences(flair, t1):
    """It was taken as it lay, and the T1 of the patient was refused as that of another one."""
    turned = np.eye(4)
    turned[:3, :3] = Rotation.from_euler("xyz", (7.0, 0.0, 4.0), degrees=True).as_matrix()
    turned[:3, 3] = (3.0, 8.0, -2.0)
    moved = resample(Image(t1.array, turned @ t1.affine), t1.grid)
    as_it_should, found = (prepare_scan(flair, each).channels[1] for each in (t1, moved))
    brain = as_it_should > 0.5
    assert np.corrcoef(found[brain], as_it_should[brain])[0, 1] > 0.9


def test_a_t1_whose_file_has_another_origin_is_found(flair, t1):
    """The registration ended with an error of ITK, as the scans did not overlap."""
    away = t1.affine.copy()
    away[:3, 3] += (250.0, -300.0, 120.0)
    as_it_should, found = (prepare_scan(flair, each).channels[1] for each in (t1, Image(t1.array, away)))
    brain = as_it_should > 0.5
    assert np.corrcoef(found[brain], as_it_should[brain])[0, 1] > 0.9


def test_another_contrast_is_refused_as_t1(tmp_path, average_brain, lesions, flair, capsys):
    """With a T2 beside the FLAIR, two fifths of the lesions of a patient were missed."""
    image = simulate_brain(average_brain, lesions, COARSE_T2, 5, "stripped", ScanQuality(bias=0.05))
    output = tmp_path / "lesions.nii.gz"
    for other in (image, flair):
        scan, second = save_image(flair, tmp_path / "flair.nii.gz"), save_image(other, tmp_path / "t1.nii.gz")
        assert "looks like a T2 or a FLAIR" in refused(["segment", scan, "--t1", second, "-o", output], capsys, output)


def test_edges_agree_whatever_the_contrast():
    rng = np.random.default_rng(0)
    tissue = ndimage.gaussian_filter(rng.standard_normal((30, 40, 40)), 3) > 0
    other = ndimage.gaussian_filter(rng.standard_normal((30, 40, 40)), 3) > 0
    one, inverse, stranger = (np.where(mask, *levels) + 0.05 * rng.standard_normal(mask.shape) for mask, levels in (
        (tissue, (1.0, 1.3)), (tissue, (0.9, 0.4)), (other, (0.9, 0.4))))
    inside, spacing = np.ones(tissue.shape, bool), (1.0, 1.0, 1.0)
    assert edge_agreement(one, inverse, inside, spacing) > LEAST_AGREEMENT
    assert edge_agreement(one, stranger, inside, spacing) < 0.3
    assert edge_agreement(one, np.ones_like(one), inside, spacing) == 0.0


def test_a_brain_without_lesions_is_an_answer_without_an_estimate(tmp_path, average_brain, lesions, capsys):
    none = replace(lesions, share=np.zeros_like(lesions.share), caps=np.zeros_like(lesions.caps))
    image = simulate_brain(average_brain, none, COARSE, 5, "stripped", ScanQuality(bias=0.05, noise=0.7))
    scan, output, anatomy = (tmp_path / f"{name}.nii.gz" for name in ("flair", "lesions", "anatomy"))
    save_image(image.with_array(image.array), scan)
    assert main(["segment", str(scan), "-o", str(output), "--anatomy", str(anatomy), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["lesion_count"] == 0 and report["volume_ml"] == 0 and report["lesions"] == []
    assert main(["classify", str(scan), "--lesions", str(output), "--anatomy", str(anatomy)]) == 0
    assert "No lesions were found, no estimate." in capsys.readouterr().out


def test_a_mask_on_another_grid_is_refused(tmp_path, flair, capsys):
    scan = save_image(flair, tmp_path / "flair.nii.gz")
    for name in ("lesions", "anatomy"):
        save_image(Image(np.ones(flair.array[1:].shape, np.uint8), flair.affine), tmp_path / f"{name}.nii.gz")
    command = ["classify", scan, "--lesions", tmp_path / "lesions.nii.gz", "--anatomy", tmp_path / "anatomy.nii.gz"]
    assert "lies on another grid than the FLAIR" in refused(command, capsys, tmp_path / "none")


def test_visits_the_wrong_way_round_or_of_two_patients_are_refused(tmp_path, capsys):
    folders = {name: tmp_path / name for name in ("march", "june", "other")}
    for (name, folder), day in zip(folders.items(), ("20240301", "20240601", "20240901"), strict=True):
        write_series(folder, evenly(4), PatientID="B" if name == "other" else "A", StudyDate=day)
    output = tmp_path / "change.nii.gz"
    said = refused(["compare", folders["june"], folders["march"], "-o", output], capsys, output)
    assert "2024-06-01) is later than the second one (2024-03-01). Swap the scans" in said
    said = refused(["compare", folders["march"], folders["other"], "-o", output], capsys, output)
    assert "different patients" in said


@pytest.mark.parametrize(("options", "says"), [
    (["--threshold", "7"], "between 0 and 1"), (["--model", "classical", "--threshold", "0.5"], "Choose 1 to 10"),
    (["--smallest", "-1"], "0 or more"), (["--model", "no-such"], "no model")])
def test_choices_that_make_no_sense_are_refused_before_the_scan_is_prepared(options, says, tmp_path, capsys,
                                                                            monkeypatch):
    """They were refused after a quarter of a minute."""
    def prepare(*_given: object) -> None:
        raise AssertionError("the scan was prepared")

    monkeypatch.setattr("NeuroDifferentialLib.pipeline.prepare_scan", prepare)
    save_image(Image(np.random.default_rng(0).random((9, 9, 9)).astype(np.float32), np.eye(4)), tmp_path / "f.nii.gz")
    output = tmp_path / "lesions.nii.gz"
    assert says in refused(["segment", tmp_path / "f.nii.gz", "-o", output, *options], capsys, output)
