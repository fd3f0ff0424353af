"""What inputs contribute, what answers mean elsewhere, where numbers lie, and probabilities of one's own patients."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from NeuroOrbitLib.classifiers.contributions import IMAGE, contributions
from NeuroOrbitLib.classifiers.distribution import distribution_document, place_of, places_of, possible_values
from NeuroOrbitLib.classifiers.recalibration import given_recalibration, read_recalibration, recalibrated
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.prevalence import at_prevalence, predictive_values
from NeuroOrbitLib.evaluation.classification.shapley import shapley_values
from NeuroOrbitLib.problem import Problem
from Testing.Python.classifiers.test_estimators import cohort_of


def test_shapley_values_are_those_of_the_glove_game():
    """Shapley's own example: one left and two right gloves; a pair is worth 1."""
    def pair(chosen):
        return float("left" in chosen and bool({"right", "other right"} & chosen))

    found = shapley_values(["left", "right", "other right"], pair)
    assert found == pytest.approx({"left": 2 / 3, "right": 1 / 6, "other right": 1 / 6})
    with pytest.raises(Problem, match="are the most"):
        shapley_values([str(number) for number in range(13)], len)


@pytest.fixture(scope="module")
def found():
    """A model that adds image, a first number and half of a second one; the third is not used."""
    rng = np.random.default_rng(2)
    labels = np.tile([0, 1], 100)
    image, values = rng.normal(size=200) + labels, rng.normal(size=(200, 3)) + labels[:, None]
    return contributions(labels, values, {IMAGE: (), "radiomics": (0,), "clinical": (1, 2)},
                         lambda order, numbers: image[order] + numbers[:, 0] + 0.5 * numbers[:, 1],
                         {"half": 1, "nothing": 2})


def test_contributions_add_up_to_the_auc_and_order_the_inputs(found, tmp_path):
    assert sum(found.groups.values()) == pytest.approx(found.auc - 0.5, abs=0.04)
    assert abs(found.groups[IMAGE] - found.groups["radiomics"]) < 0.05
    assert 0.01 < found.groups["clinical"] < found.groups[IMAGE]
    half, nothing = found.numbers
    assert half.name == "half" and half.low > 0.005 and half.sd > 0
    assert (nothing.mean, nothing.sd) == (0.0, 0.0)
    found.write(tmp_path, {"half": "Half of it"})
    assert json.loads((tmp_path / "contributions.json").read_text())["groups"].keys() == found.groups.keys()
    assert b"Half of it" in (tmp_path / "contributions_numbers.svg").read_bytes() or (
        tmp_path / "contributions_numbers.png").stat().st_size > 1000


def test_predictive_values_follow_the_prevalence():
    half, rare = predictive_values(0.9, 0.8, 0.5), predictive_values(0.9, 0.8, 0.1)
    assert half.positive == pytest.approx(0.45 / 0.55) and half.negative == pytest.approx(0.4 / 0.45)
    assert rare.positive == pytest.approx(0.09 / 0.27) and rare.negative == pytest.approx(0.72 / 0.73)
    assert np.isnan(predictive_values(0.0, 1.0, 0.5).positive)
    assert at_prevalence(0.7, 0.4, 0.4) == pytest.approx(0.7) and at_prevalence(0.4, 0.4, 0.1) == pytest.approx(0.1)
    for wrong in (lambda: predictive_values(0.9, 0.8, 0.0), lambda: predictive_values(1.2, 0.8, 0.5),
                  lambda: at_prevalence(0.5, 0.4, 1.0)):
        with pytest.raises(Problem, match="between 0 and 1"):
            wrong()


def test_the_place_of_a_number_among_the_training_s():
    values = np.stack([np.arange(101.0), np.repeat([0.0, 1.0], [76, 25])], axis=1)
    document = json.loads(json.dumps(distribution_document(cohort_of(values, np.tile([0, 1], 51)[:101]), ["f0", "f1"])))
    inside, outside = place_of("f0", 30.0, document["f0"]), place_of("f0", 104.0, document["f0"])
    assert inside.percentile == pytest.approx(30) and not inside.outside and outside.outside
    assert (inside.low, inside.high) == (5.0, 95.0)
    first, second = places_of({"f1": 0.0}, document)
    assert first.as_data()["value"] is None and second.percentile == pytest.approx(37.5)  # the middle of 0 to 75 %
    assert possible_values(document["f0"]) == (10.0, 90.0)
    rare = np.percentile(np.repeat([0.0, 1.0], [93, 7]), np.arange(0, 101, 5)).tolist()
    assert possible_values(rare, True) == (0.0, 1.0), "yes of 7 % of the patients changes the answer, too"


