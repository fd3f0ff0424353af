"""Synthetic patients on disk: files, truth and manifest; the command's part is tested with the commands."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.phantom.orbit.activity import muscle_tissue, random_muscle_tissue
from NeuroOrbitLib.phantom.patients import cohort, truth
from NeuroOrbitLib.phantom.patients.cohort import PhantomCohortPlan, patient_seed, write_cohort
from NeuroOrbitLib.phantom.patients.patient import make_patient, random_activity
from NeuroOrbitLib.phantom.patients.sample_scans import SAMPLES, make_sample, write_sample
from NeuroOrbitLib.phantom.scanner.protocols import PROTOCOLS
from NeuroOrbitLib.problem import Problem


@pytest.fixture
def quick(monkeypatch):
    """The default protocols with few, large voxels, and coarsely counted volumes."""
    monkeypatch.setattr(truth, "VOLUME_STEP", 1.2)
    monkeypatch.setattr(cohort, "true_measures", lambda head: {"head": {}, "sides": {}})
    for name in ("ct-fast", "mr-axial-spir"):
        coarse = replace(PROTOCOLS[name], spacing=(2.5, 2.5, 4.0), oversample=(1, 1, 1))
        monkeypatch.setitem(PROTOCOLS, name, coarse)


def test_patient_has_scans_labels_and_truth_that_agree(quick):
    patient = make_patient(11, severity=0.8, activity=0.9, sex="F")
    assert set(patient.scans) == {"ct-fast", "mr-axial-spir"}
    for scan in patient.scans.values():
        assert scan.image.grid.same_as(scan.labels.grid)
        assert {1, 2, 3, 4, 9, 10} <= set(np.unique(scan.labels.array).tolist())
        globe = np.isin(scan.labels.array, (1, 19)).sum() * scan.labels.grid.voxel_volume / 1000.0
        assert globe == pytest.approx(patient.truth["sides"]["right"]["volumes_ml"]["eyeball"], rel=0.12)
    assert patient.truth["synthetic"] is True and patient.truth["activity"] == 0.9


def test_a_child_whose_true_measures_are_not_known_is_not_written(quick, tmp_path):
    patient = make_patient(1, protocols=())
    child = replace(patient, pose=replace(patient.pose, scale=0.8))
    with pytest.raises(ValueError, match="not known"):
        cohort.write_patient(tmp_path, "child", child)
    assert not list(tmp_path.iterdir())


def test_severity_swells_muscles_and_pushes_the_globe_forward(quick):
    healthy, ill = (make_patient(4, severity, 0.5 * severity, "F", protocols=()).truth for severity in (0.0, 1.0))
    for side in ("right", "left"):
        assert set(healthy["sides"][side]["muscle_growth"].values()) == {1.0}
        grown = ill["sides"][side]["muscle_growth"]
        assert grown["inferior rectus"] > 1.3
        assert ill["sides"][side]["proptosis_mm"] > healthy["sides"][side]["proptosis_mm"]


def test_mean_growth_at_full_severity_matches_published_volumetry():
    from NeuroOrbitLib.phantom.orbit.random_shape import random_orbit_shape
    grown: dict[str, list[float]] = {}
    for seed in range(60):
        for muscle in random_orbit_shape(np.random.default_rng(seed), "F", 1.0).muscles:
            grown.setdefault(muscle.name, []).append(muscle.swelling)
    for name, factor in (("superior rectus", 2.3), ("inferior rectus", 2.1), ("medial rectus", 1.7),
                         ("superior oblique", 1.8), ("lateral rectus", 1.6)):
        assert np.mean(grown[name]) == pytest.approx(factor, rel=0.2), name


def test_activity_and_severity_are_loosely_tied():
    rng = np.random.default_rng(0)
    severity = rng.beta(1.6, 2.2, 800)
    activity = [random_activity(rng, value) for value in severity]
    assert 0.1 < np.corrcoef(severity, activity)[0, 1] < 0.5
    assert random_activity(rng, 0.0) == 0.0


def test_active_patients_have_longer_t2_than_inactive_ones():
    rng = np.random.default_rng(1)
    active = [random_muscle_tissue(rng, 0.6, 0.7).t2 for _ in range(200)]
    inactive = [random_muscle_tissue(rng, 0.6, 0.05).t2 for _ in range(200)]
    assert np.mean(active) == pytest.approx(82, abs=3)
    assert np.mean(inactive) == pytest.approx(63, abs=3)
    assert muscle_tissue(0.0).fat_fraction == 0.0


def test_same_arguments_give_the_same_patient(quick):
    first, again = (make_patient(3, 0.5, 0.5, protocols=("ct-fast",)) for _ in range(2))
    assert first.truth == again.truth
    assert np.array_equal(first.scans["ct-fast"].image.array, again.scans["ct-fast"].image.array)


@pytest.mark.parametrize("arguments", [{"severity": 1.2}, {"severity": 0.5, "activity": -0.1}])
def test_impossible_patients_are_refused(arguments):
    with pytest.raises(ValueError, match="0 to 1"):
        make_patient(0, protocols=(), **arguments)


def test_cohort_folder_holds_what_its_manifest_lists(tmp_path, quick):
    manifest = write_cohort(tmp_path, PhantomCohortPlan(count=2, seed=5))
    with manifest.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["patient"] for row in rows] == ["patient-0001"] * 2 + ["patient-0002"] * 2
    for row in rows:
        image, labels = load_image(tmp_path / row["image"]), load_image(tmp_path / row["labels"])
        assert image.grid.same_as(labels.grid)
        known = json.loads((tmp_path / row["truth"]).read_text(encoding="utf-8"))
        assert known["severity"] == pytest.approx(float(row["severity"]), abs=1e-3)


def test_a_patient_does_not_depend_on_the_size_of_the_cohort():
    assert patient_seed(5, 2) == patient_seed(5, 2) != patient_seed(5, 3)
    assert patient_seed(6, 2) != patient_seed(5, 2)


def test_cohort_with_an_unknown_protocol_writes_nothing(tmp_path):
    with pytest.raises(Problem, match="no protocol"):
        write_cohort(tmp_path / "cohort", PhantomCohortPlan(1, protocols=("ultrasound",)))
    assert not (tmp_path / "cohort").exists()


def test_samples_are_written_with_their_sides(tmp_path, quick, monkeypatch):
    for kind in ("TED-CT", "TED-MR-T2FS"):
        write_sample(kind, tmp_path / f"{kind}.nii.gz")
        write_sample(kind, tmp_path / f"{kind}_labels.nii.gz", labels=True)
        labels = load_image(tmp_path / f"{kind}_labels.nii.gz")
        assert load_image(tmp_path / f"{kind}.nii.gz").grid.same_as(labels.grid)
        right, left = (labels.grid.ras_from_ijk(np.argwhere(labels.array == value).mean(axis=0)[::-1])
                       for value in (1, 2))
        assert right[0] > left[0] + 50


def test_healthy_sample_has_no_swelling_and_an_unknown_kind_is_named(quick):
    assert SAMPLES["Healthy-CT"].severity == 0.0
    with pytest.raises(Problem, match="TED-CT"):
        make_sample("X-ray")


def test_progress_runs_from_start_towards_the_end_and_can_cancel(quick):
    from NeuroOrbitLib.jobs.progress import Cancelled
    seen: list[float] = []
    make_patient(1, 0.5, 0.5, protocols=("ct-fast",), progress=lambda fraction, message="": seen.append(fraction))
    assert seen == sorted(seen) and seen[-1] > 0.9

    def cancel(fraction: float, message: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        make_patient(1, 0.5, 0.5, protocols=("ct-fast",), progress=cancel)
