"""The sixteen clinical features are what a clinic writes down, and wrong units are refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from IVGCResponseLib.clinical import FEATURES, clinical_columns
from IVGCResponseLib.muscle_groups import MUSCLES, PAIRS, STRATEGIES, values_of
from IVGCResponseLib.study import STUDY
from NeuroOrbitLib.classifiers.typed_values import values_of_cells
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.columns import regions_of_columns
from NeuroOrbitLib.sentences import Sentence


def test_sixteen_features_each_with_an_explanation():
    columns = clinical_columns()
    assert len(columns) == 16 and all(column.help and column.may_be_missing for column in columns)
    assert np.isnan(list(values_of_cells({}, columns).values())).all()


@pytest.mark.parametrize(("name", "text", "message"), [
    ("trab", "8100", "in IU/L from 0 to 100"), ("age", "130", "in years from 0 to 100"), ("cas", "9", "from 0 to 7"),
    ("cas", "3.5", "a whole number"), ("bcva", "20/20", "in logMAR"), ("smoking", "ex", "yes or no"),
    ("diplopia", "often", "none or intermittent"), ("exophthalmos", "2.1", "in mm from 8 to 40"),
])  # fmt: skip
def test_a_wrong_value_is_refused_with_what_may_stand_there(name, text, message):
    with pytest.raises(Problem, match=message):
        values_of_cells({name: text}, clinical_columns())


def test_every_word_of_the_shipped_features_is_a_sentence_that_translators_find():
    for column in clinical_columns():
        for word in (column.title, column.help, *column.choices):
            assert isinstance(word, Sentence) and word.context.endswith("clinical_words"), word


def test_a_file_of_ones_own_takes_their_place(tmp_path):
    own = tmp_path / "own.json"
    shipped = json.loads(FEATURES.shipped.read_text(encoding="utf-8"))
    own.write_text(json.dumps([*shipped[:2], {"name": "ft3", "title": "FT3"}]))
    assert [column.name for column in clinical_columns(own)] == ["age", "sex", "ft3"]
    own.write_text("[{]")
    with pytest.raises(Problem, match=r"own\.json is no JSON file"):
        clinical_columns(own)
    with pytest.raises(Problem, match="cannot be read"):
        clinical_columns(tmp_path / "absent.json")


def test_a_group_of_muscles_is_the_union_of_both_sides():
    assert values_of("MR+LR") == (9, 10, 11, 12) and set(values_of("4_recti")) == set(range(5, 13))
    assert STRATEGIES == ("SR", "IR", "MR", "LR", "MR+LR", "4_recti")
    assert STUDY.settings().groups == STRATEGIES and len(STUDY.settings(more_groups=PAIRS).groups) == 6 + 5
    assert values_of("SR+LR") == (5, 6, 11, 12)
    assert regions_of_columns(["IR+MR:x", "SR:y"], tuple(MUSCLES.members)) == ("SR", "IR+MR")
    with pytest.raises(Problem, match="Choose one of SR, IR"):
        values_of("SO")
