"""A gate closes for what is known to be wrong, never for what is not known, and opens on request."""

from __future__ import annotations

import argparse
import math

import pytest

from NeuroOrbitLib.classifiers.commands.answering import add_gate, gate_of
from NeuroOrbitLib.classifiers.gate import Gate, GateQuestion, Limit, Remark
from NeuroOrbitLib.problem import Problem

GATE = Gate((Limit("age", 18, "Too young."),), (GateQuestion("had_surgery", "Surgery?", "Operated.", "surgery"),),
            (Remark("smoking", 1.0, "Smokes."),))


def test_what_is_not_known_closes_nothing():
    assert GATE.reasons({}) == GATE.reasons({"age": math.nan}, {}) == GATE.reasons({"age": 18}, {"other": True}) == []


def test_every_reason_is_told_and_an_estimate_is_made_on_request():
    with pytest.raises(Problem, match=r"Too young\. Operated\. Nothing is estimated"):
        GATE.passed({"age": 9}, {"had_surgery": True})
    assert [str(text) for text in GATE.passed({"age": 9, "smoking": 1.0}, anyway=True)] == [
        "Not what the model was made for: Too young.", "Smokes."]


def test_questions_are_options_of_the_command_line():
    parser = argparse.ArgumentParser()
    add_gate(parser, GATE, "children")
    assert gate_of(parser.parse_args(["--had-surgery"]), GATE) == {"gate": {"had_surgery": True}, "anyway": False}
