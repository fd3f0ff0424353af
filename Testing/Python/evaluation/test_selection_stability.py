"""How stable a selection of features is over the trainings of a cross-validation."""

from __future__ import annotations

import pytest

from NeuroOrbitLib.evaluation.classification.stability import selection_stability, stability_rows, stability_text


def test_shares_and_overlap_over_the_trainings():
    folds = [{"selected": ["a", "b"], "chosen": "MR svm"}, {"selected": ["a", "c"], "chosen": "MR svm"},
             {"selected": ["a", "b"], "chosen": "SR svm"}, {"loss": []}]
    found = selection_stability(folds)
    assert found["trainings"] == 3 and found["selected"] == 2.0
    assert found["features"] == pytest.approx({"a": 1.0, "b": 2 / 3, "c": 1 / 3})
    assert found["overlap"] == pytest.approx((1 / 3 + 1.0 + 1 / 3) / 3)
    assert stability_rows(found)[:3] == [["choice: MR svm", "67 %"], ["choice: SR svm", "33 %"], ["a", "100 %"]]
    assert "share 56 % of theirs" in stability_text(found)


def test_groups_of_a_network_are_taken_together_and_one_training_has_no_overlap():
    found = selection_stability([{"selected": {"radiomics": ["a"], "clinical": ["age"]}}])
    assert found["features"] == {"a": 1.0, "age": 1.0} and found["overlap"] is None
    assert stability_text(found) == "1 trainings selected 2.0 features each on average, 2 different ones in all."


def test_trainings_without_a_selection_have_no_stability():
    assert selection_stability([{"loss": [1.0]}, {}]) is None
