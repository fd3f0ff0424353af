"""Changing the selected segment as Slicer's own effects do: one step of undo, masked, overlapping as the user chose."""

from __future__ import annotations

import slicer

from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.imaging.slices import VoxelMask


def may_change(scripted_effect: object) -> bool:
    """Whether a segment is selected and still there, and is visible or may be changed although it is hidden.

    If the segment is hidden, the user is asked; then the mouse button is no longer down, so the answer is ``False``
    and the next click counts, as with the built-in brush.
    """
    if selected_segment(scripted_effect) is None:
        return False
    answer = scripted_effect.confirmCurrentSegmentVisible()
    return answer == slicer.qSlicerSegmentEditorAbstractEffect.ConfirmedWithoutDialog


def selected_segment(scripted_effect: object) -> slicer.vtkSegment | None:
    """The selected segment; ``None`` if there is none, or it was deleted."""
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

    :param added: voxels of the reference geometry; :param removed: voxels, too.
    :return: whether there was something to write and a segment to write it to.
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
