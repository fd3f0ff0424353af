"""The model card: what a user must know before trusting a model, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from NeuroOrbitLib.models.package import ModelFacts
from NeuroOrbitLib.research_use import RESEARCH_USE
from NeuroOrbitLib.sentences import sentence as _

_SYNTHETIC_WARNING = (
    _("This model has learned from synthetic images only. How well it does on patients' scans is known only as far "
      "as the results below tell. Look at every result before using it.")
)


def card_text(facts: ModelFacts, sha256: str, size: int) -> str:
    """Return the model card of a package as Markdown.

    :param facts: facts about the model.
    :param sha256: SHA-256 of the file of weights, hexadecimal.
    :param size: size of the file of weights in bytes.
    """
    parts = [
        f"# {facts.title}",
        f"**{RESEARCH_USE}**",
        _SYNTHETIC_WARNING if facts.is_synthetic else "",
        facts.description,
        _table(
            {
                "Name": f"`{facts.name}`, version {facts.version}",
                "For": facts.modality,
                "Output": ", ".join(facts.labels),
                "Trained on": facts.training_data,
                "Network": f"`{facts.network}`",
                "Calibration": _in_words(facts.calibration) or _("none: outputs are not probabilities"),
                "Licence": facts.license,
                "Weights": f"{size / 1e6:.1f} MB, SHA-256 `{sha256}`",
            }
        ),
        _results(facts.performance),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _results(performance: Mapping[str, Any]) -> str:
    return "## Measured results\n\n" + _table(performance) if performance else ""


def _table(rows: Mapping[str, Any]) -> str:
    lines = ["| | |", "|---|---|"]
    lines += [f"| {key} | {_in_words(value)} |" for key, value in rows.items()]
    return "\n".join(lines)


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_in_words(item)}" for key, item in value.items())
    if isinstance(value, float):
        return f"{value:.3g}"
    return ", ".join(map(_in_words, value)) if isinstance(value, (list, tuple)) else str(value)
