"""How likely the outlines of a result are wrong: colours over the scan, and on the surfaces in 3-D."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util import numpy_support

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.heat_maps import COLORS, blend_over
from NeuroOrbitLib.mrml.provenance import PREFIX
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segmentation_results import doubt_of
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image

#: Refers from a map of doubt to the model of the surfaces in its colours.
_SURFACE_REFERENCE = f"{PREFIX}.doubtSurface"
SCALARS = "Doubt (%)"
#: Doubt (%) from which colours are shown, and at which they are full: at an outline, one half is the most.
SHOWN_FROM, FULL = 15.0, 50.0
_OPACITY = 70.0
#: The doubt at a surface is that of its neighbourhood (mm): on the surface itself, it is one half by definition.
_NEIGHBOURHOOD = 1.5
#: Doubt (%) near surfaces as sharp as a network draws them, and near ones that could as well run some mm elsewhere.
_SURFACE_RANGE = (10.0, 40.0)


def add_doubt_map(doubt: Image, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """Return a new volume with the probability (0 to 100 %) that each voxel's label is wrong; no view shows it yet."""
    node = node_from_image(doubt, name)
    node.SetDescription(_("The probability in % that what is drawn at a place is wrong, as the model itself says."))
    display = node.GetDisplayNode()
    display.SetAndObserveColorNodeID(COLORS)
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(0.0, FULL)
    display.AutoThresholdOff()
    display.SetThreshold(SHOWN_FROM, 100.0)
    display.ApplyThresholdOn()
    return node


def is_doubt_shown(segmentation: slicer.vtkMRMLSegmentationNode | None) -> bool:
    """Return whether a slice view shows the doubt about a result over its scan."""
    doubt = doubt_of(segmentation)
    return doubt is not None and any(composite.GetForegroundVolumeID() == doubt.GetID()
                                     for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"))


def show_doubt(segmentation: slicer.vtkMRMLSegmentationNode, shown: bool) -> None:
    """Show or hide the doubt about a result: over its scan in slices, and as colours of its surfaces in 3-D."""
    doubt = doubt_of(segmentation)
    if doubt is None:
        return
    blend_over(scan_of(segmentation), doubt if shown else None, _OPACITY if shown else 0.0)
    surface, display = doubt.GetNodeReference(_SURFACE_REFERENCE), segmentation.GetDisplayNode()
    if shown and surface is None and display.GetVisibility3D() and _has_surfaces(segmentation):
        surface = _add_surface(segmentation, doubt)
    if surface is not None and shown:
        display.SetVisibility3D(False)
    elif surface is not None:
        _forget_surface(segmentation, surface)


def forget_other_surfaces(segmentation: slicer.vtkMRMLSegmentationNode | None) -> None:
    """Leave no surfaces in the colours of doubt in the scene but those of the chosen result."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        doubt = doubt_of(node) if node is not segmentation else None
        surface = doubt.GetNodeReference(_SURFACE_REFERENCE) if doubt is not None else None
        if surface is not None:
            _forget_surface(node, surface)


def _forget_surface(segmentation: slicer.vtkMRMLSegmentationNode, surface: slicer.vtkMRMLModelNode) -> None:
    slicer.mrmlScene.RemoveNode(surface)
    segmentation.GetDisplayNode().SetVisibility3D(True)


def _has_surfaces(segmentation: slicer.vtkMRMLSegmentationNode) -> bool:
    kind = slicer.vtkSegmentationConverter.GetClosedSurfaceRepresentationName()
    return segmentation.GetSegmentation().ContainsRepresentation(kind)


def _add_surface(segmentation: slicer.vtkMRMLSegmentationNode,
                 doubt: slicer.vtkMRMLScalarVolumeNode) -> slicer.vtkMRMLModelNode:
    """A model of the visible segments' surfaces, coloured by the doubt near them."""
    model = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", slicer.mrmlScene.GenerateUniqueName(
        f"{doubt.GetName()} surface"))
    model.SetAndObservePolyData(_coloured_surface(segmentation, image_from_node(doubt)))
    model.SetSaveWithScene(False)
    model.CreateDefaultDisplayNodes()
    display = model.GetDisplayNode()
    display.SetActiveScalarName(SCALARS)
    display.SetAndObserveColorNodeID(COLORS)
    display.SetScalarRangeFlag(display.UseManualScalarRange)
    display.SetScalarRange(*_SURFACE_RANGE)
    display.SetScalarVisibility(True)
    display.SetVisibility2D(False)
    doubt.SetNodeReferenceID(_SURFACE_REFERENCE, model.GetID())
    return model


def _coloured_surface(segmentation: slicer.vtkMRMLSegmentationNode, doubt: Image) -> vtk.vtkPolyData:
    append, display = vtk.vtkAppendPolyData(), segmentation.GetDisplayNode()
    for name in segmentation.GetSegmentation().GetSegmentIDs():
        surface = vtk.vtkPolyData()
        if display.GetSegmentVisibility(name) and segmentation.GetClosedSurfaceRepresentation(name, surface):
            append.AddInputData(surface)
    append.Update()
    surface = append.GetOutput()
    if surface.GetNumberOfPoints():
        points = numpy_support.vtk_to_numpy(surface.GetPoints().GetData())
        scalars = numpy_support.numpy_to_vtk(doubt_near(doubt, points), deep=True)
        scalars.SetName(SCALARS)
        surface.GetPointData().SetScalars(scalars)
    return surface


def doubt_near(doubt: Image, points: np.ndarray) -> np.ndarray:
    """Return the mean doubt (%) in the neighbourhood of points; 0 beyond the map.

    :param doubt: map in %. :param points: (N, 3) RAS mm.
    :return: (N,) float32.
    """
    from scipy import ndimage  # not when the application starts

    widths = [_NEIGHBOURHOOD / step for step in doubt.spacing[::-1]]
    means = ndimage.gaussian_filter(doubt.array.astype(np.float32), widths, mode="constant")
    kji = doubt.grid.ijk_from_ras(points).T[::-1]
    return ndimage.map_coordinates(means, kji, order=1, mode="constant").astype(np.float32)
