"""Statistics of classifiers against known values and independent implementations."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from NeuroOrbitLib.evaluation.classification.calibration import (
    brier_score,
    calibration_line,
    fit_temperature,
    log_odds,
    reliability,
    with_temperature,
)
from NeuroOrbitLib.evaluation.classification.decision_curve import decision_curve
from NeuroOrbitLib.evaluation.classification.permutation import permutation_p_value, permuted_labels
from NeuroOrbitLib.evaluation.classification.roc import (
    area_under_curve,
    bootstrap_interval,
    delong_interval,
    delong_test,
)
from NeuroOrbitLib.evaluation.classification.thresholds import Decisions, decide
from NeuroOrbitLib.problem import Problem


def scored(n: int = 400, distance: float = 1.5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 3 == 0).astype(int)
    return labels, rng.normal(distance * labels)


def test_area_counts_ordered_pairs_and_ties_half():
    assert area_under_curve([0, 0, 1, 1], np.array([1, 2, 3, 4])) == 1.0
    assert area_under_curve([0, 0, 1, 1], np.array([1, 2, 2, 4])) == pytest.approx(3.5 / 4)
    labels, scores = scored()
    rounded = scores.round(1)
    assert area_under_curve(labels, rounded) == pytest.approx(roc_auc_score(labels, rounded))
    with pytest.raises(Problem, match="both classes"):
        area_under_curve([1, 1], np.array([1, 2]))


def test_delong_has_the_known_variance():
    # 3 positives, 3 negatives, by hand: V10 = (1, 1, 2/3), V01 = (1, 1, 2/3); variance 2 * (1/27) / 3.
    labels, scores = np.array([1, 1, 1, 0, 0, 0]), np.array([6.0, 5, 3, 4, 2, 1])
    found = delong_interval(labels, scores)
    assert found.value == pytest.approx(8 / 9)
    assert found.value - found.low == pytest.approx(1.959964 * np.sqrt(2 / 81))
    assert found.high == 1.0


def test_delong_interval_covers_as_often_as_it_says_and_its_test_keeps_its_level():
    truth, covered, rejected = 0.8413447, 0, 0  # two normals, sqrt(2) apart: the area is Phi(1)
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], 60)
    for _ in range(300):
        signal = rng.normal(size=120) + np.sqrt(2) * labels
        interval = delong_interval(labels, signal)
        covered += interval.low <= truth <= interval.high
        noisy = [signal + rng.normal(size=120) for _ in range(2)]
        rejected += delong_test(labels, *noisy).p_value < 0.05
    assert 0.91 <= covered / 300 <= 0.98
    assert rejected / 300 <= 0.09


def test_delong_tells_a_better_score_from_a_worse_one():
    labels, scores = scored()
    worse = scores + np.random.default_rng(3).normal(scale=2.5, size=len(scores))
    found = delong_test(labels, scores, worse)
    assert found.p_value < 1e-3 and found.difference.low > 0
    assert delong_test(labels, scores, scores).p_value == 1.0


def test_delong_says_nothing_where_the_variance_is_not_known():
    """One case of a class has no variance, and a perfect score beside a constant one none that can be estimated."""
    labels, scores = np.array([1] + [0] * 30), np.concatenate([[0.8], np.linspace(0, 0.9, 30)])
    interval, found = delong_interval(labels, scores), delong_test(labels, scores, scores[::-1])
    assert interval.value == pytest.approx(26 / 30) and np.isnan([interval.low, interval.high]).all()
    assert np.isnan([found.p_value, found.difference.low, found.difference.high]).all()
    halves = np.repeat([1, 0], 10)
    found = delong_test(halves, halves.astype(float), np.full(20, 0.5))
    assert found.difference.value == 0.5 and np.isnan([found.p_value, found.difference.low]).all()
    assert delong_test(halves, halves.astype(float), 2.0 * halves).p_value == 1.0


def test_delong_counts_patients_not_scans():
    """Five equal scans of each patient tell what one tells (Obuchowski 1997)."""
    labels, scores = scored(60)
    other = scores + np.random.default_rng(1).normal(scale=1.5, size=60)
    five = [np.repeat(values, 5) for values in (labels, scores, other)]
    patients = np.repeat([f"p{n}" for n in range(60)], 5)
    once, again = delong_interval(labels, scores), delong_interval(five[0], five[1], patients)
    assert (again.value, again.low, again.high) == pytest.approx((once.value, once.low, once.high))
    assert delong_test(*five, patients).p_value == pytest.approx(delong_test(labels, scores, other).p_value)
    assert delong_test(*five).p_value < 0.5 * delong_test(*five, patients).p_value
    assert delong_interval(labels, scores, [str(n) for n in range(60)]) == once


def test_delong_keeps_its_level_where_a_patient_has_scans_of_both_classes():
    """Two scans before and after treatment, alike in what makes a score wrong."""
    rng, rejected = np.random.default_rng(7), 0
    patients, labels = np.repeat(np.arange(50), 2).astype(str), np.tile([1, 0], 50)
    for _ in range(300):
        noisy = [labels + np.repeat(rng.normal(size=50), 2) + 0.5 * rng.normal(size=100) for _ in range(2)]
        rejected += delong_test(labels, *noisy, patients).p_value < 0.05
    assert 0.02 <= rejected / 300 <= 0.09


def test_the_bootstrap_draws_patients_not_scans():
    labels, scores = scored(60)
    five_times = [np.repeat(values, 5) for values in (labels, scores)]
    patients = np.repeat([f"p{n}" for n in range(60)], 5)

    def area(drawn: np.ndarray) -> float:
        return area_under_curve(five_times[0][drawn], five_times[1][drawn])

    by_patient = bootstrap_interval(area, patients, 400)
    by_scan = bootstrap_interval(area, [str(n) for n in range(300)], 400)
    assert by_patient.high - by_patient.low > 1.6 * (by_scan.high - by_scan.low)
    single = delong_interval(labels, scores)
    assert by_patient.high - by_patient.low == pytest.approx(single.high - single.low, rel=0.25)


def test_the_papers_table_follows_from_its_counts():
    # Lin et al. 2021, network A: four runs on 7 active and 24 inactive scans, 21/28 and 86/96 found.
    pooled = Decisions(true_positive=21, false_positive=10, true_negative=86, false_negative=7)
    found = {name: round(value, 3) for name, value in pooled.measures().items()}
    assert found == {"accuracy": 0.863, "precision": 0.677, "npv": 0.925, "sensitivity": 0.75, "specificity": 0.896,
                     "f1": 0.712}


def test_decisions_agree_with_scikit_learn():
    labels, scores = scored()
    found = decide(labels, scores, 0.7)
    called = scores >= 0.7
    assert found.precision == pytest.approx(precision_score(labels, called))
    assert found.sensitivity == pytest.approx(recall_score(labels, called))
    assert found.f1 == pytest.approx(f1_score(labels, called))
    assert np.isnan(decide(labels, scores, 99).precision)


def calibrated(n: int = 6000, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probabilities = 1 / (1 + np.exp(-rng.normal(scale=1.5, size=n)))
    return (rng.random(n) < probabilities).astype(int), probabilities


def test_temperature_scaling_undoes_over_confidence():
    labels, probabilities = calibrated()
    too_sure = with_temperature(probabilities, 1 / 2.5)
    temperature = fit_temperature(log_odds(too_sure), labels)
    assert temperature == pytest.approx(2.5, rel=0.08)
    np.testing.assert_allclose(with_temperature(too_sure, 2.5), probabilities, atol=1e-5)
    errors = [reliability(labels, values, 10).expected_error for values in (too_sure, probabilities)]
    assert errors[0] > 0.08 > 0.025 > errors[1]
    assert brier_score(labels, probabilities) < brier_score(labels, too_sure)
    slope, intercept = calibration_line(labels, too_sure)
    assert slope == pytest.approx(1 / 2.5, rel=0.1) and abs(intercept) < 0.1


def test_a_calibration_line_of_classes_that_do_not_overlap_is_not_known():
    """Its slope is infinite: what an optimiser stops at says nothing."""
    labels = np.array([0, 0, 0, 1, 1, 1])
    assert np.isnan(calibration_line(labels, [0.2, 0.3, 0.4, 0.4, 0.5, 0.6])).all()
    assert np.isnan(calibration_line(1 - labels, [0.2, 0.3, 0.4, 0.5, 0.6, 0.7])).all()
    assert np.isfinite(calibration_line(labels, [0.2, 0.3, 0.5, 0.4, 0.5, 0.6])).all()
    assert calibration_line(labels, [0.5] * 6) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_reliability_by_hand():
    labels, probabilities = [0, 1, 1, 1], [0.1, 0.3, 0.8, 1.0]
    found = reliability(labels, probabilities, 2)
    assert (found.predicted.tolist(), found.observed.tolist()) == ([0.2, 0.9], [0.5, 1.0])
    assert found.expected_error == pytest.approx(0.5 * 0.3 + 0.5 * 0.1)
    by_width = reliability(labels, probabilities, 4, equal_counts=False)
    assert by_width.counts.tolist() == [1, 1, 2]


def test_equal_probabilities_share_a_bin_whatever_the_order_of_the_cases():
    """A constant answer that is right on average has no calibration error, though the table is sorted by class."""
    found = reliability([0] * 50 + [1] * 50, [0.5] * 100)
    assert found.counts.tolist() == [100] and found.expected_error == 0.0
    labels, probabilities = np.array([0] * 30 + [1] * 10 + [0] * 10 + [1] * 30), np.repeat([0.25, 0.75], 40)
    assert reliability(labels, probabilities).observed.tolist() == [0.25, 0.75]
    shuffled = np.random.default_rng(0).permutation(80)
    assert reliability(labels[shuffled], probabilities[shuffled]).expected_error == 0.0


def test_net_benefit_by_hand():
    found = decision_curve([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1], np.array([0.5]))
    assert found.model[0] == pytest.approx(1 / 4 - 1 / 4)
    assert found.treat_all[0] == pytest.approx(0.0)
    assert decision_curve([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1], np.array([0.2])).model[0] == pytest.approx(0.5 - 0.0625)


def test_permuted_labels_keep_pairs_and_class_sizes():
    patients = [f"p{n // 2}" for n in range(40)] + [f"q{n}" for n in range(20)]
    labels = np.array([0, 1] * 10 + [0, 0] * 10 + [1] * 5 + [0] * 15)
    permuted = permuted_labels(labels, patients, seed=2)
    assert permuted.sum() == labels.sum() and permuted[:40].sum() == labels[:40].sum()
    pairs = permuted[:40].reshape(20, 2).sum(axis=1)
    assert sorted(pairs.tolist()) == [0] * 10 + [1] * 10, "labels of a pair stay together"
    assert (permuted != labels).any()
    assert (permuted_labels(labels, patients, seed=2) == permuted).all()


def test_the_permutation_test_tells_signal_from_noise():
    labels, scores = scored(90)
    patients = [str(n) for n in range(90)]
    assert permutation_p_value(labels, scores, patients, 200) < 0.01
    assert permutation_p_value(labels, np.random.default_rng(0).normal(size=90), patients, 200) > 0.05


def test_a_probability_of_whole_percents_is_reached_by_the_decision_curve_s_own_threshold():
    """linspace gave 0.29000000000000004: of 99 cases at 1 to 99 %, 16 were not treated at their own threshold."""
    labels, probabilities = np.ones(99, int), np.arange(1, 100) / 100
    curve = decision_curve(labels, probabilities)
    assert (99 * curve.model).round(9).tolist() == list(range(99, 0, -1))
