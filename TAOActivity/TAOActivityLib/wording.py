"""The wording of an answer, the same in the panel and in the report."""

from __future__ import annotations

from NeuroOrbitLib.classifiers import wording
from NeuroOrbitLib.classifiers.wording import Record, percent
from NeuroOrbitLib.sentences import sentence as _

#: Decreases of the probability below this are mostly rounding.
FAINT_HEAT = 0.01


def decision_text(record: Record) -> str:
    """Return the word for the decision at the threshold."""
    return _("Active") if record["decision"] == "active" else _("Inactive")


def answer_lines(record: Record) -> list[tuple[str, str]]:
    """Return the lines of an answer, as (heading, text)."""
    text = _("{percent} for active disease").format(percent=percent(record["probability"]))
    return [(_("Probability"), text), *limit_lines(record)]


def limit_lines(record: Record) -> list[tuple[str, str]]:
    """Return lines about the reliability of the probability, as (heading, text)."""
    return wording.limit_lines(record, _("active") if record["decision"] == "active" else _("inactive"))


def method_text(explanation: Record) -> str:
    """Return a sentence about how a heat map was made."""
    parameters = explanation["parameters"]
    if explanation["unit"] == "logit":
        return (_("Heat: Grad-CAM of the last convolution, a coarse view of where the network's last features speak "
                  "for active disease."))
    each_slice = parameters.get("each_slice", False)  # scenes saved before 0.2.0 of the models do not say
    slices = _("each slice by itself") if each_slice else _("all five slices at once")
    text = (_("Heat: fall of the network's probability when a square of {patch} pixels is covered, every {stride} "
              "pixels, {slices} (largest {largest:.3f}). This is its own probability for the middle of the crop, "
              "before calibration; that of the answer is the mean of several views.").format(
        patch=parameters["patch"], stride=parameters["stride"], slices=slices, largest=explanation["largest"]))
    if each_slice and explanation["largest"] < FAINT_HEAT:
        return _("{heat} What one slice shows hardly changes this answer, so that the heat is mostly noise: switch "
                 "off 'Each slice by itself' to cover all five at once.").format(heat=text)
    return text
