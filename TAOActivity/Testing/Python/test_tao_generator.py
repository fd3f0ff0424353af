"""The synthetic cohort is the paper's in size, and its labels are as noisy as they say."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.phantom.orbit.activity import MuscleTissue
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.relaxation import tissue_table, water_signal
from NeuroOrbitLib.phantom.tissue import MUSCLE_TISSUES, Tissue
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.clinical_score import is_active, score_of
from TAOActivityLib.synthetic.inflammation import ceiling, draw_items, draw_t2, muscle_tissue_of
from TAOActivityLib.synthetic.plan import ActivityCohortPlan, plan_visits


def test_the_default_cohort_is_the_papers():
    visits = plan_visits(ActivityCohortPlan())
    labels = np.array([visit.inflammation.active for visit in visits])
    assert (len(visits), len({visit.patient for visit in visits}), labels.sum()) == (160, 108, 50)
    assert len({visit.name for visit in visits}) == 160
    pairs = [visit for visit in visits if visit.number == 2]
    assert len(pairs) == 52
    before = {visit.patient: visit for visit in visits if visit.number == 1}
    assert all(before[visit.patient].head_seed == visit.head_seed for visit in pairs), "one anatomy, two visits"
    fall = np.array([before[visit.patient].inflammation.t2 - visit.inflammation.t2 for visit in pairs])
    assert fall.mean() > 3 and labels[[visit.number == 1 for visit in visits]].mean() > 0.3
    assert plan_visits(ActivityCohortPlan(seed=3)) == plan_visits(ActivityCohortPlan(seed=3)) != visits


def test_the_ceiling_is_that_of_the_true_t2():
    found = ceiling(40_000)
    assert 0.89 < found["auc"] < 0.95 and 0.09 < found["label_noise"] < 0.16
    areas = []
    for seed in range(8):
        visits = plan_visits(ActivityCohortPlan(seed=seed))
        labels = np.array([visit.inflammation.active for visit in visits])
        areas.append(area_under_curve(labels, np.array([visit.inflammation.t2 for visit in visits])))
    assert np.mean(areas) == pytest.approx(found["auc"], abs=0.02)


def test_without_inflammation_the_score_says_nothing():
    rng = np.random.default_rng(0)
    items = draw_items(rng, np.full(5000, 63.0))
    assert items.shape == (5000, 7) and 0.02 < (items.sum(axis=1) >= 3).mean() < 0.20
    assert (draw_items(rng, np.full(5000, 95.0)).sum(axis=1) >= 3).mean() > 0.9
    t2 = draw_t2(rng, 0.5, 20_000)
    assert t2.mean() == pytest.approx(72.5, abs=0.5)


def test_numbers_that_do_not_go_together_are_explained():
    for plan in (ActivityCohortPlan(10, 30), ActivityCohortPlan(10, 5), ActivityCohortPlan(10, 12, 13)):
        with pytest.raises(Problem):
            plan_visits(plan)


def test_the_clinical_score():
    assert [is_active(score) for score in (0, 2, 3, 7)] == [False, False, True, True]
    assert score_of([1, 0, 1, 1, 0, 0, 0]) == 3
    for bad in (lambda: is_active(8), lambda: score_of([1, 0]), lambda: score_of([2, 0, 0, 0, 0, 0, 0])):
        with pytest.raises(ValueError):
            bad()


def test_one_muscle_is_most_involved_and_brightest():
    tissue = muscle_tissue_of(95.0, 0.5, np.random.default_rng(1))
    assert max(tissue.involvement) == 1.0 and min(tissue.involvement) < 0.9
    signal = water_signal(protocol("mr-axial-spir"), tissue_table(tissue, 3.0, False))
    muscles = signal[list(MUSCLE_TISSUES)]
    assert np.argmax(muscles) == np.argmax(tissue.involvement)
    assert muscles.max() / signal[Tissue.WHITE_MATTER] > 1.21, "published ratio of active muscles"
    even = MuscleTissue(t2=95.0, t1_increase=1.0)
    equal = water_signal(protocol("mr-axial-spir"), tissue_table(even, 3.0, False))[list(MUSCLE_TISSUES)]
    assert np.ptp(equal) < 1e-9
