"""Sentences of pure code are English text that a panel can translate, also after a journey through JSON."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest

from NeuroOrbitLib.anatomy import label_name
from NeuroOrbitLib.jobs.request import from_text, plain_text
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import Sentence, capitalized, filled, joined, to_plain, with_sentences
from NeuroOrbitLib.sentences import sentence as _

TOLD = _("{name}: {volume:.2f} ml, cut: {cut}.").format(name="Eye", volume=np.float32(1.5), cut=["lens", "nerve"])


def test_a_sentence_is_english_text_that_knows_its_template_and_values():
    assert TOLD == "Eye: 1.50 ml, cut: lens, nerve." and isinstance(TOLD, str)
    assert (TOLD.template, TOLD.context) == ("{name}: {volume:.2f} ml, cut: {cut}.", f"{__name__}"[-len(TOLD.context):])
    assert dict(TOLD.values) == {"name": "Eye", "volume": 1.5, "cut": ["lens", "nerve"]}


def test_sentences_in_a_row_stay_sentences():
    row = joined([TOLD, "{x} as it is"], "; ")
    assert row == f"{TOLD}; {{x}} as it is" and row.values["part0"].template == TOLD.template
    assert from_text(plain_text({"row": row}))["row"] == row and joined([]) == ""


def test_a_problem_keeps_its_sentence_where_its_text_is_asked_for():
    assert str(Problem(TOLD)) is TOLD and str(Problem("Plain.")) == "Plain."


@pytest.mark.parametrize("way", [copy.deepcopy, lambda told: pickle.loads(pickle.dumps(told)),
                                 lambda told: from_text(plain_text({"notices": [told]}))["notices"][0],
                                 lambda told: with_sentences(to_plain({"notices": [told]}))["notices"][0]])
def test_a_sentence_arrives_as_one(way):
    arrived = way(_("{what} Look again.").format(what=TOLD))
    assert isinstance(arrived, Sentence) and arrived == f"{TOLD} Look again."
    assert arrived.values["what"].template == TOLD.template


def test_the_command_line_writes_the_english_text():
    assert json.loads(json.dumps({"text": TOLD})) == {"text": str(TOLD)}


@pytest.mark.parametrize("template", ["{a.__class__}", "{a[0]}", "{a:>999999999}", "{b}", "{"])
def test_a_template_from_a_file_that_asks_for_more_than_its_values_is_not_filled(template):
    text = json.dumps({"sentence": "As it was.", "context": "x", "template": template, "values": {"a": "v"}})
    assert from_text(text) == "As it was."


def test_names_of_structures_are_sentences():
    name = label_name(9)
    assert name == "Right medial rectus muscle" and name.values["structure"].template == "medial rectus muscle"


def test_a_capital_letter_is_that_of_the_translation():
    text = capitalized(_("optic nerve"))
    assert text == "Optic nerve" and from_text(plain_text([text])) == ["Optic nerve"]
    assert filled(from_text(plain_text([text]))[0].template, {"capitalized": "nervus"}) == "Nervus"
