"""Maps of how likely the labels of a result are wrong, shown in colours over the scan and on surfaces in 3-D."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util import numpy_support

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.heat_maps import blend_over, views_showing
from NeuroOrbitLib.mrml.provenance import MODULE_ATTRIBUTE, PREFIX
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, scan_of
from NeuroOrbitLib.mrml.segmentations import FAINT
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image

#: Reference from a segmentation to its map of doubt.
DOUBT_REFERENCE = f"{PREFIX}.doubt"
#: Reference from a map of doubt to the model of the surfaces in its colours.
_SURFACE_REFERENCE = f"{PREFIX}.doubtSurface"
#: Attribute of a map of doubt for which the fill of the segments was removed from slices.
_WITHOUT_FILL = f"{PREFIX}.doubtWithoutFill"
SCALARS = "Doubt (%)"
#: Built-in colour tables of the application, so that scenes need no file for them: yellow to red in slices, white to
#: red on surfaces.
COLORS, _SURFACE_COLORS = "vtkMRMLColorTableNodeWarm1", "vtkMRMLColorTableNodeWarmTint1"
#: Doubt (%) from which colours are shown, and at which they are full; at an outline the doubt is at most one half.
SHOWN_FROM, FULL = 15.0, 50.0
_OPACITY = 70.0
#: Width (mm) of the neighbourhood that gives the doubt of a surface; on the surface itself it is always one half.
_NEIGHBOURHOOD = 1.5
#: Doubt (%) near the sharpest surfaces of a network, and near surfaces that could as well lie some mm elsewhere.
_SURFACE_RANGE = (10.0, 40.0)
#: Structures that fill the orbit, which the map leaves out: their surface would show the doubt of others and hide them.
_FILLING = tuple(FAINT)


def add_doubt_map(doubt: Image, name: str,
                  segmentation: slicer.vtkMRMLSegmentationNode) -> slicer.vtkMRMLScalarVolumeNode:
    """Add a volume with the probability that each voxel's label is wrong to the scene; no view shows it yet.

    The volume is put under a linear transform of the segmentation, as the scan is.

    :param doubt: probability in percent (0 to 100), array (K, J, I).
    :param name: name of the volume.
    :param segmentation: segmentation of the result.
    """
    node = node_from_image(doubt, name)
    transform = segmentation.GetParentTransformNode()
    if transform is not None and transform.IsTransformToWorldLinear():
        from_world = vtk.vtkMatrix4x4()
        transform.GetMatrixTransformFromWorld(from_world)
        node.ApplyTransformMatrix(from_world)
        node.SetAndObserveTransformNodeID(transform.GetID())
    node.SetDescription(_("The probability in % that what is drawn at a place is wrong, as the model itself says."))
    display = node.GetDisplayNode()
    display.SetAndObserveColorNodeID(COLORS)
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(SHOWN_FROM, FULL)
    display.AutoThresholdOff()
    display.SetThreshold(SHOWN_FROM, 100.0)
    display.ApplyThresholdOn()
    return node


def doubt_of(segmentation: slicer.vtkMRMLSegmentationNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
    """Return the map of doubt that belongs to a segmentation; ``None`` if there is none."""
    return None if segmentation is None else segmentation.GetNodeReference(DOUBT_REFERENCE)


def slice_color(percent: float) -> str:
    """Return the colour of a doubt (%) in slices, as "#rrggbb"."""
    table = slicer.mrmlScene.GetNodeByID(COLORS).GetLookupTable()
    share = (percent - SHOWN_FROM) / (FULL - SHOWN_FROM)
    index = round(min(max(share, 0.0), 1.0) * (table.GetNumberOfTableValues() - 1))
    return "#" + "".join(f"{round(255 * part):02x}" for part in table.GetTableValue(index)[:3])


def legend() -> str:
    """Return the explanation of the colours as rich text."""
    swatches = [f'<span style="background-color:{slice_color(percent)}">&nbsp;&nbsp;&nbsp;</span>&nbsp;{percent:.0f}'
                for percent in (SHOWN_FROM, 30.0, FULL)]
    return _("Probability that what is drawn is wrong: {low} % {middle} % {high} % or more. No colour: less than "
             "{from_percent:.0f} %. On the surfaces in 3-D: white is sure, red unsure.").format(
        low=swatches[0], middle=swatches[1], high=swatches[2], from_percent=SHOWN_FROM)


def is_doubt_shown(segmentation: slicer.vtkMRMLSegmentationNode | None) -> bool:
    """Return whether a slice view shows the doubt about a result over its scan."""
    doubt = doubt_of(segmentation)
    return doubt is not None and bool(views_showing(doubt))


def show_doubt(segmentation: slicer.vtkMRMLSegmentationNode, shown: bool) -> None:
    """Show or hide the doubt about a result: over its scan in slices, and as colours of its surfaces in 3-D.

    While it is shown, slices show the segments as outlines without fill, whose colours would mix with those of the
    doubt.
    """
    doubt = doubt_of(segmentation)
    if doubt is None:
        return
    blend_over(scan_of(segmentation), doubt if shown else None, _OPACITY if shown else 0.0)
    if not shown:
        _restore(segmentation, doubt)
        return
    display = segmentation.GetDisplayNode()
    if display.GetVisibility2DFill():
        display.SetVisibility2DFill(False)
        doubt.SetAttribute(_WITHOUT_FILL, "1")
    if doubt.GetNodeReference(_SURFACE_REFERENCE) is None and display.GetVisibility3D() and _has_surfaces(segmentation):
        _add_surface(segmentation, doubt)
        display.SetVisibility3D(False)


def restore_looks(chosen: slicer.vtkMRMLSegmentationNode | None) -> None:
    """Restore the look of every result whose doubt is no longer shown, or that is not the chosen one.

    :param chosen: the chosen result; None if there is none, e.g. while another module is open: slices do not change
        then.
    """
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        doubt = doubt_of(node)
        if doubt is not None and not (chosen in (node, None) and is_doubt_shown(node)):
            _restore(node, doubt)


def _restore(segmentation: slicer.vtkMRMLSegmentationNode, doubt: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Show a result in its own colours again, as before its doubt was shown."""
    if doubt.GetAttribute(_WITHOUT_FILL):
        doubt.RemoveAttribute(_WITHOUT_FILL)
        segmentation.GetDisplayNode().SetVisibility2DFill(True)
    surface = doubt.GetNodeReference(_SURFACE_REFERENCE)
    if surface is not None:
        slicer.mrmlScene.RemoveNode(surface)
        segmentation.GetDisplayNode().SetVisibility3D(True)


