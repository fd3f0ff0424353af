"""Learners on numbers in packages: plain tensors that answer as scikit-learn does, refused when they are not whole."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
import torch

from NeuroOrbitLib.classifiers.cohort import read_cohort, write_cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan
from NeuroOrbitLib.classifiers.judging import judge_by_crossvalidation
from NeuroOrbitLib.classifiers.model_kind import ModelKind
from NeuroOrbitLib.classifiers.nested import NestedChoice
from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor, is_of_numbers
from NeuroOrbitLib.classifiers.package_predictor import NUMBERS
from NeuroOrbitLib.classifiers.packing import CHOICE, PackageWords, packed_of, train_package
from NeuroOrbitLib.classifiers.tabular import LEARNERS, TabularEstimator
from NeuroOrbitLib.classifiers.training_config import config_from_dict
from NeuroOrbitLib.models import ModelPackage, ModelProblem, write_package
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence
from Testing.Python.classifiers.test_estimators import SELECTION, TASK, cohort_of

CONFIG = config_from_dict({"name": "test-numbers", "title": "Numbers", "network": "radiomics", "schedule": None})
WORDS = PackageWords("1.0.0", "numbers", "A test.", {}, "responders")


@pytest.fixture(scope="module")
def cohort():
    """60 cases of which three numbers tell the class; some are missing."""
    rng = np.random.default_rng(5)
    labels = np.repeat(rng.permutation(np.repeat([0, 1], 15)), 2)
    values = 20 + 7 * rng.normal(size=(60, 9))
    values[:, :3] += 6 * labels[:, None]
    values[::7, 1] = np.nan
    return cohort_of(values, labels)


def written(cohort, estimator, folder) -> ModelPackage:
    return train_package(TASK, cohort, estimator, CONFIG, WORDS, folder / "test-numbers", half=True)


@pytest.mark.parametrize("logarithms", [False, True])
@pytest.mark.parametrize("learner", LEARNERS)
def test_a_package_answers_as_scikit_learn_to_the_ninth_digit(learner, logarithms, cohort, tmp_path):
    estimator = TabularEstimator("all", tuple(cohort.columns), learner, SELECTION, logarithms=logarithms)
    package = ModelPackage.open(written(cohort, estimator, tmp_path).folder)
    assert is_of_numbers(package) and package.weights_path.suffix == ".safetensors"
    predictor = NumberPredictor.of_package(package, package.document(NUMBERS))
    fitted = estimator.fit(cohort, range(60), seed=CONFIG.seed)
    assert predictor.columns == fitted.selected and len(predictor.columns) < 9
    values = np.random.default_rng(1).normal(20, 12, size=(400, 9))
    values[::3, :4] = np.nan
    asked = [int(name[1:]) for name in predictor.columns]
    assert np.abs(predictor.of_numbers(values[:, asked]) - fitted.of_numbers(values)).max() < 1e-9
    one = dict(zip(cohort.columns, values[0], strict=True))
    assert predictor.of_case(np.zeros(1), one) == pytest.approx(fitted.of_numbers(values[:1])[0], abs=1e-9)


def test_a_learner_on_logarithms_hardly_minds_one_huge_number(cohort):
    plain, compressed = (TabularEstimator("all", tuple(cohort.columns), logarithms=logarithms).fit(cohort, range(60))
                         for logarithms in (False, True))
    usual = np.full((1, 9), 20.0)
    huge = np.where(np.arange(9) == 0, 400.0, usual)
    for fitted, expected in ((plain, True), (compressed, False)):
        assert (fitted.of_numbers(huge)[0, 1] > 0.999999) == expected
    assert compressed.of_numbers(huge)[0, 1] > compressed.of_numbers(usual)[0, 1]


def test_the_choice_among_learners_is_packed_with_what_each_reached(cohort, tmp_path):
    candidates = tuple(TabularEstimator(name, (column,)) for name, column in (("good", "f0"), ("bad", "f7")))
    package = written(cohort, NestedChoice("choice", candidates, folds=3), tmp_path)
    choice = package.document(CHOICE)
    assert choice["chosen"] == "good" and choice["reached"]["good"] > choice["reached"]["bad"]
    assert package.document(NUMBERS) == {"columns": ["f0"]}


def test_a_package_states_the_sensitivity_of_its_own_threshold(cohort, tmp_path):
    """The card, and with it the predictive values in the panel, gave the sensitivity of the threshold before."""
    cohort = write_cohort(tmp_path / "cohort", cohort.cases, {"arrays": False})
    estimator = TabularEstimator("all", tuple(cohort.columns))

    def judged(threshold: float) -> dict:
        return judge_by_crossvalidation(TASK, cohort, estimator, tmp_path / "judged", Plan(3), "All", threshold)

    usual, config = judged(0.5), replace(CONFIG, threshold=0.1)
    with pytest.raises(Problem, match=r"judged at the threshold 0\.5, .* decide at 0\.1\. .* --set threshold=0\.1"):
        train_package(TASK, cohort, estimator, config, WORDS, tmp_path / "package", tmp_path / "judged")
    found = judged(0.1)["measures"]["sensitivity"]["mean"]
    assert found > usual["measures"]["sensitivity"]["mean"]
    package = train_package(TASK, cohort, estimator, config, WORDS, tmp_path / "package", tmp_path / "judged")
    assert package.facts.performance["sensitivity, mean over repeats (cross-validated)"] == round(found, 4)


def test_a_name_of_ones_own_needs_no_other_cross_validation(cohort, tmp_path):
    cohort = write_cohort(tmp_path / "cohort", cohort.cases, {"arrays": False})

    def choice(name: str) -> NestedChoice:
        return NestedChoice(name, tuple(TabularEstimator(f"{name} {column}", (column,)) for column in ("f0", "f7")), 2)

    judge_by_crossvalidation(TASK, cohort, choice("shipped"), tmp_path / "judged", Plan(3), "All")
    package = train_package(TASK, cohort, choice("clinic"), replace(CONFIG, name="clinic"), WORDS,
                            tmp_path / "package", tmp_path / "judged")
    assert package.name == "clinic" and package.facts.calibration["temperature"] > 0


def test_three_classes_of_a_forest_are_packed():
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(3), 20)
    cohort = cohort_of(rng.normal(size=(60, 3)) + np.eye(3)[labels], labels)
    fitted = TabularEstimator("three", tuple(cohort.columns), "forest", options={"n_estimators": 20}).fit(
        cohort, range(60))
    values = rng.normal(size=(50, 3))
    assert np.abs(packed_of(fitted, CONFIG).predictor.of_numbers(values) - fitted.of_numbers(values)).max() < 1e-9


def test_a_learner_that_cannot_be_written_is_named_before_anything_is():
    labels = np.repeat(np.arange(3), 20)
    cohort = cohort_of(np.random.default_rng(1).normal(size=(60, 3)) + np.eye(3)[labels], labels)
    fitted = TabularEstimator("three", tuple(cohort.columns), "svm").fit(cohort, range(60))
    with pytest.raises(Problem, match="of 3 classes cannot be written to a package"):
        packed_of(fitted, CONFIG)


@pytest.fixture(scope="module")
def forest(cohort, tmp_path_factory) -> ModelPackage:
    estimator = TabularEstimator("all", tuple(cohort.columns), "forest", options={"n_estimators": 5})
    return written(cohort, estimator, tmp_path_factory.mktemp("forest"))


@pytest.mark.parametrize(("name", "value"), [("feature", 9), ("left", -1), ("right", 8000), ("sd", 0.0)])
def test_a_tree_that_leads_nowhere_is_refused(name, value, forest, tmp_path):
    weights = forest.load_state_dict()
    weights[name] = torch.full_like(weights[name], value)
    hostile = write_package(tmp_path / "hostile", weights, forest.facts, documents={NUMBERS: forest.document(NUMBERS)})
    with pytest.raises(ModelProblem, match="not described as this version"):
        NumberPredictor.of_package(hostile, hostile.document(NUMBERS))


def test_a_tree_that_leads_in_circles_ends(forest, tmp_path):
    weights = forest.load_state_dict()
    weights["left"][:], weights["right"][:] = 0, 0
    circle = write_package(tmp_path / "circle", weights, forest.facts, documents={NUMBERS: forest.document(NUMBERS)})
    found = NumberPredictor.of_package(circle, circle.document(NUMBERS)).of_numbers(np.zeros((1, 9)))
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize("damage", ["columns", "document", "network", "size"])
def test_parts_that_do_not_belong_together_are_refused(damage, forest, tmp_path):
    facts, document = forest.facts, forest.document(NUMBERS)
    if damage == "network":
        facts = replace(facts, network="numbers_nothing")
    if damage == "size":
        facts = replace(facts, network_arguments={**facts.network_arguments, "trees": 8000})
    changed = {"columns": {"columns": document["columns"][:2]}, "document": None}.get(damage, document)
    hostile = write_package(tmp_path / "hostile", forest.load_state_dict(), facts, documents={NUMBERS: changed})
    with pytest.raises(ModelProblem):
        NumberPredictor.of_package(hostile, hostile.document(NUMBERS))


def test_a_changed_number_in_the_file_is_noticed(forest, tmp_path, cohort):
    package = written(cohort, TabularEstimator("one", ("f0",)), tmp_path)
    metadata = json.loads((package.folder / "configs" / "metadata.json").read_text())
    assert metadata["neuro_orbit"]["network"]["name"] == "numbers_logistic"
    content = bytearray(package.weights_path.read_bytes())
    content[-3] ^= 1
    package.weights_path.write_bytes(bytes(content))
    with pytest.raises(ModelProblem, match="damaged or was changed"):
        NumberPredictor.of_package(ModelPackage.open(package.folder), {"columns": ["f0"]})


def test_a_package_of_a_cohort_of_numbers_alone_is_refused_before_anything_is_trained(cohort, tmp_path):
    """A package says of later scans how usual they are, for which it needs the images of its training."""
    numbers = write_cohort(tmp_path / "cohort", cohort.cases, {"arrays": False})
    estimator = TabularEstimator("logistic", ("f1",))
    with pytest.raises(Problem, match=r"cohort .*cohort holds numbers alone.*with its images.*crossvalidate"):
        train_package(TASK, numbers, estimator, CONFIG, WORDS, tmp_path / "package",
                      documents=lambda predictor, cohort: {"seen": cohort.arrays("image")})
    assert {path.name for path in tmp_path.iterdir()} == {"cohort"}
    with pytest.raises(Problem, match=r"case 0 of .*cohort has no images.*numbers alone"):
        read_cohort(numbers.folder).array("image", 0)


@pytest.mark.parametrize(("settings", "calibration", "said"), [
    ({"threshold": "0,4"}, {}, "a threshold of '0,4', which is no probability"), ({"threshold": 40}, {}, "of 40,"),
    ({}, {}, "a threshold of None"), ({"threshold": 0.4}, {"temperature": -1.0}, "not described as"),
    ({"threshold": 0.4}, {"temperature": 1.0, "spread": {"log_odds_sd": float("nan")}}, "not described as")])
def test_a_threshold_or_calibration_that_is_none_is_refused(settings, calibration, said):
    """A threshold of 40 made every patient negative, a temperature of -1 turned the answers over."""
    kind = ModelKind("test", ("no", "yes"), sentence("{package} is another one."))
    facts = Namespace(settings={"kind": "test", **settings}, labels=("no", "yes"), calibration=calibration)
    with pytest.raises(ModelProblem, match=said):
        kind.require(Namespace(name="own", facts=facts))
    kind.require(Namespace(name="own", facts=Namespace(**{**vars(facts), "settings": {"kind": "test", "threshold": 0.4},
                                                          "calibration": {"temperature": 1.5}})))
