"""An answer in words, the same ones in the panel and in the report."""

from __future__ import annotations

from collections.abc import Mapping

Record = Mapping[str, object]
#: Falls of the probability below this are mostly rounding.
FAINT_HEAT = 0.01


def percent(share: float) -> str:
    """A probability as the user reads it: whole percents, and never "0 %" or "100 %", which no classifier knows."""
    rounded = round(100 * share)
    if rounded <= 0:
        return "< 1 %"
    return "> 99 %" if rounded >= 100 else f"{rounded} %"


def decision_text(record: Record) -> str:
    """The decision at the threshold."""
    return "Active" if record["decision"] == "active" else "Inactive"


def interval_text(record: Record) -> str:
    """The interval of the probability, or that there is none."""
    interval = record.get("interval")
    if not interval:
        return "not known for this model"
    return f"{percent(interval[0])} to {percent(interval[1])} in 95 of 100 trainings on other patients"


def calibration_text(record: Record) -> str:
    """Whether the probability can be taken as one."""
    return ("on cases that the model had not learned from" if record["calibrated"]
            else "not calibrated: a score, not a probability")


def novelty_text(record: Record) -> str:
    """How unlike its training images the scan is for the model."""
    novelty = record.get("novelty")
    if not novelty:
        return "how like its training images it is, this model does not say"
    return str(novelty["text"])


def answer_lines(record: Record) -> list[tuple[str, str]]:
    """What there is to say, as (heading, text)."""
    return [("Probability", f"{percent(record['probability'])} for active disease"), *limit_lines(record)]


def limit_lines(record: Record) -> list[tuple[str, str]]:
    """How far the probability can be relied on, as (heading, text)."""
    return [
        ("Interval", interval_text(record)),
        ("Decision", f"{decision_text(record).lower()}, at the threshold of {percent(record['threshold'])}"),
        ("Calibration", calibration_text(record)),
        ("Scan", novelty_text(record)),
        ("Trained on", str(record["model"]["training_data"])),
    ]


def limits_text(record: Record) -> str:
    """What speaks against relying on the answer, in sentences."""
    return " ".join(str(notice["text"]) for notice in record.get("notices", []))


def method_text(explanation: Record) -> str:
    """How a heat map was made."""
    parameters = explanation["parameters"]
    if explanation["unit"] == "logit":
        return ("Heat: Grad-CAM of the last convolution, a coarse view of where the network's last features speak "
                "for active disease.")
    each_slice = parameters.get("each_slice", False)  # scenes saved before 0.2.0 of the models do not say
    slices = "each slice by itself" if each_slice else "all five slices at once"
    text = (f"Heat: fall of the probability when a square of {parameters['patch']} pixels is covered, every "
            f"{parameters['stride']} pixels, {slices} (largest {explanation['largest']:.3f}).")
    if each_slice and explanation["largest"] < FAINT_HEAT:
        text += (" What one slice shows hardly changes this answer, so that the heat is mostly noise: switch off "
                 "'Each slice by itself' to cover all five at once.")
    return text