def _has_surfaces(segmentation: slicer.vtkMRMLSegmentationNode) -> bool:
    kind = slicer.vtkSegmentationConverter.GetClosedSurfaceRepresentationName()
    return segmentation.GetSegmentation().ContainsRepresentation(kind)


def _add_surface(segmentation: slicer.vtkMRMLSegmentationNode, doubt: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Add a model of the visible segments' surfaces, coloured by the doubt near them."""
    model = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", slicer.mrmlScene.GenerateUniqueName(
        f"{doubt.GetName()} surface"))
    model.SetAndObservePolyData(_coloured_surface(segmentation, image_from_node(doubt)))
    model.SetAndObserveTransformNodeID(segmentation.GetTransformNodeID())
    model.SetAttribute(MODULE_ATTRIBUTE, segmentation.GetAttribute(MODULE_ATTRIBUTE))
    model.SetNodeReferenceID(SCAN_REFERENCE, scan_of(segmentation).GetID())  # hidden with the scan
    model.CreateDefaultDisplayNodes()
    display = model.GetDisplayNode()
    display.SetActiveScalarName(SCALARS)
    display.SetAndObserveColorNodeID(_SURFACE_COLORS)
    display.SetScalarRangeFlag(display.UseManualScalarRange)
    display.SetScalarRange(*_SURFACE_RANGE)
    display.SetScalarVisibility(True)
    display.SetVisibility2D(False)
    doubt.SetNodeReferenceID(_SURFACE_REFERENCE, model.GetID())


def _coloured_surface(segmentation: slicer.vtkMRMLSegmentationNode, doubt: Image) -> vtk.vtkPolyData:
    append, display = vtk.vtkAppendPolyData(), segmentation.GetDisplayNode()
    for name in segmentation.GetSegmentation().GetSegmentIDs():
        surface = vtk.vtkPolyData()
        is_shown = display.GetSegmentVisibility(name) and not name.endswith(_FILLING)
        if is_shown and segmentation.GetClosedSurfaceRepresentation(name, surface):
            append.AddInputData(surface)
    append.Update()
    surface = append.GetOutput()
    if surface.GetNumberOfPoints():
        scalars = numpy_support.numpy_to_vtk(doubt_near(doubt, _points_in_world(surface, segmentation)), deep=True)
        scalars.SetName(SCALARS)
        surface.GetPointData().SetScalars(scalars)
    return surface


def _points_in_world(surface: vtk.vtkPolyData, segmentation: slicer.vtkMRMLSegmentationNode) -> np.ndarray:
    """Return the points (N, 3) of a segmentation's surface in RAS mm, parent transforms included."""
    to_world, moved = vtk.vtkGeneralTransform(), vtk.vtkPoints()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(segmentation.GetParentTransformNode(), None, to_world)
    to_world.TransformPoints(surface.GetPoints(), moved)
    return numpy_support.vtk_to_numpy(moved.GetData())


def doubt_near(doubt: Image, points: np.ndarray) -> np.ndarray:
    """Return the mean doubt (%) in the neighbourhood of points; 0 outside of the map.

    :param doubt: map of doubt in percent.
    :param points: points in RAS mm, shape (N, 3).
    :return: mean doubt of each point, (N,) float32.
    """
    from scipy import ndimage  # imported here, so that Slicer starts without it

    widths = [_NEIGHBOURHOOD / step for step in doubt.spacing[::-1]]
    means = ndimage.gaussian_filter(doubt.array.astype(np.float32), widths, mode="constant")
    kji = doubt.grid.ijk_from_ras(points).T[::-1]
    return ndimage.map_coordinates(means, kji, order=1, mode="constant").astype(np.float32)
