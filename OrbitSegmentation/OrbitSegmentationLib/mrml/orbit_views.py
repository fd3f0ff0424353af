"""The views turned to where a reader looks at an orbit first."""

from __future__ import annotations

import numpy as np
import slicer

from NeuroOrbitLib.mrml import views
from OrbitSegmentationLib.view_plans import Place, plan_view


def show_orbits(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Show axially the optic nerves, coronally the bellies of the muscles, sagittally one eyeball with its nerve.

    Slices are turned to the patient's own planes; views that show no result of any structure stay as they are.
    """
    present = [name for name in segmentation.GetSegmentation().GetSegmentIDs()
               if segmentation.GetSegmentCenterRAS(name) is not None]
    if not present:
        return
    places = {name: place_of(segmentation, name) for name in present}
    for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        if node.GetOrientation() in views.PLANES:
            plan = plan_view(views.PLANES[node.GetOrientation()], places)
            views.fill_slice(node, plan.center, plan.width, plan.height)


def place_of(segmentation: slicer.vtkMRMLSegmentationNode, name: str) -> Place:
    """Return where a segment lies, in RAS mm, parent transforms included."""
    bounds = np.zeros(6)
    segmentation.GetSegmentation().GetSegment(name).GetBounds(bounds)
    corners = np.stack(np.meshgrid(*bounds.reshape(3, 2), indexing="ij"), -1).reshape(-1, 3)
    world = np.array([_to_world(segmentation, corner) for corner in corners])
    middle = np.array(segmentation.GetSegmentCenterRAS(name))
    return Place(middle, np.stack([world.min(axis=0), world.max(axis=0)], axis=1))


def _to_world(node: slicer.vtkMRMLTransformableNode, point: np.ndarray) -> np.ndarray:
    world = np.zeros(3)
    node.TransformPointToWorld(point, world)
    return world
