"""Texts about a classifier's answer, the same in every panel and report. This module imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

#: An answer as plain data, as returned by a step of the worker and kept in a scene.
Record = Mapping[str, object]


def percent(share: float) -> str:
    """Return a probability in whole percents, never as "0 %" or "100 %", of which no classifier can be certain."""
    rounded = round(100 * share)
    if rounded <= 0:
        return "< 1 %"
    return "> 99 %" if rounded >= 100 else f"{rounded} %"


def interval_text(record: Record) -> str:
    """Return the interval of the probability as text, or the reason why there is none."""
    interval = record.get("interval")
    if record.get("recalibration"):
        return _("not known after the fit to your own patients")
    if not interval:
        return _("not known for this model")
    return _("{low} to {high} in 95 of 100 trainings on other patients").format(
        low=percent(interval[0]), high=percent(interval[1]))


def calibration_text(record: Record) -> str:
    """Return a text on how the probability was calibrated, or that it is only a score."""
    own = record.get("recalibration")
    if own:
        return _("fitted to {patients} of your own patients, of whom {positives} were positive").format(
            patients=own["patients"], positives=own["positives"])
    return (_("on cases that the model had not learned from") if record["calibrated"]
            else _("not calibrated: a score, not a probability"))


def novelty_text(record: Record) -> str:
    """Return a text on how unlike the training images the scan is for the model."""
    novelty = record.get("novelty")
    if not novelty:
        return _("this model does not state how similar the scan is to its training images")
    return novelty["text"]


def limit_lines(record: Record, decision: str) -> list[tuple[str, str]]:
    """Return lines on how far the probability can be relied on, as pairs (heading, text).

    :param record: the answer.
    :param decision: decision at the threshold, in lower case.
    """
    return [
        (_("Interval"), interval_text(record)),
        (_("Decision"), _("{decision}, at the threshold of {percent}").format(
            decision=decision, percent=percent(record["threshold"]))),
        (_("Calibration"), calibration_text(record)),
        (_("Scan"), novelty_text(record)),
        (_("Trained on"), str(record["model"]["training_data"])),
    ]


def limits_text(record: Record) -> str:
    """Return the notices that limit the answer, in sentences."""
    return joined(notice["text"] for notice in record.get("notices", []))


def missing_lines(record: Record, titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return how much the missing numbers could change the probability, the largest first, as (heading, text).

    :param record: the answer, with the ranges of the probability under ``possible``.
    :param titles: titles of the task's columns, by name.
    """
    spans = sorted(record.get("possible", {}).items(), key=lambda item: item[1][0] - item[1][1])
    lines = [_("{title}: {low} to {high}").format(title=titles.get(name, name), low=percent(low), high=percent(high))
             for name, (low, high) in spans]
    return [(_("If it were known"), joined(lines, "; "))] if lines else []


def predictive_text(record: Record, probability: float, prevalence: float, sentence: str) -> str:
    """Return a text on the predictive values of the decision at a prevalence, which a recalibration makes unknown.

    :param record: the answer with the model's ``performance``, whether it is ``calibrated``, and the
        ``recalibration`` if there is one.
    :param probability: probability of the patient, 0 to 1.
    :param prevalence: share of positive cases where the model is used, between 0 and 1.
    :param sentence: text with the fields ``positive`` and ``negative`` (of 100 cases), ``sensitivity`` and
        ``specificity``.
    """
    from NeuroOrbitLib.evaluation.classification.prevalence import at_prevalence, predictive_values

    known = record.get("performance")
    if not known:
        return _("This model does not state its sensitivity and specificity.")
    own = record.get("recalibration")
    if own:  # on the scale of the evaluation the threshold is another one
        text = _("After the fit to your own patients, the sensitivity and specificity of the decision are not known.")
    else:
        found = predictive_values(known["sensitivity"], known["specificity"], prevalence)
        text = sentence.format(positive=_count(found.positive), negative=_count(found.negative),
                               sensitivity=percent(known["sensitivity"]), specificity=percent(known["specificity"]))
    studied = own["positives"] / own["patients"] if own else known["prevalence"]
    if not 0 < studied < 1 or not (own or record["calibrated"]):
        return text
    moved = at_prevalence(probability, studied, prevalence)
    return _("{text} This patient's probability at that prevalence: {percent}.").format(
        text=text, percent=percent(moved))


def _count(share: float) -> str:
    return "–" if share != share else str(round(100 * share))
