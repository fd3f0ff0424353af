"""The synthetic cohort is of the paper's size and proportions, and its ceilings are those that it states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.synthetic.clinical_priors import draw_clinical, log_ratios
from IVGCResponseLib.synthetic.muscles import MuscleEffects, growth_of, tissue_of
from IVGCResponseLib.synthetic.plan import ResponseCohortPlan, ceiling, plan_patients
from IVGCResponseLib.synthetic.scans import make_scan
from NeuroOrbitLib.anatomy.structures import RECTI, Side, label_value
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.problem import Problem

from .conftest import PIXEL


@pytest.mark.parametrize("lead", [0.0, 0.6])
def test_ceilings_lie_where_published_studies_do(lead):
    found = ceiling(MuscleEffects(lead), 40_000)
    assert 0.75 < found["image"] < 0.80 and 0.75 < found["clinical"] < 0.80 and 0.82 < found["both"] < 0.88


def test_no_other_score_of_what_is_drawn_beats_the_likelihood_ratio():
    effects, rng, labels = MuscleEffects(), np.random.default_rng(0), np.arange(40_000) % 2
    drawn = effects.draw(rng, labels)
    best = area_under_curve(labels, effects.log_ratios(drawn))
    for score in (drawn.sum(axis=1), drawn[:, 2], drawn[:, 2] + drawn[:, 3], drawn @ effects.shift()):
        assert area_under_curve(labels, score) <= best + 1e-3
    values = draw_clinical(rng, labels, clinical_columns())
    ratio = log_ratios(values, clinical_columns())
    for name, sign in (("cas", 1), ("exophthalmos", 1), ("trab", -1), ("age", -1)):
        known = np.isfinite(values[name])
        alone = area_under_curve(labels[known], sign * values[name][known])
        assert 0.53 < alone < area_under_curve(labels, ratio)


def test_the_clinical_likelihood_ratio_is_calibrated():
    """Among patients with a log ratio about 1, e / (1 + e) respond: only the true ratio has this."""
    labels = np.arange(60_000) % 2
    ratio = log_ratios(draw_clinical(np.random.default_rng(1), labels, clinical_columns()), clinical_columns())
    near = np.abs(ratio - 1.0) < 0.1
    assert labels[near].mean() == pytest.approx(1 / (1 + np.exp(-1.0)), abs=0.03)


def test_horizontal_muscles_tell_more_and_with_equal_muscles_none_does():
    labels = np.arange(40_000) % 2
    for lead, order in ((0.6, True), (0.0, False)):
        drawn = MuscleEffects(lead).draw(np.random.default_rng(2), labels)
        alone = dict(zip(RECTI, [area_under_curve(labels, drawn[:, place] + 0.5 * drawn[:, 4 + place])
                                 for place in range(4)], strict=True))
        gap = min(alone["medial_rectus"], alone["lateral_rectus"]) - max(alone["superior_rectus"],
                                                                         alone["inferior_rectus"])
        assert gap > 0.08 if order else abs(max(alone.values()) - min(alone.values())) < 0.02


def test_the_default_cohort_is_the_papers():
    patients = plan_patients(ResponseCohortPlan())
    labels, test = [patient.label for patient in patients], [patient for patient in patients if patient.in_test]
    assert (len(patients), sum(labels), len(test), sum(patient.label for patient in test)) == (147, 61, 30, 12)
    again, others = (str(plan_patients(ResponseCohortPlan(seed=seed))) for seed in (0, 1))  # text, as NaN is not NaN
    assert again == str(patients) != others
    assert sum(patient.label for patient in plan_patients(ResponseCohortPlan(400, 5))) == round(400 * 61 / 147)


def test_every_clinical_value_is_one_that_a_patient_can_have():
    for patient in plan_patients(ResponseCohortPlan(300, 2)):
        for column in clinical_columns():
            value = patient.clinical[column.name]
            assert np.isnan(value) or column.read(column.write(value)) == pytest.approx(value)


def test_a_muscles_oedema_and_growth_show_in_its_place_of_the_scan(patients, scan):
    """Medial recti with 3 SD more of both, all else equal: they are brighter and larger, the others are not."""
    drawn = np.zeros(10)
    drawn[2] = drawn[6] = 3.0
    changed = make_scan(replace(patients[0], muscles=tuple(drawn)), PIXEL)
    assert growth_of(drawn)["medial_rectus"] > 1.5 * growth_of(drawn)["lateral_rectus"]
    assert tissue_of(drawn).of_muscle(3).t2 == pytest.approx(114.0) and tissue_of(drawn).of_muscle(4).t2 == (
        pytest.approx(84.0))
    for key in RECTI:
        before, after = (np.concatenate([made.image.array[made.labels.array == label_value(key, side)]
                                         for side in Side]) for made in (scan, changed))
        brighter, larger = after.mean() / before.mean(), after.size / before.size
        assert (brighter > 1.15 and larger > 1.3) if key == "medial_rectus" else (
            abs(brighter - 1) < 0.1 and abs(larger - 1) < 0.15)


def test_sizes_and_leads_that_make_no_cohort_are_refused():
    with pytest.raises(Problem, match="4 at least"):
        ResponseCohortPlan(2)
    with pytest.raises(Problem, match="from 0 to 1"):
        ResponseCohortPlan(20, effects=MuscleEffects(1.5))
