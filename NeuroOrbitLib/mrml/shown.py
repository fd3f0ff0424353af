"""Views that show one scan with its results, while results of other scans are hidden."""

from __future__ import annotations

from collections.abc import Callable, Collection

import slicer

from NeuroOrbitLib.mrml.provenance import MODULE_ATTRIBUTE
from NeuroOrbitLib.mrml.scans import is_result, is_scan, scan_of
from NeuroOrbitLib.mrml.views import is_shown
from NeuroOrbitLib.mrml.visits import patient_of

#: Classes of the nodes that are shown over the scan in slice and 3-D views.
_OVERLAYS = ("vtkMRMLSegmentationNode", "vtkMRMLMarkupsROINode", "vtkMRMLModelNode")


def show_only(scan: slicer.vtkMRMLScalarVolumeNode | None, chosen: Collection[slicer.vtkMRMLNode | None]) -> None:
    """Show the chosen result of a scan in slices, 3-D and the layout's table, and hide results of other scans.

    Plots of other scans are hidden, too. Only nodes that the product made are affected. Results of another module on
    the same scan stay as they are; an earlier result of the same kind is hidden.

    :param scan: the chosen scan.
    :param chosen: nodes of the chosen result; ``None`` is skipped.
    """
    chosen = [node for node in chosen if node is not None]
    kinds = {_kind(node) for node in chosen}

    def is_to_hide(node: slicer.vtkMRMLNode) -> bool:
        foreign = scan_of(node) is not scan or _kind(node) in kinds
        return is_result(node) and node not in chosen and foreign

    for node in (node for name in _OVERLAYS for node in slicer.util.getNodesByClass(name)):
        if node in chosen or is_to_hide(node):
            _set_visible(node, node in chosen)
    blend_no_more(is_to_hide)
    _choose_table(scan, chosen)
    _plot_no_more(scan)


def hide_others(scan: slicer.vtkMRMLScalarVolumeNode | None) -> None:
    """Hide the product's results of other scans in slices and 3-D; without a scan, hide those of all scans."""
    def is_to_hide(node: slicer.vtkMRMLNode) -> bool:
        return is_result(node) and (scan is None or scan_of(node) is not scan)

    for node in (node for name in _OVERLAYS for node in slicer.util.getNodesByClass(name)):
        if is_to_hide(node):
            _set_visible(node, False)
    blend_no_more(is_to_hide)


def show_instead(chosen: slicer.vtkMRMLDisplayableNode, others: Collection[slicer.vtkMRMLDisplayableNode]) -> None:
    """Show one node and hide others, whether or not the product made them."""
    for node in (chosen, *others):
        _set_visible(node, node is chosen)


def hide_unseen(scan: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Hide the product's results of a scan unless a slice view shows that scan."""
    if is_shown(scan):
        return
    for node in (node for name in _OVERLAYS for node in slicer.util.getNodesByClass(name)):
        if is_result(node) and scan_of(node) is scan:
            _set_visible(node, False)


def may_be_of_others(scan: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Return whether the slice views show, instead of this scan, others that may be of another patient."""
    shown = shown_scans()
    if is_shown(scan) or not shown:
        return False
    patient = patient_of(scan)
    return not patient or any(patient_of(node) != patient for node in shown)


def shown_scans() -> list[slicer.vtkMRMLScalarVolumeNode]:
    """Return the scans that slice views show in the background."""
    composites = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    names = {composite.GetBackgroundVolumeID() for composite in composites} - {None}
    return [node for node in map(slicer.mrmlScene.GetNodeByID, names) if is_scan(node)]


def blend_no_more(is_to_hide: Callable[[slicer.vtkMRMLNode], bool]) -> None:
    """Remove volumes such as heat maps from the foreground of all slice views.

    :param is_to_hide: function that returns whether a volume is removed.
    """
    for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
        name = composite.GetForegroundVolumeID()
        blended = slicer.mrmlScene.GetNodeByID(name) if name else None
        if blended is not None and is_to_hide(blended):
            composite.SetForegroundVolumeID(None)
            composite.SetForegroundOpacity(0.0)


def _kind(node: slicer.vtkMRMLNode) -> tuple[str, str | None]:
    return node.GetClassName(), node.GetAttribute(MODULE_ATTRIBUTE)


def _set_visible(node: slicer.vtkMRMLDisplayableNode, visible: bool) -> None:
    display = node.GetDisplayNode()
    if display is not None and bool(display.GetVisibility()) != visible:
        display.SetVisibility(visible)


def _choose_table(scan: slicer.vtkMRMLScalarVolumeNode | None, chosen: Collection[slicer.vtkMRMLNode]) -> None:
    """Let the layout show the table of the chosen result, or none, instead of that of another result."""
    selection = slicer.app.applicationLogic().GetSelectionNode()
    shown = slicer.mrmlScene.GetNodeByID(selection.GetActiveTableID()) if selection.GetActiveTableID() else None
    if shown is None or not is_result(shown) or shown in chosen:
        return
    table = next((node for node in chosen if node.IsA("vtkMRMLTableNode")), None)
    if table is not None or scan_of(shown) is not scan:
        selection.SetActiveTableID(table.GetID() if table is not None else None)
        slicer.app.applicationLogic().PropagateTableSelection()


def _plot_no_more(scan: slicer.vtkMRMLScalarVolumeNode | None) -> None:
    """Remove a plot of another scan from the layout, since a plot does not show which scan it belongs to."""
    selection = slicer.app.applicationLogic().GetSelectionNode()
    name = selection.GetActivePlotChartID()
    plotted = slicer.mrmlScene.GetNodeByID(name) if name else None
    if plotted is not None and is_result(plotted) and scan_of(plotted) is not scan:
        selection.SetActivePlotChartID(None)
        slicer.app.applicationLogic().PropagatePlotChartSelection()