@pytest.fixture(scope="module")
def own_patients() -> Predictions:
    """300 patients of whom the model thinks too little, and is too sure."""
    rng = np.random.default_rng(4)
    truth = rng.normal(size=300)
    labels = (rng.random(300) < expit(truth)).astype(int)
    names = [f"P{number}" for number in range(300)]
    return Predictions.of(names, names, labels, expit(2 * truth - 1.5))


def test_recalibration_finds_slope_and_intercept_and_helps(own_patients, tmp_path):
    found = recalibrated(own_patients, "model", "abc")
    assert found.slope == pytest.approx(0.5, abs=0.15) and found.intercept == pytest.approx(0.75, abs=0.3)
    assert found.helps and found.brier_after < 0.95 * found.brier_before
    found.write(tmp_path / "own.json")
    again = read_recalibration(tmp_path / "own.json", "abc")
    assert again == found and again.probability(0.18) == pytest.approx(expit(found.slope * np.log(0.18 / 0.82)
                                                                              + found.intercept))
    with pytest.raises(Problem, match="belongs to another model"):
        read_recalibration(tmp_path / "own.json", "other")
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(Problem, match="is no recalibration"):
        read_recalibration(tmp_path / "other.json", "abc")


def test_a_recalibration_is_of_the_calibration_that_the_model_had(own_patients):
    """A package with the same weights and another temperature gives other probabilities: the fit made them wrong."""
    made = recalibrated(own_patients, "model", "abc", temperature=1.5).as_data()
    package, again = (Namespace(name="model", sha256="abc", facts=Namespace(calibration={"temperature": value}))
                      for value in (1.5, 2.5))
    assert given_recalibration(made, package).temperature == 1.5
    with pytest.raises(Problem, match="was calibrated anew after the recalibration was made"):
        given_recalibration(made, again)
    earlier = {name: value for name, value in made.items() if name != "temperature"}
    assert given_recalibration(earlier, again).slope == made["slope"]


def test_a_recalibration_that_makes_new_patients_worse_does_not_help():
    """24 patients whose probabilities are right already: two more numbers only add noise."""
    probabilities = np.tile([0.2, 0.4, 0.6, 0.8], 6)
    labels = np.array([0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1])
    names = [f"P{number}" for number in range(24)]
    found = recalibrated(Predictions.of(names, names, labels, probabilities), "model", "abc")
    assert found.brier_after > found.brier_before and not found.helps


def test_a_model_that_orders_the_patients_the_wrong_way_round_is_not_turned_over(own_patients, tmp_path):
    """Outcomes that were exchanged, or a model that is of no use here: its answers must not be reversed unasked."""
    exchanged = Predictions.of(own_patients.cases, own_patients.patients, 1 - own_patients.labels,
                               own_patients.probabilities)
    with pytest.raises(Problem, match=r"wrong way round \(slope -0\.\d+\).*outcomes"):
        recalibrated(exchanged, "model", "abc")
    kept = replace(recalibrated(own_patients, "model", "abc"), slope=-0.5)
    kept.write(tmp_path / "old.json")
    with pytest.raises(Problem, match="wrong way round"):
        read_recalibration(tmp_path / "old.json", "abc")


def test_a_model_that_gives_every_patient_the_same_probability_is_said_to_do_so():
    """It was said to order the patients the wrong way round (slope 0.00)."""
    names = [f"P{number}" for number in range(30)]
    with pytest.raises(Problem, match=r"all of these patients the probability 0\.40: it does not tell them apart"):
        recalibrated(Predictions.of(names, names, np.arange(30) % 2, np.full(30, 0.4)), "model", "abc")


