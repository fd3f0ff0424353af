"""One patient, from lesions to the answer and its reasons: the same for the command line and everything else."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from NeuroDifferentialLib import task
from NeuroDifferentialLib.__main__ import main
from NeuroDifferentialLib.differential.answers import classify_files, classify_patient, differential_data
from NeuroDifferentialLib.differential.asking import asks_images
from NeuroDifferentialLib.differential.explanation import (
    LesionEffect,
    both_views_heat,
    effects_image,
    explain,
    lesion_effects,
    matched_pieces,
)
from NeuroDifferentialLib.differential.lesion_table import lesion_columns
from NeuroDifferentialLib.differential.networks.registry import find
from NeuroDifferentialLib.differential.patient import patient_of
from NeuroDifferentialLib.differential.words import LEARNED_FROM_DRAWN, LEARNED_FROM_SIMULATED, NO_LESIONS
from NeuroDifferentialLib.lesions.contrast import refuse_t1
from NeuroDifferentialLib.report import report_words
from NeuroDifferentialLib.task import TASK, documents, estimator_of, package_words, predictor_of
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.classifiers.cohort import write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.judging import judge_package
from NeuroOrbitLib.classifiers.packing import train_package
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.classifiers.training_config import config_from_dict
from NeuroOrbitLib.files.tables import read_records
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.models.weights import write_weights
from NeuroOrbitLib.problem import Problem

CONFIG = {
    "name": "test-differential", "title": "Test", "network": "two_view_compact", "network_options": {"width": 4},
    "schedule": {"epochs": 1, "batch_size": 3, "learning_rate": 0.01, "optimizer": "sgd"}, "folds": 2, "repeats": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Six patients whose lesions are random boxes, larger in MS."""
    folder, rng = tmp_path_factory.mktemp("cohort"), np.random.default_rng(0)
    samples = []
    for number in range(6):
        image = np.zeros((100, 100, 100), np.uint8)
        for k, j, i in rng.integers(20, 70, size=(5, 3)):
            image[k:k + 8 - 4 * (number % 2), j:j + 6, i:i + 6] = 255
        write_case_arrays(folder, f"P{number}", {"lesions": image})
        numbers = dict.fromkeys((column.name for column in lesion_columns()), 5.0)
        numbers |= {"volume_ml": 4.0 - 2 * (number % 2) + 0.1 * number, "dawson": float(number)}
        samples.append(Sample(f"P{number}", f"P{number}", number % 2, {}, numbers))
    return write_cohort(folder, samples, {"synthetic": True, "masks": "drawn"})


@pytest.fixture(scope="module")
def package(cohort, tmp_path_factory) -> ModelPackage:
    """A small network, hardly trained."""
    config = config_from_dict(CONFIG)
    return train_package(TASK, cohort, estimator_of(config), config, package_words(config, cohort),
                         tmp_path_factory.mktemp("package") / "test-differential", documents=documents)


@pytest.fixture(scope="module")
def files(brain, tmp_path_factory):
    """FLAIR, three lesions and anatomy of one patient as files."""
    folder = tmp_path_factory.mktemp("patient")
    numbers = np.zeros(brain.parts.shape, np.uint8)
    k, j, i = np.array(brain.parts.shape) // 2
    for at, size in (((k + 6, j, i - 18), 4), ((k + 12, j + 8, i + 14), 3), ((k + 8, j - 16, i - 16), 2)):
        numbers[tuple(slice(start, start + size) for start in at)] = 1
    anatomy = brain.labels.with_array(brain.parts)
    grey = np.where(brain.parts > 0, 100.0, 10.0) + 80.0 * (numbers > 0)
    images = {"flair": grey.astype(np.float32), "lesions": numbers, "anatomy": brain.parts}
    for name, array in images.items():
        save_image(anatomy.with_array(array), folder / f"{name}.nii.gz")
    return folder


@pytest.fixture(scope="module")
def patient(files):
    """The patient, prepared."""
    return patient_of(*(load_image(files / "flair.nii.gz"), None), lesions=load_image(files / "lesions.nii.gz"),
                      anatomy=load_image(files / "anatomy.nii.gz"))


def test_what_is_wrong_with_the_t1_is_told_with_the_answer(package, files, tmp_path):
    scan = load_image(files / "flair.nii.gz")
    array = np.where(np.arange(scan.array.shape[1])[:, None] < 5, np.nan, scan.array)
    t1 = str(save_image(scan.with_array(array), tmp_path / "t1.nii.gz"))
    masks = (str(files / f"{name}.nii.gz") for name in ("lesions", "anatomy"))
    told = classify_files(str(files / "flair.nii.gz"), str(package.folder), t1, *masks, "cpu")["notices"]
    assert [text[:4] for text in told if "are not numbers (NaN" in text] == ["T1: "]


