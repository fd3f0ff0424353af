"""Showing the user what came of the steps: the crop over the scan, the heat over the scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer

from NeuroOrbitLib.mrml import views
from NeuroOrbitLib.mrml.heat_maps import blend_over, hottest_place, largest_heat, set_heat_threshold
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.shown import show_only
from NeuroOrbitLib.mrml.windows import set_useful_window
from TAOActivityLib.mrml.activity_results import ActivityResult
from TAOActivityLib.mrml.parameters import TAOActivityParameterNode
from TAOActivityLib.mrml.prepared_scan import PreparedScan


@dataclass(frozen=True)
class HeatLook:
    """How heat is shown.

    :param threshold: percentage of the largest heat below which nothing is shown.
    :param opacity: percentage of covering the scan.
    """

    threshold: float = 30.0
    opacity: float = 60.0


def heat_look(node: TAOActivityParameterNode | None) -> HeatLook:
    """Return how the user wants to see heat."""
    return HeatLook(node.threshold, node.opacity) if node else HeatLook()


def show_prepared(prepared: PreparedScan) -> None:
    """Show the crop over the scan, as large as the slice views allow."""
    views.show_slices_only()
    blend_over(prepared.scan, None, 0.0)
    set_useful_window(prepared.scan)
    show_only(prepared.scan, [prepared.box, prepared.orbits])
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


def show_result(scan: slicer.vtkMRMLScalarVolumeNode | None, result: ActivityResult | None,
                box: slicer.vtkMRMLMarkupsROINode | None, look: HeatLook) -> None:
    """Show what belongs to the chosen scan and result: crop, outlines of the orbits, heat; and nothing of others.

    :param box: the crop that was prepared last; of this scan or of another one.
    """
    prepared = PreparedScan(box) if box is not None and scan_of(box) is scan else None
    orbits = prepared.orbits if prepared is not None else result.orbits if result is not None else None
    nodes = [prepared.box if prepared is not None else None, orbits]
    of_result = (result.table, result.crop, result.heat, result.heat_table) if result is not None else ()
    show_only(scan, [*nodes, *of_result])
    if result is not None and result.heat is not None:
        show_heat(result, look)
