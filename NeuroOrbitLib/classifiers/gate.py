"""Whether a patient is one that the models of a task were made for; asked before anything is estimated."""

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

    :param key: of the answer, also in the command line's options.
    :param text: for people, answered by yes or no.
    :param reason: why a yes closes the gate.
    :param statement: what the command line's option says, in English.
    """

    key: str
    text: str
    reason: str
    statement: str


@dataclass(frozen=True)
class Limit:
    """A value of a column below which the gate is closed.

    :param column: its name.
    :param at_least: the smallest value that passes.
    :param reason: why a lower one closes the gate.
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
    """What a task asks of a patient; unknown values do not exclude a patient."""

    limits: Sequence[Limit] = ()
    questions: Sequence[GateQuestion] = ()
    remarks: Sequence[Remark] = ()

    def reasons(self, values: Mapping[str, float], answers: Mapping[str, bool] | None = None) -> list[str]:
        """Return why a patient is not what the models were made for, in sentences.

        :param values: of the task's columns by name, NaN where missing.
        :param answers: to the questions by key.
        """
        given = answers or {}
        closed = [limit.reason for limit in self.limits if values.get(limit.column, math.nan) < limit.at_least]
        return [*closed, *(question.reason for question in self.questions if given.get(question.key))]

    def columns(self) -> tuple[Column, ...]:
        """Return the questions as columns of a table of patients."""
        return tuple(Column(question.key, question.text, "yes_no") for question in self.questions)

    def passed(self, values: Mapping[str, float], answers: Mapping[str, bool] | None = None,
               anyway: bool = False) -> list[str]:
        """Return the remarks on a patient who passes, or for whom an estimate was requested nevertheless.

        :param anyway: whether it is.
        :raises Problem: saying why nothing is estimated, where the gate is closed.
        """
        reasons = self.reasons(values, answers)
        if reasons and not anyway:
            raise Problem(_("Not what the model was made for. {reasons} Nothing is estimated unless you ask for it "
                            "all the same.").format(reasons=joined(reasons)))
        told = [_("Not what the model was made for: {reason}").format(reason=reason) for reason in reasons]
        return [*told, *(remark.text for remark in self.remarks if values.get(remark.column) == remark.value)]