def test_a_package_says_what_it_is_and_judges_a_cohort(package, cohort, tmp_path):
    assert package.facts.settings["kind"] == "nmosd_or_ms" and package.facts.settings["input"] == "lesions"
    judged = judge_package(task, package, cohort, tmp_path)
    assert judged["cases"] == 6 and judged["novelty"]["median"] < 5
    config = config_from_dict({**CONFIG, "network": "cacciaguerra", "schedule": None})
    with pytest.raises(Problem, match="learn nothing and need no package"):
        package_words(config, cohort)


def test_a_patient_gets_a_probability_with_its_limits(package, patient):
    found = classify_patient(patient, package)
    raw = predictor_of(package).of_arrays(patient.lesions.image.array[None])[0, 1]
    assert found.probability == pytest.approx(float(raw), abs=1e-5) and not found.calibrated
    assert found.decision == ("NMOSD" if found.probability >= 0.5 else "MS")
    data = differential_data(found, package)
    assert "serology" in data["limits"] and not any("ignores cord" in text for text in found.notices)
    assert data["synthetic_training"] and "research" in data["research_use"].lower()


@pytest.mark.parametrize(("masks", "notice"), [
    ("drawn", LEARNED_FROM_DRAWN), ("segmented", LEARNED_FROM_SIMULATED),
    ("segmented and drawn", LEARNED_FROM_SIMULATED), ("own", None)])
def test_a_model_of_simulated_lesions_says_that_lesions_are_to_be_corrected(masks, notice, package, patient):
    """Of lesions that the program finds, such a model tells little."""
    facts = package.facts
    asked = replace(package, facts=replace(facts, settings={**facts.settings, "masks": masks}))
    said = {LEARNED_FROM_DRAWN, LEARNED_FROM_SIMULATED} & set(classify_patient(patient, asked).notices)
    assert said == ({notice} if notice else set())


def test_without_lesions_there_is_an_answer_and_no_estimate(package, patient):
    empty = patient.without(frozenset(lesion.number for lesion in patient.report.lesions))
    found = classify_patient(empty, package)
    assert found.probability is None and found.decision == "no estimate" and found.notices == (NO_LESIONS,)
    assert not any(each.fulfilled for each in empty.report.criteria)


def test_a_lesion_that_is_taken_away_leaves_image_table_and_criteria(patient):
    first = patient.report.lesions[0].number
    kept = patient.without(frozenset({first}))
    assert [lesion.number for lesion in kept.report.lesions] == [2, 3]
    assert not (kept.report.numbers.array == first).any()
    assert np.array_equal(kept.lesions.image.array > 0, patient.lesions.without(first) > 0)


class OfHalf:
    """A stand-in whose probability of NMOSD is the share of full voxels in the left half."""

    def of_arrays(self, images: np.ndarray) -> np.ndarray:
        left = (images[..., :50] > 0).reshape(len(images), -1).mean(axis=1)
        return np.stack([1 - left, left], axis=1)


def test_lesions_are_ranked_by_what_they_change_beyond_their_volume():
    image, numbers = np.zeros((100, 100, 100), np.uint8), np.zeros((100, 100, 100), np.int16)
    for number, column in ((1, 10), (2, 60), (3, 70), (4, 80)):
        numbers[40:44, 40:44, column:column + 4] = number
    image[numbers > 0] = 255
    effects = lesion_effects(asks_images(OfHalf(), image), image, numbers)
    assert [effect.number for effect in effects] == [1, 2, 3, 4]
    assert effects[0].change == pytest.approx(64 / 500_000) and effects[0].matched == pytest.approx(0)
    assert effects[1].change == 0 and effects[1].matched >= 0 and effects[1].beyond_volume <= 0


def test_matched_pieces_have_the_volume_of_the_lesion_and_none_of_its_voxels():
    image, numbers = np.zeros((100, 100, 100), np.uint8), np.zeros((100, 100, 100), np.int16)
    numbers[10:12, 10:12, 10:12], numbers[50:60, 50:60, 50:60] = 1, 2
    image[numbers > 0] = 200
    pieces = matched_pieces(image, numbers, 1, 3, np.random.default_rng(0))
    assert [int(piece.sum()) for piece in pieces] == [8, 8, 8]
    assert not any(piece[numbers == 1].any() for piece in pieces)
    assert matched_pieces(image, numbers, 2, 3, np.random.default_rng(0)) == []
    assert LesionEffect(2, 0.25, float("nan")).beyond_volume == 0.25


