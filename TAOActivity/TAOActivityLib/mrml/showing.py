"""Display of the results of the steps: the crop over the scan, the heat over the scan."""

from __future__ import annotations

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import classifier_results, views
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.heat_maps import HeatLook, blend_over
from NeuroOrbitLib.mrml.run_records import lies_where_it_was
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.shown import show_only
from NeuroOrbitLib.mrml.windows import set_useful_window
from TAOActivityLib.mrml.prepared_scan import PreparedScan, box_over


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


def crop_changes(result: ClassifierResult, box: slicer.vtkMRMLMarkupsROINode | None) -> list[str]:
    """Return a sentence if the crop over the scan differs from the crop of an answer; nothing otherwise.

    :param result: the answer.
    :param box: the crop that was prepared last, of this scan or another one.
    """
    prepared, record = PreparedScan(box) if box is not None else None, result.record
    if prepared is None or result.scan is None or prepared.problem(result.scan, prepared.region):
        return []
    now, then = prepared.crop(), record["crop"]
    moved = not np.allclose(now["affine"], then["affine"], atol=0.01)
    if not lies_where_it_was(record, result.scan) or (now["region"] == then["region"] and not moved):
        return []
    return [_("The crop was changed after this answer was computed. Press Apply for an answer about the present crop.")]


def crop_changes_of_scan(result: ClassifierResult) -> list[str]:
    """Return the sentence of :func:`crop_changes` for the crop over the scan of an answer, whatever is chosen.

    :param result: the answer.
    """
    return crop_changes(result, box_over(result.scan))


def show_result(scan: slicer.vtkMRMLScalarVolumeNode | None, result: ClassifierResult | None,
                box: slicer.vtkMRMLMarkupsROINode | None, look: HeatLook) -> None:
    """Show only what belongs to the chosen scan and result: crop, outlines of the orbits, heat.

    :param scan: the chosen scan.
    :param result: the chosen result.
    :param box: the crop that was prepared last, of this scan or another one.
    :param look: display of the heat.
    """
    prepared = PreparedScan(box) if box is not None and scan_of(box) is scan else None
    orbits = prepared.orbits if prepared is not None else result.segmentation if result is not None else None
    classifier_results.show_result(scan, result, look, (prepared.box if prepared is not None else None, orbits))
