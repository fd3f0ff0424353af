"""The masking section of the Segment Editor: where and in which intensities voxels may change."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer

from slicerhost.segmenteditor.editor_panel import EditorPanel, without_signals


class MaskingSection:
    """Keeps the masking widgets of a panel and the segment editor node in step.

    editor_node: returns the vtkMRMLSegmentEditorNode, or None.
    """

    def __init__(self, panel: EditorPanel, editor_node: Callable[[], Any]) -> None:
        self._panel = panel
        self._editor_node = editor_node
        panel.mask_mode.currentIndexChanged.connect(self._mask_mode_chosen)
        panel.intensity_check_box.toggled.connect(self._intensity_mask_toggled)
        panel.intensity_range.valuesChanged.connect(self._intensity_range_changed)
        panel.overwrite_mode.currentIndexChanged.connect(self._overwrite_mode_chosen)

    def update(self, source_volume: Any) -> None:
        """Show the masks of the node."""
        node, panel = self._editor_node(), self._panel
        inside_one = slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment
        with without_signals(panel.mask_mode):
            chosen = node.GetMaskSegmentID() if node.GetMaskMode() == inside_one else int(node.GetMaskMode())
            panel.mask_mode.setCurrentIndex(panel.mask_mode.findData(chosen))
        with without_signals(panel.intensity_check_box):
            panel.intensity_check_box.setChecked(bool(node.GetSourceVolumeIntensityMask()))
        self._rename_segments(node.GetSegmentationNode())
        self._initialise_range(node, source_volume)
        low, high = node.GetSourceVolumeIntensityMaskRange()
        with without_signals(panel.intensity_range):
            panel.intensity_range.setVisible(bool(node.GetSourceVolumeIntensityMask()))
            panel.intensity_range.minimumValue, panel.intensity_range.maximumValue = low, high
        with without_signals(panel.overwrite_mode):
            panel.overwrite_mode.setCurrentIndex(panel.overwrite_mode.findData(int(node.GetOverwriteMode())))

    def set_intensity_limits(self, source_volume: Any) -> None:
        """Limit the intensity range to the intensities of the volume."""
        image = source_volume.GetImageData() if source_volume is not None else None
        if image is not None and image.GetPointData() is not None:
            widget = self._panel.intensity_range
            widget.minimum, widget.maximum = image.GetScalarRange()
        self._panel.intensity_range.setEnabled(image is not None)

    def list_segments(self, segmentation_node: Any) -> None:
        """Offer each segment as an editable area."""
        box = self._panel.mask_mode
        with without_signals(box):
            is_segment = box.currentIndex >= self._panel.fixed_mask_modes
            chosen = box.itemData(box.currentIndex) if is_segment else None
            while box.count > self._panel.fixed_mask_modes:
                box.removeItem(box.count - 1)
            segmentation = segmentation_node.GetSegmentation() if segmentation_node is not None else None
            for identifier in segmentation.GetSegmentIDs() if segmentation is not None else ():
                box.addItem(f"Inside {segmentation.GetSegment(identifier).GetName()}", identifier)
            if chosen:
                box.setCurrentIndex(box.findData(chosen))
        if segmentation_node is not None and box.currentIndex < 0:
            box.setCurrentIndex(0)  # the segment was deleted

    def _rename_segments(self, segmentation_node: Any) -> None:
        segmentation = segmentation_node.GetSegmentation() if segmentation_node is not None else None
        for identifier in segmentation.GetSegmentIDs() if segmentation is not None else ():
            index = self._panel.mask_mode.findData(identifier)
            if index >= self._panel.fixed_mask_modes:
                self._panel.mask_mode.setItemText(index, segmentation.GetSegment(identifier).GetName())

    @staticmethod
    def _initialise_range(node: Any, source_volume: Any) -> None:
        low, high = node.GetSourceVolumeIntensityMaskRange()
        image = source_volume.GetImageData() if source_volume is not None else None
        if node.GetSourceVolumeIntensityMask() and low == high and image is not None:
            first, last = image.GetScalarRange()
            node.SetSourceVolumeIntensityMaskRange(first + 0.25 * (last - first), first + 0.75 * (last - first))

    def _mask_mode_chosen(self, index: int) -> None:
        node = self._editor_node()
        if node is None or index < 0:
            return
        if index >= self._panel.fixed_mask_modes:
            node.SetMaskSegmentID(self._panel.mask_mode.itemData(index))
            node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
        elif self._panel.mask_mode.itemData(index) is not None:  # None: the separator before the segments
            node.SetMaskMode(int(self._panel.mask_mode.itemData(index)))

    def _intensity_mask_toggled(self, enabled: bool) -> None:
        if self._editor_node() is not None:
            self._editor_node().SetSourceVolumeIntensityMask(bool(enabled))

    def _intensity_range_changed(self, low: float, high: float) -> None:
        if self._editor_node() is not None:
            self._editor_node().SetSourceVolumeIntensityMaskRange(low, high)

    def _overwrite_mode_chosen(self, index: int) -> None:
        if self._editor_node() is not None and index >= 0:
            self._editor_node().SetOverwriteMode(int(self._panel.overwrite_mode.itemData(index)))