def test_patients_whom_the_model_tells_apart_without_a_fault_give_no_slope():
    """30 patients at 30 % and 70 %: the fit made 0.01 % and 99.99 % of that, and said that it helps."""
    labels = np.arange(30) % 2
    names = [f"P{number}" for number in range(30)]
    with pytest.raises(Problem, match="tells all of these patients apart"):
        recalibrated(Predictions.of(names, names, labels, np.where(labels, 0.7, 0.3)), "model", "abc")
    probabilities = np.where(labels, 0.7, 0.3)
    probabilities[0] = 0.8  # without this one they are told apart in a fold
    found = recalibrated(Predictions.of(names, names, labels, probabilities), "model", "abc")
    assert np.isfinite([found.slope, found.brier_after]).all()


def test_scans_of_one_patient_are_counted_once():
    rng = np.random.default_rng(1)
    labels = np.repeat(rng.permutation(np.repeat([0, 1], 15)), 2)
    found = recalibrated(Predictions.of([f"c{n}" for n in range(60)], [f"p{n // 2}" for n in range(60)], labels,
                                        expit(labels - 0.5 + rng.normal(size=60))), "model", "abc")
    assert (found.patients, found.positives) == (30, 15)


def test_too_few_patients_are_refused(own_patients):
    few = np.concatenate([np.flatnonzero(own_patients.labels == 1)[:9], np.flatnonzero(own_patients.labels == 0)])
    chosen = Predictions.of([own_patients.cases[n] for n in few], [own_patients.cases[n] for n in few],
                            own_patients.labels[few], own_patients.probabilities[few])
    with pytest.raises(Problem, match="9 positive patients are too few"):
        recalibrated(chosen, "model", "abc")


def test_answers_of_a_folder_are_joined_with_outcomes_or_told(tmp_path):
    from NeuroOrbitLib.classifiers.commands.recalibrate import answers_of_folder
    from Testing.Python.classifiers.test_estimators import TASK

    package = Namespace(sha256="abc")
    for name, sha256 in (("A", "abc"), ("B", "abc"), ("C", "other")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"probability_of_response": 0.25,
                                                           "model": {"sha256": sha256}}))
    table = tmp_path / "outcomes.csv"
    table.write_text("case,outcome\nA,responder\nB,no\n")
    found = answers_of_folder(tmp_path, table, TASK, package)
    assert found.labels.tolist() == [1, 0] and found.probabilities.tolist() == [0.25, 0.25]
    assert found.patients == ("A", "B")
    table.write_text("case,patient,outcome\nA,P 1,responder\nB,p1,no\n")
    assert answers_of_folder(tmp_path, table, TASK, package).patients == ("P 1", "P 1")
    for lines, words in (("C,yes", "answer of another model"), ("D,yes", "cannot be used"), ("A,maybe", "'maybe'"),
                         ("A,yes\nA,yes", "twice")):
        table.write_text(f"case,outcome\n{lines}\n")
        with pytest.raises(Problem, match=words):
            answers_of_folder(tmp_path, table, TASK, package)


def test_outcomes_find_the_answers_of_cases_whose_names_no_file_can_have(tmp_path):
    """The batch writes the answer about "P 01" as P-01.json."""
    from NeuroOrbitLib.classifiers.commands.recalibrate import answers_of_folder
    from Testing.Python.classifiers.test_estimators import TASK

    for name, probability in (("P-01", 0.25), ("Müller-2-3", 0.75)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"probability_of_response": probability,
                                                           "model": {"sha256": "abc"}}))
    table = tmp_path / "outcomes.csv"
    table.write_text("case;outcome\nP 01;responder\nMüller 2/3;no\n", encoding="cp1252")
    found = answers_of_folder(tmp_path, table, TASK, Namespace(sha256="abc"))
    assert found.cases == ("P 01", "Müller 2/3") and found.probabilities.tolist() == [0.25, 0.75]
    table.write_text("case,outcome\nP 01,responder\nP-01,no\n", encoding="utf-8")
    with pytest.raises(Problem, match="P-01 is twice in the table"):
        answers_of_folder(tmp_path, table, TASK, Namespace(sha256="abc"))