@pytest.mark.parametrize("name", ["two_view_compact", "resnet3d_compact"])
def test_heat_has_the_shape_of_the_lesion_image(name, patient):
    options = {"width": 2} if name == "two_view_compact" else {"width": 2, "edge": 32}
    heat = both_views_heat(find(name).build(**options).eval(), patient.lesions.image.array)
    assert heat.shape == (100, 100, 100) and np.isfinite(heat).all() and heat.min() >= 0


def test_an_explanation_names_every_lesion_and_colours_it(package, patient):
    found = explain(patient, package)
    assert sorted(effect.number for effect in found.effects) == [1, 2, 3]
    sizes = [abs(effect.beyond_volume) for effect in found.effects]
    assert sizes == sorted(sizes, reverse=True) and np.isnan(found.random_agreement)
    coloured = effects_image(patient, found)
    assert coloured.array.shape == patient.flair.array.shape
    assert not coloured.array[patient.report.numbers.array == 0].any()


def test_a_learner_on_the_lesion_table_answers_and_explains_without_an_image(cohort, patient, tmp_path):
    config = config_from_dict({"name": "test-table", "title": "Table", "network": "lesion_table", "schedule": None})
    package = train_package(TASK, cohort, estimator_of(config), config, package_words(config, cohort),
                            tmp_path / "test-table", documents=documents)
    assert judge_package(task, package, cohort, tmp_path / "judged")["novelty"]["median"] < 5
    found, reasons = classify_patient(patient, package), explain(patient, package)
    assert 0 < found.probability < 1 and reasons.heat is None
    first = next(effect for effect in reasons.effects if effect.number == 1)
    without = classify_patient(patient.without(frozenset({1})), package)
    assert first.change == pytest.approx(found.probability - without.probability, abs=0.02)


