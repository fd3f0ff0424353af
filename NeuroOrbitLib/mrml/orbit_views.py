"""Views at the places where a reader looks at an orbit first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import slicer

from NeuroOrbitLib.anatomy import segment_id
from NeuroOrbitLib.anatomy.view_plans import Place, plan_view
from NeuroOrbitLib.mrml import views
from NeuroOrbitLib.mrml.segment_masks import labelled_segments

#: Assumed size and place (mm) of globe and nerve in an orbit of which only the position of the eye is known.
_GLOBE_RADIUS, _NERVE_BEHIND_EYE = 12.0, 25.0


def show_orbits(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Show the optic nerves axially, the bellies of the muscles coronally, and one eyeball with its nerve sagittally.

    Only views in about one of the patient's planes are moved, and none is turned; nothing happens for an empty
    segmentation.
    """
    named = {segment_id(value): name for value, name in labelled_segments(segmentation).items()}
    named = named or {name: name for name in segmentation.GetSegmentation().GetSegmentIDs()}
    places = {key: place_of(segmentation, name) for key, name in named.items()
              if segmentation.GetSegmentCenterRAS(name) is not None}
    if places:
        _show_places(places)


def look_at(segmentation: slicer.vtkMRMLSegmentationNode) -> None:
    """Move slice views and 3-D views to a result, as after Apply."""
    show_orbits(segmentation)
    views.frame_in_3d(segmentation)


def show_eyes(eyes: Mapping[str, Sequence[float]]) -> None:
    """Show the orbits before anything is segmented.

    :param eyes: centre of the globe in RAS mm, by side ("right", "left").
    """
    places = {}
    for side, middle in eyes.items():
        globe = np.array(middle)
        places[f"{side}_eyeball"] = Place(globe, _box(globe, _GLOBE_RADIUS))
        nerve = globe - np.array([0.0, _NERVE_BEHIND_EYE, 0.0])
        places[f"{side}_optic_nerve"] = Place(globe * [1, 0, 1] + nerve * [0, 1, 0], _box(nerve, _GLOBE_RADIUS))
    _show_places(places)


def _box(middle: np.ndarray, radius: float) -> np.ndarray:
    return np.stack([middle - radius, middle + radius], axis=1)


def _show_places(places: Mapping[str, Place]) -> None:
    for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        view = views.plane_of(node)
        if view is not None:
            plan = plan_view(view, places)
            views.fill_slice(node, plan.center, plan.width, plan.height)


def place_of(segmentation: slicer.vtkMRMLSegmentationNode, name: str) -> Place:
    """Return the centre and bounds of a segment in RAS mm, parent transforms included."""
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
