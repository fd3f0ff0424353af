"""Changes of the selected segment as in Slicer's own effects: one step of undo, with its masking and overlap rules."""

from __future__ import annotations

import slicer

from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.imaging.slices import VoxelMask


def may_change(scripted_effect: object) -> bool:
    """Return whether a segment is selected, still exists, and is visible or may be changed although it is hidden.

    If the segment is hidden, the user is asked. Since the mouse button is then no longer down, the result is ``False``
    and only the next click counts, as with the built-in brush.
    """
    if selected_segment(scripted_effect) is None:
        return False
    answer = scripted_effect.confirmCurrentSegmentVisible()
    return answer == slicer.qSlicerSegmentEditorAbstractEffect.ConfirmedWithoutDialog


def selected_segment(scripted_effect: object) -> slicer.vtkSegment | None:
    """Return the selected segment; ``None`` if there is none, or it was deleted."""
    node = scripted_effect.parameterSetNode()
    segmentation = node.GetSegmentationNode() if node is not None else None
    if segmentation is None or not node.GetSelectedSegmentID():
        return None
    return segmentation.GetSegmentation().GetSegment(node.GetSelectedSegmentID())


def change_selected_segment(scripted_effect: object, voxels: VoxelMask | None, remove: bool = False) -> bool:
    """Add voxels to the selected segment, or remove them, as one step of undo; see :func:`redraw_selected_segment`."""
    return redraw_selected_segment(scripted_effect, *((None, voxels) if remove else (voxels, None)))


def redraw_selected_segment(scripted_effect: object, added: VoxelMask | None, removed: VoxelMask | None) -> bool:
    """Add voxels to the selected segment and remove others, as one step of undo.

    Masking, editable intensity range and overlap are applied by the segment editor.

    :param scripted_effect: scripted effect.
    :param added: voxels of the reference geometry to add, or ``None``.
    :param removed: voxels of the reference geometry to remove, or ``None``.
    :return: whether there were voxels to write and a selected segment.
    """
    reference = reference_of(scripted_effect)
    if (added is None and removed is None) or reference is None or selected_segment(scripted_effect) is None:
        return False
    mode = slicer.qSlicerSegmentEditorAbstractEffect
    scripted_effect.saveStateForUndo()
    for voxels, way in ((removed, mode.ModificationModeRemove), (added, mode.ModificationModeAdd)):
        if voxels is not None:
            scripted_effect.modifySelectedSegmentByLabelmap(reference.labelmap(voxels), way)
    return True
