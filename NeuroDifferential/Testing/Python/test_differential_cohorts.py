"""Patients before a classifier: the lesion image, the lesion table, synthetic cohorts and cohorts of one's own."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroDifferentialLib.__main__ import main
from NeuroDifferentialLib.differential.cacciaguerra import FEATURES, CacciaguerraCriteria, features_fulfilled
from NeuroDifferentialLib.differential.cohort_table import READER, import_cohort
from NeuroDifferentialLib.differential.lesion_image import FULL, brain_grid, flair_in_lesions, lesion_image
from NeuroDifferentialLib.differential.lesion_table import lesion_columns, lesion_numbers
from NeuroDifferentialLib.differential.patient import patient_of
from NeuroDifferentialLib.differential.synthetic import plan as plans
from NeuroDifferentialLib.differential.synthetic.cases import case_of_drawn, simulated_scan
from NeuroDifferentialLib.differential.synthetic.cohort import make_cohort
from NeuroDifferentialLib.differential.synthetic.plan import DifferentialCohortPlan, draw_by_class, plan_patients
from NeuroDifferentialLib.task import TASK, baselines
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.classifiers.describe import describe_cohort
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.plan import Disease
from NeuroOrbitLib.problem import Problem


@pytest.fixture(scope="module")
def marked(brain):
    """Anatomy and two lesions: number 1 in the left hemisphere, number 2 in the right one, higher up."""
    numbers = np.zeros(brain.parts.shape, np.int16)
    k, j, i = np.array(brain.parts.shape) // 2
    numbers[k + 5:k + 8, j:j + 3, i - 18:i - 15] = 1
    numbers[k + 12:k + 15, j + 8:j + 11, i + 14:i + 17] = 2
    return brain.labels.with_array(brain.parts), brain.labels.with_array(numbers)


def reordered(image: Image) -> Image:
    """The same image with axes (posterior, left, superior)."""
    affine = image.affine[:, [1, 0, 2, 3]].copy()
    array = image.array.transpose(0, 2, 1)[:, ::-1, ::-1]
    shape = np.array(array.shape[::-1])
    affine[:3, 3] += affine[:3, 0] * (shape[0] - 1) + affine[:3, 1] * (shape[1] - 1)
    affine[:3, :2] *= -1
    return Image(np.ascontiguousarray(array), affine)


def test_the_lesion_image_is_the_box_of_the_brain_in_any_axis_order(marked):
    anatomy, numbers = marked
    found = lesion_image(numbers, anatomy)
    assert found.image.array.shape == (100, 100, 100) and found.image.array.dtype == np.uint8
    other = lesion_image(reordered(numbers), reordered(anatomy))
    assert np.array_equal(found.image.array, other.image.array) and np.array_equal(found.numbers, other.numbers)
    volume = found.image.array.sum() / FULL * found.image.grid.voxel_volume
    assert volume == pytest.approx((numbers.array > 0).sum() * numbers.grid.voxel_volume, rel=0.05)
    inside = np.argwhere(anatomy.array != BrainPart.OUTSIDE)
    low = anatomy.grid.ras_from_ijk(inside.min(axis=0)[::-1])
    assert np.allclose(found.image.grid.ras_from_ijk(np.zeros(3)), low, atol=1.0)


def test_a_lesion_is_left_out_of_the_image_by_its_number(marked):
    found = lesion_image(marked[1], marked[0])
    without = found.without(1)
    left, right = found.image.array[..., :50], found.image.array[..., 50:]
    assert left.any() and right.any()
    assert not without[..., :50].any() and np.array_equal(without[..., 50:], right)


def test_flair_inside_of_lesions_is_bright_there_and_nothing_elsewhere(marked):
    anatomy, numbers = marked
    image = lesion_image(numbers, anatomy)
    flair = anatomy.with_array(np.where(numbers.array > 0, 2.0, 1.0).astype(np.float32))
    found = flair_in_lesions(flair, anatomy, image)
    assert not found[image.image.array == 0].any()
    assert 0.55 < found.max() / FULL < 0.75


def test_an_anatomy_without_a_brain_is_refused(marked):
    with pytest.raises(Problem, match="no brain"):
        brain_grid(marked[0].with_array(np.zeros_like(marked[0].array)))


def test_the_ceiling_is_that_of_the_literature_and_comes_from_a_share_of_mimics():
    assert plans.ceiling(plans.mimics_for()) == pytest.approx(0.77, abs=0.001)
    assert plans.pure_auc() > 0.95 and 0.2 < plans.mimics_for() < 0.4
    assert plans.mimics_of(Disease.MS) == plans.mimics_for() / 2
    assert 0.70 < plans.ceiling_accuracy() < 0.80
    drawn = np.mean([plans.ceiling_of(plan_patients(DifferentialCohortPlan(300, seed))) for seed in range(4)])
    assert drawn == pytest.approx(0.77, abs=0.03)


def test_only_patterns_counts_and_volumes_depend_on_the_class():
    patients = plan_patients(DifferentialCohortPlan(300, 2))
    shapes = [np.concatenate([[lesion.edge for lesion in patient.lesions.lesions] for patient in patients
                              if patient.label == label]) for label in (0, 1)]
    assert abs(shapes[0].mean() - shapes[1].mean()) < 0.1
    rng = np.random.default_rng(0)
    volumes = [np.median([volume for _ in range(80) for _, volume in draw_by_class(rng, disease) if volume])
               for disease in (Disease.MS, Disease.NMOSD)]
    assert volumes[0] > 1.4 * volumes[1]
    assert plan_patients(DifferentialCohortPlan(300, 2))[7] == patients[7]


@pytest.fixture
def one_head(monkeypatch, brain, zones):
    """Every synthetic patient has the plain brain."""
    module = "NeuroDifferentialLib.differential.synthetic.cases"
    monkeypatch.setattr(f"{module}.head", lambda _number: brain)
    monkeypatch.setattr(f"{module}.zones_of", lambda _number: zones)


def test_a_synthetic_cohort_is_made_described_and_gone_on_with(one_head, tmp_path):
    cohort = make_cohort(tmp_path / "cohort", DifferentialCohortPlan(4, 1), "drawn")
    assert len(cohort) == 4 and cohort.labels.sum() == 2 and cohort.facts["ceiling_auc"] == pytest.approx(0.77, abs=.01)
    assert cohort.arrays("lesions").shape == (4, 100, 100, 100) and (cohort.numbers(["lesion_count"]) > 0).all()
    titles = [row.title for row in describe_cohort(cohort, TASK.columns, TASK.classes)]
    assert {"Age (years)", "Lesions", "Dawson fingers", "Lesion volume (ml)"} <= set(titles)
    (tmp_path / "cohort" / "crops" / "P0002.npz").unlink()
    again = make_cohort(tmp_path / "cohort", DifferentialCohortPlan(4, 1), "drawn")
    assert np.array_equal(again.arrays("lesions"), cohort.arrays("lesions"))
    for estimator in baselines(cohort):
        found = estimator.fit(cohort, range(4), tmp_path, 0).probabilities(cohort, range(4))
        assert found.shape == (4, 2) and np.allclose(found.sum(axis=1), 1)


def test_plane_and_protocol_do_not_move_the_lesions(one_head, brain):
    patient = plan_patients(DifferentialCohortPlan(8, 3))[0]
    axial, sagittal = (simulated_scan(patient, "flair-axial-5mm", plane) for plane in ("axial", "sagittal"))
    assert axial.flair.array.shape != sagittal.flair.array.shape
    anatomy = axial.flair.with_array(np.full(axial.flair.array.shape, BrainPart.WHITE_MATTER, np.uint8))
    turned = sagittal.flair.with_array(np.full(sagittal.flair.array.shape, BrainPart.WHITE_MATTER, np.uint8))
    assert np.array_equal(lesion_image(axial.true_lesions, anatomy).image.array,
                          lesion_image(sagittal.true_lesions, turned).image.array)


def test_the_table_counts_what_the_report_holds(one_head):
    _arrays, report = case_of_drawn(plan_patients(DifferentialCohortPlan(8, 3))[1])
    numbers = lesion_numbers(report)
    assert set(numbers) == {column.name for column in lesion_columns()}
    counts = sum(value for name, value in numbers.items() if name.startswith("count_"))
    assert counts == len(report.lesions) == numbers["lesion_count"]
    volumes = sum(value for name, value in numbers.items() if name.startswith("volume_") and name not in
                  ("volume_ml", "volume_percent"))
    assert volumes == pytest.approx(report.volume_ml)


def test_published_criteria_ask_for_two_features_and_learn_nothing():
    nmosd, ms, between = [0, 0, 0, 1], [3, 2, 1, 0], [3, 2, 0, 0]
    assert features_fulfilled(np.array([nmosd, ms, between])).tolist() == [4, 0, 1]
    assert [there for _, there in FEATURES] == [False, False, False, True]
    assert CacciaguerraCriteria().fit(None, []).settings() == {"estimator": "cacciaguerra",
                                                               "name": "Cacciaguerra criteria"}


@pytest.fixture
def own_table(marked, tmp_path):
    """Two patients with masks of another tool; a third has a mask on another grid."""
    anatomy, numbers = marked
    flair = anatomy.with_array((anatomy.array > 0).astype(np.float32) * (100 + 80 * (numbers.array > 0)))
    masks = {"a": numbers.array == 1, "b": numbers.array == 2, "c": numbers.array == 1}
    save_image(anatomy, tmp_path / "anatomy.nii.gz")
    for name, mask in masks.items():
        save_image(flair, tmp_path / f"{name}.nii.gz")
        image = anatomy.with_array(mask.astype(np.uint8))
        save_image(Image(image.array[1:], image.affine) if name == "c" else image, tmp_path / f"{name}_lesions.nii.gz")
    rows = [f"{name},{name},{name}.nii.gz,{name}_lesions.nii.gz,anatomy.nii.gz,{word},40" for name, word in
            (("a", "NMOSD"), ("b", "multiple sclerosis"), ("c", "MS"))]
    table = tmp_path / "table.csv"
    table.write_text("\n".join(["patient,case,image,labels,anatomy,diagnosis,age", *rows]) + "\n")
    return table


def test_a_cohort_of_ones_own_takes_masks_of_any_tool(own_table, tmp_path):
    cohort, problems, _notices = import_cohort(own_table, tmp_path / "cohort")
    assert cohort.names == ["a", "b"] and cohort.labels.tolist() == [1, 0] and not cohort.is_synthetic
    assert len(problems) == 1 and "another grid" in problems[0]
    assert cohort.array("flair", 0).any() and cohort.numbers(["age"]).ravel().tolist() == [40, 40]


def test_a_mask_of_another_patient_is_told_in_a_cohort_as_it_is_by_classify(own_table, marked, tmp_path):
    anatomy, numbers = marked
    other = anatomy.with_array((anatomy.array > 0).astype(np.float32) * (100 + 80 * (numbers.array == 2)))
    save_image(other, tmp_path / "a.nii.gz")
    _cohort, _problems, notices = import_cohort(own_table, tmp_path / "cohort")
    assert [line.partition(":")[0] for line in notices if "brighter than what surrounds" in line] == ["a"]


def test_rows_that_cannot_be_used_are_explained(own_table):
    own_table.write_text(own_table.read_text().replace("a,a,a.nii", ",a,a.nii").replace("multiple sclerosis", "maybe"))
    with pytest.raises(Problem, match=r"(?s)NMOSD and of MS.*line 2.*patient is empty.*line 3.*write NMOSD or MS"):
        READER.read(own_table)


def test_the_command_prints_the_mix_and_the_ceiling(one_head, tmp_path, capsys):
    arguments = ["cohort", "-o", str(tmp_path / "c"), "--patients", "4", "--masks", "drawn"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "29.9% of the patients with NMOSD have the lesions of MS" in printed and "AUC of 0.770" in printed
    assert main(["networks"]) == 0 and "two_view_34" in capsys.readouterr().out


def test_masks_and_scans_of_another_kind_are_refused(marked):
    anatomy, numbers = marked
    flair = anatomy.with_array((anatomy.array > 0).astype(np.float32))
    broken = anatomy.with_array(np.where(anatomy.array > 0, anatomy.array, np.nan).astype(np.float32))
    with pytest.raises(Problem, match="not an anatomy file"):
        patient_of(flair, lesions=numbers, anatomy=broken)
    with pytest.raises(Problem, match="anatomy lies on another grid"):
        patient_of(flair, lesions=numbers, anatomy=Image(anatomy.array[1:], anatomy.affine))


def test_a_mask_that_is_no_number_outside_the_brain_is_one(marked):
    """``measure`` took such probabilities, ``classify`` refused them."""
    anatomy, numbers = marked
    flair = anatomy.with_array((anatomy.array > 0).astype(np.float32))
    mask = numbers.with_array(np.where(anatomy.array > 0, numbers.array > 0, np.nan).astype(np.float32))
    plain, spoilt = (patient_of(flair, lesions=each, anatomy=anatomy) for each in (numbers, mask))
    assert spoilt.report.as_dict() == plain.report.as_dict() and spoilt.report.lesions
