"""Showing the user what came of the steps: the crop over the scan, the heat over the scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.mrml import views
from NeuroOrbitLib.mrml.heat_maps import blend_over, hottest_place, is_blended, largest_heat, set_heat_threshold
from TAOActivityLib.mrml.activity_results import ActivityResult, results_in_scene
from TAOActivityLib.mrml.prepared_scan import PreparedScan


@dataclass(frozen=True)
class HeatLook:
    """How heat is shown.

    :param threshold: percentage of the largest heat below which nothing is shown.
    :param opacity: percentage of covering the scan.
    """

    threshold: float = 30.0
    opacity: float = 60.0


def show_prepared(prepared: PreparedScan) -> None:
    """Show the crop over the scan, as large as the slice views allow."""
    blend_over(prepared.scan, None, 0.0)
    views.align_with(prepared.scan)
    bounds = np.zeros(6)
    prepared.box.GetRASBounds(bounds)
    low, high = bounds.reshape(3, 2).T
    views.frame_box((low + high) / 2, high - low)
    views.offset_to(prepared.look_at())


def show_heat(result: ActivityResult, look: HeatLook) -> None:
    """Blend the heat of a result over its scan and go to where it is hottest."""
    set_heat_threshold(result.heat, look.threshold)
    blend_over(result.scan, result.heat, look.opacity)
    if largest_heat(result.heat) > 0:
        views.offset_to(hottest_place(result.heat))


def replace_other_heat(result: ActivityResult, look: HeatLook) -> None:
    """Where the heat of another result is shown, show that of this one; its scan alone, if it has none."""
    others = [other.heat for other in results_in_scene() if other.table is not result.table]
    if not any(is_blended(heat) for heat in others if heat is not None):
        return
    if result.heat is not None:
        show_heat(result, look)
    else:
        blend_over(result.scan, None, 0.0)