def test_a_network_on_the_flair_with_weights_of_ones_own_is_packed_and_answers(cohort, patient, tmp_path):
    """Its options of the training were written as arguments of the network: no command could read the package."""
    for place, name in enumerate(cohort.names):
        lesions = cohort.array("lesions", place)
        write_case_arrays(tmp_path / "cohort", name, {"lesions": lesions, "flair": lesions // 2})
    own = write_cohort(tmp_path / "cohort", cohort.cases, cohort.facts)
    start = tmp_path / "resnet18.safetensors"
    write_weights(find("two_view_compact").build(width=4).features.stages.state_dict(), start)
    config = config_from_dict({**CONFIG, "network_options": {"width": 4, "input": "flair", "start": str(start)}})
    package = train_package(TASK, own, estimator_of(config), config, package_words(config, own),
                            tmp_path / "test-differential", documents=documents)
    start.unlink()
    assert package.facts.network_arguments == {"width": 4} and len(package.facts.settings["start_sha256"]) == 64
    assert str(tmp_path) not in json.dumps(package.facts.settings)
    expected = predictor_of(package).of_arrays(patient.array("flair")[None])[0, 1]
    assert classify_patient(patient, package).probability == pytest.approx(float(expected), abs=1e-6)


def test_the_commands_answer_and_explain_files(package, files, tmp_path, capsys):
    arguments = [str(files / "flair.nii.gz"), "--lesions", str(files / "lesions.nii.gz"), "--anatomy",
                 str(files / "anatomy.nii.gz"), "--model", str(package.folder)]
    assert main(["classify", *arguments, "--json", "--report", str(tmp_path / "page.html")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lesion_count"] == 3 and 0 < found["probability_of_nmosd"] < 1
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"{100 * found['probability_of_nmosd']:.0f} % for NMOSD" in page and package.sha256 in page
    assert all(f"<td>{row['volume_mm3']:.0f}</td>" in page for row in found["lesions"])
    assert f"3, {found['volume_ml']:.2f} ml, {found['percent_of_intracranial']:.2f} % of the intracranial" in page
    assert "flair.nii" not in page, "names of files stay here"
    assert main(["explain", *arguments, "-o", str(tmp_path / "why")]) == 0
    assert "probability of NMOSD" in capsys.readouterr().out
    (_, header), *rows = read_records(tmp_path / "why" / "lesions.csv")
    assert len(rows) == 3 and {"lesion", "region", "change", "matched", "beyond_volume"} <= set(header)
    assert load_image(tmp_path / "why" / "effects.nii.gz").array.shape == load_image(
        files / "flair.nii.gz").array.shape


def test_an_explanation_never_stands_beside_results_of_an_earlier_one(package, files, tmp_path, capsys):
    """The heat map of another patient would pass for this one's."""
    folder = tmp_path / "why"
    scan = ["explain", str(files / "flair.nii.gz"), "--anatomy", str(files / "anatomy.nii.gz"), "-o", str(folder)]
    of_network, of_table = (["--model", name] for name in (str(package.folder), "neuro-lesion-table"))
    lesions = load_image(files / "lesions.nii.gz")
    save_image(lesions.with_array(np.zeros_like(lesions.array)), tmp_path / "none.nii.gz")
    some, none = (["--lesions", str(path)] for path in (files / "lesions.nii.gz", tmp_path / "none.nii.gz"))
    assert main([*scan, *some, *of_network]) == 0
    assert main([*scan, *some, *of_network]) == 0, "the same files are replaced"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main([*scan, *some, *of_table]) == 1
    assert "holds heat.nii.gz of an earlier run" in capsys.readouterr().err
    assert main([*scan, *none, *of_table]) == 1
    assert "holds numbers.nii.gz, effects.nii.gz, heat.nii.gz, lesions.csv of an" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (folder / "heat.nii.gz").unlink()
    assert main([*scan, *some, *of_table]) == 0


def test_the_report_quotes_the_comparison_with_an_earlier_visit(patient, package):
    record = {**differential_data(classify_patient(patient, package), package), **patient.report.as_dict()}
    changes = {"before_ml": 1.0, "after_ml": 1.5, "change_ml": 0.5, "noise_ml": 0.2, "new": 2, "grown": 0, "shrunk": 1,
               "vanished": 0, "stable": 4}
    tables = {str(table.heading): table for table in report_words(record, changes=changes).tables}
    told = {str(title): text for title, text in tables["Since the earlier visit"].rows}
    assert told["Change (ml)"] == "+0.50" and told["New lesions"] == "2" and told["Volume now (ml)"] == "1.50"
    assert "Since the earlier visit" not in {str(table.heading) for table in report_words(record).tables}


def test_files_that_do_not_exist_are_named(package, capsys):
    assert main(["classify", "none.nii.gz", "--model", str(package.folder)]) == 1
    assert "There is no file or folder none.nii.gz" in capsys.readouterr().err


def test_a_t1_is_refused_as_flair_by_its_bright_white_matter(patient):
    white = patient.anatomy.array == BrainPart.WHITE_MATTER
    refuse_t1(patient.flair, patient.anatomy)
    t1 = patient.flair.with_array(np.where(white, 150.0, 100.0).astype(np.float32))
    with pytest.raises(Problem, match="looks like a T1, not a FLAIR"):
        refuse_t1(t1, patient.anatomy)


@pytest.mark.parametrize(("part", "match"), [(BrainPart.WHITE_MATTER, "looks like a T1"),
                                             (BrainPart.LATERAL_VENTRICLE, "looks like a T2")])
def test_a_scan_whose_lesions_and_anatomy_are_given_must_be_a_flair_as_well(patient, part, match):
    scan = patient.flair.with_array(np.where(patient.anatomy.array == part, 150.0, 100.0).astype(np.float32))
    with pytest.raises(Problem, match=match):
        patient_of(scan, lesions=patient.report.numbers, anatomy=patient.anatomy)


@pytest.mark.parametrize(("added", "kind"), [(0, np.int16), (1024, np.uint16)])
def test_a_ct_whose_lesions_and_anatomy_are_given_is_refused(patient, added, kind):
    """It was measured as a FLAIR: without its negative values, which were taken for an offset, it looked like one.

    So did a CT that was stored without negative values.
    """
    brain = ndimage.binary_fill_holes(patient.anatomy.array > 0)
    bone, fat = (ndimage.binary_dilation(brain, iterations=count) for count in (2, 4))
    units = np.select([brain, bone, fat], [35, 900, -90], -1000) + np.random.default_rng(0).normal(0, 8, brain.shape)
    stored = np.maximum(units + added, -1000 + added).astype(kind)
    with pytest.raises(Problem, match="This is a CT, not a FLAIR"):
        patient_of(patient.flair.with_array(stored), lesions=patient.report.numbers,
                   anatomy=patient.anatomy)
