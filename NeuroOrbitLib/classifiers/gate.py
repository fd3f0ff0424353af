"""The gate of a task: whether its models were made for a patient; it is checked before anything is estimated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class GateQuestion:
    """A question about the patient that no column of the task answers.

    :param key: key of the answer, also in the options of the command line.
    :param text: question in the interface, answered by yes or no.
    :param reason: sentence that says why a yes closes the gate.
    :param statement: help of the command line's option, in English.
    """

    key: str
    text: str
    reason: str
    statement: str


@dataclass(frozen=True)
class Limit:
    """A value of a column below which the gate is closed.

    :param column: name of the column.
    :param at_least: smallest value that passes.
    :param reason: sentence that says why a lower value closes the gate.
    """

    column: str
    at_least: float
    reason: str


@dataclass(frozen=True)
class Remark:
    """A remark on a patient who passes, if a column has a certain value.

    :param column: name of the column.
    :param value: value of the column for which the remark is made.
    :param text: the remark.
    """

    column: str
    value: float
    text: str


@dataclass(frozen=True)
class Gate:
    """The conditions of a task on a patient; unknown values do not exclude a patient.

    :param limits: smallest values of columns.
    :param questions: questions whose answer must not be yes.
    :param remarks: remarks on patients who pass.
    """

    limits: Sequence[Limit] = ()
    questions: Sequence[GateQuestion] = ()
    remarks: Sequence[Remark] = ()

    def reasons(self, values: Mapping[str, float], answers: Mapping[str, bool] | None = None) -> list[str]:
        """Return why the models were not made for a patient, in sentences; empty if they were.

        :param values: values of the task's columns by name, NaN where missing.
        :param answers: answers to the questions by key.
        """
        given = answers or {}
        closed = [limit.reason for limit in self.limits if values.get(limit.column, math.nan) < limit.at_least]
        return [*closed, *(question.reason for question in self.questions if given.get(question.key))]

    def columns(self) -> tuple[Column, ...]:
        """Return the questions as columns of a table of patients."""
        return tuple(Column(question.key, question.text, "yes_no") for question in self.questions)

    def passed(self, values: Mapping[str, float], answers: Mapping[str, bool] | None = None,
               anyway: bool = False) -> list[str]:
        """Return the remarks on a patient who passes, or for whom an estimate is wanted anyway.

        :param values: values of the task's columns by name, NaN where missing.
        :param answers: answers to the questions by key.
        :param anyway: whether an estimate is wanted although the gate is closed.
        :raises Problem: when the gate is closed and ``anyway`` is not set, with the reasons.
        """
        reasons = self.reasons(values, answers)
        if reasons and not anyway:
            raise Problem(_("Not what the model was made for. {reasons} Nothing is estimated unless you ask for it "
                            "all the same.").format(reasons=joined(reasons)))
        told = [_("Not what the model was made for: {reason}").format(reason=reason) for reason in reasons]
        return [*told, *(remark.text for remark in self.remarks if values.get(remark.column) == remark.value)]
