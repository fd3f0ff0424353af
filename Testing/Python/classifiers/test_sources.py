"""What a configuration may name as the source of numbers, and what learns from it, without any module."""

from __future__ import annotations

import pytest

from NeuroOrbitLib.classifiers.nested import NestedChoice
from NeuroOrbitLib.classifiers.sources import SELECTION, NamedColumns, RegionFeatures, learner_of, number_input
from NeuroOrbitLib.problem import Problem


def _check(region: str) -> None:
    if region not in ("nerve", "gland", "both"):
        raise Problem(f"There is no region {region}.")


SOURCES = {"radiomics": RegionFeatures("regions", "nerve", ("nerve", "gland"), _check),
           "clinical": NamedColumns(lambda: ["age", "sex"])}


def test_a_network_takes_the_usual_region_and_all_columns_unless_others_are_named():
    assert number_input("radiomics", {}, SOURCES).beginning == "nerve:"
    assert number_input("radiomics", {"regions": "both"}, SOURCES).beginning == "both:"
    assert number_input("clinical", {}, SOURCES).columns == ("age", "sex")
    assert number_input("clinical", {"columns": ["age"]}, SOURCES).columns == ("age",)


def test_learners_alone_compare_regions_inside_the_training():
    choice = learner_of("radiomics", {"learners": ["svm"]}, "compared", SOURCES)
    assert isinstance(choice, NestedChoice) and [each.name for each in choice.candidates] == ["nerve svm", "gland svm"]
    assert choice.candidates[0].selection == SELECTION
    assert learner_of("clinical", {}, "clinical", SOURCES).name == "clinical logistic"


@pytest.mark.parametrize(("ask", "message"), [
    (lambda: number_input("genes", {}, SOURCES), r"Use radiomics \(regions, selection\) and clinical"),
    (lambda: number_input("clinical", {"regions": "nerve"}, SOURCES), "numbers clinical with regions are not known"),
    (lambda: number_input("radiomics", {"regions": "brain"}, SOURCES), "There is no region brain"),
    (lambda: learner_of("radiomics", {"regions": ["brain"]}, "x", SOURCES), "There is no region brain"),
    (lambda: learner_of("clinical", {"depth": 3}, "x", SOURCES), "no option depth. Use regions, learners, folds or"),
])
def test_what_cannot_be_meant_is_refused(ask, message):
    with pytest.raises(Problem, match=message):
        ask()
