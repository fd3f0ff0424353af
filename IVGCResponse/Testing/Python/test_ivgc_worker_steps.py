"""What the panel's worker computes, as plain data, and the words that are made of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from IVGCResponseLib import wording
from IVGCResponseLib.report import report_words
from IVGCResponseLib.run_response import prepare_file
from IVGCResponseLib.synthetic.muscles import MuscleEffects
from IVGCResponseLib.synthetic.sample_patients import KINDS, sample_patient
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.job import features_of_volume

RECORD = {
    "probability_of_response": 0.7, "calibrated": True, "interval": [0.55, 0.82], "decision": "responder",
    "threshold": 0.5, "novelty": None, "model": {"training_data": "synthetic phantoms"}, "imputed": ["cas", "trab"],
    "possible": {"trab": [0.6, 0.65], "cas": [0.5, 0.9]}, "clinical": {"age": 45.0}, "ratios": {"MR": 3.25},
    "places": [{"name": "MR:f", "value": None, "low": 1.0, "high": 2.0, "percentile": None, "outside": False}],
    "grid": {"shape": [32, 128, 128]}, "performance": {"sensitivity": 0.8, "specificity": 0.75, "prevalence": 0.4},
}  # fmt: skip


@pytest.fixture
def files(tmp_path, scan):
    """Files of the scan and its label map."""
    save_image(scan.image, tmp_path / "scan.nii")
    save_image(scan.labels, tmp_path / "labels.nii")
    return str(tmp_path / "scan.nii"), str(tmp_path / "labels.nii")


def test_muscles_are_measured_and_a_missing_one_is_named(files, scan, tmp_path):
    found = prepare_file(files[0], str(tmp_path / "out.nii"), files[1])
    volumes = {(row["muscle"], row["side"]): row["volume_ml"] for row in found["muscles"]}
    voxel = np.prod(scan.labels.spacing) / 1000
    assert volumes["medial_rectus", "left"] == pytest.approx((scan.labels.array == 10).sum() * voxel, rel=1e-4)
    assert found["labels"] is None and json.dumps(found, allow_nan=False)
    save_image(scan.labels.with_array(np.where(scan.labels.array == 9, 0, scan.labels.array)), tmp_path / "labels.nii")
    with pytest.raises(Problem, match="lacks the right medial rectus"):
        prepare_file(files[0], str(tmp_path / "out.nii"), files[1])


def test_features_have_units_and_a_sentence(files, tmp_path):
    (tmp_path / "small.json").write_text(json.dumps({"imageType": {"Original": {}},
                                                     "featureClass": {"shape": ["VoxelVolume"]}}))
    found = features_of_volume(files[0], "", files[1], {"MR": [9, 10]}, str(tmp_path / "small.json"), "own")
    row, = found["rows"]
    assert (row["region"], row["name"], row["unit"]) == ("MR", "original_shape_VoxelVolume", "mm3")
    assert row["meaning"].startswith("Number of voxels") and found["record"]["engine"] == "own"


def test_what_was_done_to_the_grey_values_stands_beside_the_features(files, scan, tmp_path):
    """The panel dropped what the command line tells."""
    (tmp_path / "small.json").write_text(json.dumps({"imageType": {"Original": {}},
                                                     "featureClass": {"shape": ["VoxelVolume"]}}))
    padded = scan.image.array.astype(np.float32)
    padded[:, :3], padded[0, 5, 5] = -1000, np.nan
    save_image(scan.image.with_array(padded), tmp_path / "padded.nii")
    found = features_of_volume(str(tmp_path / "padded.nii"), "", files[1], {"MR": [9, 10]},
                               str(tmp_path / "small.json"), "own")
    assert [text.split(",")[0] for text in found["notices"][-1:]] == ["The scan is padded with -1000"]
    assert "not numbers" in found["notices"][0] and len(found["notices"]) == 2


def test_missing_features_are_told_by_what_they_could_change():
    lines = dict(wording.answer_lines(RECORD))
    assert lines["Probability"].startswith("70 %") and lines["Interval"].startswith("55 % to 82 %")
    assert lines["If it were known"] == ("Clinical activity score: 50 % to 90 %; TSH receptor antibodies: 60 % to "
                                         "65 %")


def test_predictive_values_follow_the_prevalence_that_the_user_sets():
    same = wording.predictive_text(RECORD, 0.4)
    assert "Of 100 patients called responders 68 respond (PPV)" in same and "85 do not (NPV)" in same
    assert "probability at that prevalence: 70 %" in same
    rare = wording.predictive_text(RECORD, 0.1)
    assert "26 respond" in rare and "97 do not" in rare and "prevalence: 28 %" in rare
    assert "does not state its sensitivity" in wording.predictive_text({**RECORD, "performance": None}, 0.4)


def test_a_fit_to_own_patients_is_not_told_the_sensitivity_of_the_model_before_it():
    """The threshold is another one on the model's own scale: who is called a responder has changed."""
    told = wording.predictive_text({**RECORD, "recalibration": {"patients": 50, "positives": 20}}, 0.1)
    assert "PPV" not in told and "80 %" not in told
    assert "After the fit to your own patients, the sensitivity and specificity" in told and "prevalence: 28 %" in told


def test_the_report_has_the_data_that_were_given_and_dashes_for_others():
    tables = {table.heading: table for table in report_words(RECORD).tables}
    rows = {row[0]: row[1:] for row in tables["The patient's data"].rows}
    assert rows["Age (years)"] == ["45.0"] and rows["Clinical activity score"] == ["–"]
    assert tables["Numbers that the model takes"].rows == [["MR:f", "–", "1.000", "2.000", "–"]]


def test_the_sample_patients_differ_in_what_their_muscles_say():
    yes, no = (sample_patient(kind) for kind in KINDS)
    ratios = MuscleEffects().log_ratios(np.array([yes.muscles, no.muscles]))
    assert (yes.label, no.label) == (1, 0) and ratios[0] > 0.5 > -0.5 > ratios[1]
    with pytest.raises(Problem, match="no sample"):
        sample_patient("maybe")
