"""Figures of a classifier's evaluation; matplotlib is imported only when the first one is drawn."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.evaluation.classification.calibration import reliability
from NeuroOrbitLib.evaluation.classification.decision_curve import decision_curve
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve, roc_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BLUE, _ORANGE, _GREY, _GREEN = "#1f6f9f", "#c8621a", "#9a9a9a", "#3a8a4d"


def roc_figure(repeats: Sequence[Predictions], baselines: Mapping[str, Predictions] | None = None) -> Figure:
    """Return a figure with the ROC curve of every repeat, and those of simpler predictors of the same cases."""
    figure, axes = _square("False positive rate (1 - specificity)", "True positive rate (sensitivity)")
    areas = [area_under_curve(repeat.labels, repeat.probabilities) for repeat in repeats]
    spread = f" ± {np.std(areas, ddof=1):.3f}" if len(areas) > 1 else ""
    for number, repeat in enumerate(repeats):
        false, true, _ = roc_points(repeat.labels, repeat.probabilities)
        label = f"Network, AUC {np.mean(areas):.3f}{spread}" if number == 0 else None
        axes.plot(false, true, color=_BLUE, alpha=1 if len(repeats) == 1 else 0.6, label=label)
    for (name, other), colour in zip((baselines or {}).items(), (_ORANGE, _GREEN) * 4, strict=False):
        false, true, _ = roc_points(other.labels, other.probabilities)
        area = area_under_curve(other.labels, other.probabilities)
        axes.plot(false, true, color=colour, linestyle="--", label=f"{name}, AUC {area:.3f}")
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    return figure


def reliability_figure(found: Predictions, bins: int = 5) -> Figure:
    """Return a figure of the observed against the predicted share of positive cases, with the size of each bin."""
    figure, axes = _square("Predicted probability", "Observed share")
    result = reliability(found.labels, found.probabilities, bins)
    axes.plot(result.predicted, result.observed, "o-", color=_BLUE)
    for x, y, count in zip(result.predicted, result.observed, result.counts, strict=True):
        axes.annotate(f"n = {count}", (x, y), textcoords="offset points", xytext=(6, -12), fontsize=8, color="#444444")
    axes.set_title(f"Expected calibration error {result.expected_error:.3f}", fontsize=9)
    return figure


def decision_curve_figure(found: Predictions) -> Figure:
    """Return a figure of the net benefit of acting on the classifier, on all and on none."""
    curve = decision_curve(found.labels, found.probabilities)
    figure, axes = _figure("Threshold probability", "Net benefit per patient")
    axes.plot(curve.thresholds, curve.model, color=_BLUE, label="Network")
    axes.plot(curve.thresholds, curve.treat_all, color=_ORANGE, linestyle="--", label="Treat all")
    axes.axhline(0, color=_GREY, label="Treat none")
    top = max(float(np.nanmax(curve.model)), float(found.labels.mean()))
    axes.set(xlim=(0, 1), ylim=(-0.15 * top - 0.01, 1.1 * top + 0.01))
    axes.legend(frameon=False, fontsize=8)
    return figure


def roc_of_models(models: Mapping[str, Predictions]) -> Figure:
    """Return a figure with the ROC curves of several models on the same cases, by model name."""
    figure, axes = _square("False positive rate (1 - specificity)", "True positive rate (sensitivity)")
    for name, own in models.items():
        false, true, _ = roc_points(own.labels, own.probabilities)
        area = area_under_curve(own.labels, own.probabilities)
        axes.plot(false, true, linewidth=1.2, label=f"{name}, AUC {area:.3f}")
    _name_curves_below(figure)
    return figure


def decision_curves(models: Mapping[str, Predictions]) -> Figure:
    """Return a figure of the net benefit of acting on each of several models, on all and on none."""
    figure, axes = _figure("Threshold probability", "Net benefit per patient")
    top = 0.0
    for name, own in models.items():
        curve = decision_curve(own.labels, own.probabilities)
        axes.plot(curve.thresholds, curve.model, linewidth=1.2, label=name)
        top = max(top, float(np.nanmax(curve.model)), float(own.labels.mean()))
    axes.plot(curve.thresholds, curve.treat_all, color="#444444", linestyle="--", label="Treat all")
    axes.axhline(0, color=_GREY, label="Treat none")
    axes.set(xlim=(0, 1), ylim=(-0.15 * top - 0.01, 1.1 * top + 0.01))
    _name_curves_below(figure)
    return figure


def calibration_of_models(models: Mapping[str, Predictions], bins: int = 5) -> Figure:
    """Return a figure of the observed against the predicted share of positive cases for several models."""
    figure, axes = _square("Predicted probability", "Observed share")
    for name, own in models.items():
        result = reliability(own.labels, own.probabilities, bins)
        axes.plot(result.predicted, result.observed, "o-", markersize=3, linewidth=1.2,
                  label=f"{name}, error {result.expected_error:.3f}")
    _name_curves_below(figure)
    return figure


def radar_figure(models: Mapping[str, Mapping[str, float | None]]) -> Figure:
    """Return a radar chart of the measures of several models, each from 0 in the centre to 1.

    :param models: measures of each model, by its name: the same ones in the same order; None if one is unknown.
    """
    from matplotlib.figure import Figure as NewFigure

    figure = NewFigure(figsize=(5.0, 4.4), layout="constrained")
    axes: Any = figure.add_subplot(projection="polar")
    headings = list(next(iter(models.values())))
    angles = np.linspace(0, 2 * np.pi, len(headings), endpoint=False)
    for name, own in models.items():
        values = [np.nan if own[heading] is None else own[heading] for heading in headings]
        axes.plot([*angles, angles[0]], [*values, values[0]], linewidth=1.2, label=name)
    axes.set_xticks(angles, headings)
    axes.set(ylim=(0, 1), theta_offset=np.pi / 2, theta_direction=-1)
    axes.tick_params(labelsize=8)
    axes.legend(loc="upper left", bbox_to_anchor=(1.05, 1.05), frameon=False, fontsize=7)
    return figure


def contribution_figure(values: Mapping[str, float], x: str,
                        errors: Mapping[str, tuple[float, float]] | None = None) -> Figure:
    """Return a bar chart of the contribution of each input, the largest at the top.

    :param values: contribution of each input, by its name.
    :param x: title of the value axis.
    :param errors: low and high end of the error bar of each input, by its name.
    """
    names = sorted(values, key=lambda name: values[name])
    figure, axes = _figure(x, "", (4.8, 0.9 + 0.24 * len(names)))
    found = np.array([values[name] for name in names])
    spread = None if errors is None else np.abs(np.array([errors[name] for name in names]).T - found)
    axes.barh(range(len(names)), found, color=_BLUE, xerr=spread, ecolor="#444444", error_kw={"linewidth": 0.8})
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.axvline(0, color=_GREY, linewidth=0.8)
    return figure


def loss_figure(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Figure:
    """Return a figure of the loss against the step.

    :param curves: (steps, losses) of each training, by its name.
    """
    figure, axes = _figure("Step", "Loss")
    for name, (steps, losses) in curves.items():
        axes.plot(steps, losses, linewidth=0.9, label=name)
    axes.set_ylim(bottom=0)
    if len(curves) <= 10:
        axes.legend(frameon=False, fontsize=7, ncols=2)
    return figure


def as_png(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG file."""
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    return stream.getvalue()


def as_svg(figure: Figure) -> bytes:
    """Return a figure as the bytes of an SVG file."""
    stream = BytesIO()
    figure.savefig(stream, format="svg")
    return stream.getvalue()


def as_data_url(figure: Figure) -> str:
    """Return a figure as a data URL, so that an HTML page needs no other file."""
    return "data:image/png;base64," + base64.b64encode(as_png(figure)).decode("ascii")


def _figure(x: str, y: str, size: tuple[float, float] = (4.6, 3.8)) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure as NewFigure

    figure = NewFigure(figsize=size, layout="constrained")
    axes: Any = figure.add_subplot()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _name_curves_below(figure: Figure) -> None:
    """Add a legend below the axes, where it covers no curve, and enlarge the figure for it."""
    names = figure.axes[0].get_legend_handles_labels()[1]
    figure.set_figheight(figure.get_figheight() + 0.17 * len(names))
    figure.legend(loc="outside lower center", frameon=False, fontsize=7)


def _square(x: str, y: str) -> tuple[Figure, Axes]:
    figure, axes = _figure(x, y, (4.2, 4.2))
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=0.8)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    return figure, axes
