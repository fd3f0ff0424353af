"""The texts about a classifier's answer, the same in every panel and report. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping

from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

#: An answer as plain data, as a worker's step returns it and a scene keeps it.
Record = Mapping[str, object]


def percent(share: float) -> str:
    """Return a probability as the user reads it: whole percents, never "0 %" or "100 %", which no classifier knows."""
    rounded = round(100 * share)
    if rounded <= 0:
        return "< 1 %"
    return "> 99 %" if rounded >= 100 else f"{rounded} %"


def interval_text(record: Record) -> str:
    """Return the interval of the probability, or that there is none."""
    interval = record.get("interval")
    if record.get("recalibration"):
        return _("not known after the fit to your own patients")
    if not interval:
        return _("not known for this model")
    return _("{low} to {high} in 95 of 100 trainings on other patients").format(
        low=percent(interval[0]), high=percent(interval[1]))


def calibration_text(record: Record) -> str:
    """Return whether the probability can be taken as one."""
    own = record.get("recalibration")
    if own:
        return _("fitted to {patients} of your own patients, of whom {positives} were positive").format(
            patients=own["patients"], positives=own["positives"])
    return (_("on cases that the model had not learned from") if record["calibrated"]
            else _("not calibrated: a score, not a probability"))


def novelty_text(record: Record) -> str:
    """Return how unlike its training images the scan is for the model."""
    novelty = record.get("novelty")
    if not novelty:
        return _("how like its training images it is, this model does not say")
    return novelty["text"]


def limit_lines(record: Record, decision: str) -> list[tuple[str, str]]:
    """Return how far the probability can be relied on, as (heading, text).

    :param decision: what the case is called at the threshold, in small letters.
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
    """Return what speaks against relying on the answer, in sentences."""
    return joined(notice["text"] for notice in record.get("notices", []))


def missing_lines(record: Record, titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return how much the missing numbers could change, the largest span first, as (heading, text).

    :param titles: of the task's columns, by name.
    """
    spans = sorted(record.get("possible", {}).items(), key=lambda item: item[1][0] - item[1][1])
    lines = [_("{title}: {low} to {high}").format(title=titles.get(name, name), low=percent(low), high=percent(high))
             for name, (low, high) in spans]
    return [(_("If it were known"), joined(lines, "; "))] if lines else []


def predictive_text(record: Record, probability: float, prevalence: float, sentence: str) -> str:
    """Return what the decision means at a prevalence; after a fit to one's own patients nobody knows.

    :param record: with the model's ``performance``, whether it is ``calibrated`` and, where there is one, the
        ``recalibration``.
    :param probability: of the patient.
    :param prevalence: share of positive cases where the model is used, 0 to 1 without the ends.
    :param sentence: with the fields ``positive`` and ``negative`` (of 100 cases), ``sensitivity`` and ``specificity``.
    """
    from NeuroOrbitLib.evaluation.classification.prevalence import at_prevalence, predictive_values

    known = record.get("performance")
    if not known:
        return _("How sensitive and specific this model is, it does not say.")
    own = record.get("recalibration")
    if own:  # the threshold means another one on the scale on which the model was judged
        text = _("How sensitive and specific the decision is, is not known after the fit to your own patients.")
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
