"""Base class of scripted effects that complete a segmentation: preview, refine, apply."""
from __future__ import annotations

from typing import Any

import ctk
import qt
import slicer
import vtk
from slicer.i18n import tr as _

from .AbstractScriptedSegmentEditorEffect import AbstractScriptedSegmentEditorEffect

__all__ = ["AbstractScriptedSegmentEditorAutoCompleteEffect", "ResultPreviewNodeReferenceRole"]

ResultPreviewNodeReferenceRole = "SegmentationResultPreview"
_PREVIEW_OWNER = "SegmentationResultPreviewOwnerEffect"
_LABELMAP = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
_SURFACE = slicer.vtkSegmentationConverter.GetSegmentationClosedSurfaceRepresentationName()
_UPDATE_DELAY_MILLISECONDS = 1000


class AbstractScriptedSegmentEditorAutoCompleteEffect(AbstractScriptedSegmentEditorEffect):
    """Works on all visible segments at once; subclasses override `computePreviewLabelmap(mergedImage, outputLabelmap)`.

    The result is kept in a preview segmentation that follows the input segments until it is applied or cancelled.
    """

    def __init__(self, scriptedEffect: Any) -> None:
        scriptedEffect.perSegment = False
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)
        self.minimumNumberOfSegments = 1
        self.minimumNumberOfSegmentsWithEditableArea = 1
        self.clippedMasterImageDataRequired = False
        self.clippedMaskImageDataRequired = False
        self.extentGrowthRatio = 0.1
        self.minimumExtentMargin = 3
        self.previewComputationInProgress = False
        self.observedSegmentation = None
        self.segmentationNodeObserverTags: list[int] = []
        self._forgetInputs()
        self.delayedAutoUpdateTimer = qt.QTimer()
        self.delayedAutoUpdateTimer.setSingleShot(True)
        self.delayedAutoUpdateTimer.interval = _UPDATE_DELAY_MILLISECONDS
        self.delayedAutoUpdateTimer.connect("timeout()", self.onPreview)

    def _forgetInputs(self) -> None:
        self.mergedLabelmapGeometryImage = None
        self.selectedSegmentIds = None
        self.selectedSegmentModifiedTimes: dict[str, int] = {}
        self.clippedMasterImageData = None
        self.clippedMaskImageData = None

    def cleanup(self) -> None:
        self.delayedAutoUpdateTimer.stop()
        self.delayedAutoUpdateTimer.disconnect("timeout()", self.onPreview)
        self.observeSegmentation(False)

    # Options

    def setupOptionsFrame(self) -> None:
        self.autoUpdateCheckBox = qt.QCheckBox(_("Auto-update"))
        self.autoUpdateCheckBox.setChecked(True)
        self.autoUpdateCheckBox.setEnabled(False)
        self.previewButton = self._button(_("Initialize"), "Preview", self.onPreview)
        self._addRow(_("Preview:"), self.autoUpdateCheckBox, self.previewButton)

        self.previewOpacitySlider = ctk.ctkSliderWidget()
        self.previewOpacitySlider.minimum = 0.0
        self.previewOpacitySlider.maximum = 1.0
        self.previewOpacitySlider.singleStep = 0.05
        self.previewOpacitySlider.value = 0.0
        self.previewOpacitySlider.spinBoxVisible = False
        self.previewShow3DButton = qt.QPushButton(_("Show 3D"))
        self.previewShow3DButton.setCheckable(True)
        self._addRow(_("Display:"), qt.QLabel(_("inputs")), self.previewOpacitySlider, qt.QLabel(_("results")),
                     self.previewShow3DButton)

        self.cancelButton = self._button(_("Cancel"), "Cancel", self.onCancel)
        self.applyButton = self._button(_("Apply"), "Apply", self.onApply)
        self._addRow("", self.cancelButton, self.applyButton)

        self.previewOpacitySlider.connect("valueChanged(double)", self.updateMRMLFromGUI)
        self.previewShow3DButton.connect("toggled(bool)", self.updateMRMLFromGUI)
        self.autoUpdateCheckBox.connect("stateChanged(int)", self.updateMRMLFromGUI)

    def _button(self, text: str, nameSuffix: str, clicked: Any) -> Any:
        button = qt.QPushButton(text)
        button.objectName = self.__class__.__name__ + nameSuffix
        button.connect("clicked()", clicked)
        return button

    def _addRow(self, label: str, *widgets: Any) -> None:
        row = qt.QHBoxLayout()
        for widget in widgets:
            row.addWidget(widget)
        if label:
            self.scriptedEffect.addLabeledOptionsWidget(label, row)
        else:
            self.scriptedEffect.addOptionsWidget(row)

    def createCursor(self, widget: Any) -> Any:
        return slicer.util.mainWindow().cursor

    def setMRMLDefaults(self) -> None:
        self.scriptedEffect.setParameterDefault("AutoUpdate", "1")

    def updateGUIFromMRML(self) -> None:
        previewExists = self.getPreviewNode() is not None
        for widget in (self.cancelButton, self.applyButton, self.previewOpacitySlider, self.previewShow3DButton,
                       self.autoUpdateCheckBox):
            widget.setEnabled(previewExists)
        self.previewButton.text = _("Update") if previewExists else _("Initialize")
        self._showWithoutSignal(self.autoUpdateCheckBox, self.scriptedEffect.integerParameter("AutoUpdate") != 0)
        if previewExists:
            wasBlocked = self.previewOpacitySlider.blockSignals(True)
            self.previewOpacitySlider.value = self.getPreviewOpacity()
            self.previewOpacitySlider.blockSignals(wasBlocked)
            self._showWithoutSignal(self.previewShow3DButton, self.getPreviewShow3D())
            self.observeSegmentation(self.autoUpdateCheckBox.isChecked())
        else:
            self.delayedAutoUpdateTimer.stop()
            self.observeSegmentation(False)

    def updateMRMLFromGUI(self, *_value: Any) -> None:
        if self.getPreviewNode() is not None:
            self.setPreviewOpacity(self.previewOpacitySlider.value)
            self.setPreviewShow3D(self.previewShow3DButton.checked)
        self.scriptedEffect.setParameter("AutoUpdate", 1 if self.autoUpdateCheckBox.isChecked() else 0)

    @staticmethod
    def _showWithoutSignal(button: Any, checked: bool) -> None:
        wasBlocked = button.blockSignals(True)
        button.setChecked(checked)
        button.blockSignals(wasBlocked)

    # Preview node

    def _segmentationNode(self) -> Any:
        node = self.scriptedEffect.parameterSetNode()
        return node.GetSegmentationNode() if node is not None else None

    def getPreviewNode(self) -> Any:
        """Return the preview segmentation of this effect, or None."""
        node = self.scriptedEffect.nodeReference(ResultPreviewNodeReferenceRole)
        isOwner = (not self.scriptedEffect.commonParameterDefined(_PREVIEW_OWNER)
                   or self.scriptedEffect.parameter(_PREVIEW_OWNER) == self.scriptedEffect.name)
        return node if node is not None and isOwner else None

    def getPreviewOpacity(self) -> float:
        """Return the opacity of the results: 0 shows the inputs alone, 1 the results alone."""
        node = self.getPreviewNode()
        return node.GetDisplayNode().GetOpacity() if node is not None else 0.6

    def setPreviewOpacity(self, opacity: float) -> None:
        """Fade between inputs (0) and results (1)."""
        if self.getPreviewNode() is not None:
            self.getPreviewNode().GetDisplayNode().SetOpacity(opacity)
        self._segmentationNode().GetDisplayNode().SetOpacity(1.0 - opacity)

    def getPreviewShow3D(self) -> bool:
        """Return whether the results are shown in 3D."""
        node = self.getPreviewNode()
        return node is not None and bool(node.GetSegmentation().ContainsRepresentation(_SURFACE))

    def setPreviewShow3D(self, show: bool) -> None:
        """Show the results in 3D or not."""
        node = self.getPreviewNode()
        if node is not None and show:
            node.CreateClosedSurfaceRepresentation()
        elif node is not None:
            node.RemoveClosedSurfaceRepresentation()

    def _createPreviewNode(self) -> Any:
        inputNode = self._segmentationNode()
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        node.CreateDefaultDisplayNodes()
        node.GetDisplayNode().SetVisibility2DOutline(False)
        if inputNode.GetParentTransformNode() is not None:
            node.SetAndObserveTransformNodeID(inputNode.GetParentTransformNode().GetID())
        rule = slicer.vtkBinaryLabelmapToClosedSurfaceConversionRule
        node.GetSegmentation().SetConversionParameter(rule.GetSmoothingFactorParameterName(), "-0.5")  # fast
        self.scriptedEffect.setCommonNodeReference(ResultPreviewNodeReferenceRole, node)
        self.scriptedEffect.setCommonParameter(_PREVIEW_OWNER, self.scriptedEffect.name)
        return node

    # Computation

    def onPreview(self) -> None:
        if self.previewComputationInProgress:
            return
        self.previewComputationInProgress = True
        try:
            with slicer.util.tryWithErrorDisplay(_("Segmentation operation failed:"), waitCursor=True):
                self.preview()
        finally:
            self.previewComputationInProgress = False

    def preview(self) -> None:
        """Compute the result and show it in the preview segmentation."""
        opacity, show3D = self.getPreviewOpacity(), self.getPreviewShow3D()
        if self.effectiveExtentChanged() and not self._startPreview():
            return
        node = self.getPreviewNode()
        node.SetName(f"{self._segmentationNode().GetName()} preview")
        node.RemoveClosedSurfaceRepresentation()
        mergedImage, outputLabelmap = slicer.vtkOrientedImageData(), slicer.vtkOrientedImageData()
        self._segmentationNode().GenerateMergedLabelmapForAllSegments(
            mergedImage, slicer.vtkSegmentation.EXTENT_UNION_OF_EFFECTIVE_SEGMENTS, self.mergedLabelmapGeometryImage,
            self.selectedSegmentIds)
        self.computePreviewLabelmap(mergedImage, outputLabelmap)
        self._showResult(node, outputLabelmap)
        self.setPreviewOpacity(opacity)
        self.setPreviewShow3D(show3D)
        self.updateGUIFromMRML()

    def computePreviewLabelmap(self, mergedImage: Any, outputLabelmap: Any) -> None:
        """Compute the completed label map: the n-th selected segment has label n + 1."""
        raise NotImplementedError

    def _startPreview(self) -> bool:
        selected, show3D = self.selectedSegmentIds, self._segmentationNode().GetSegmentation().ContainsRepresentation(
            _SURFACE)
        self.reset()
        self.selectedSegmentIds = selected or self._visibleSegmentIds()
        self._checkNumberOfSegments()
        geometry = self._effectiveGeometry()
        if geometry is None:
            return False
        geometry.SetExtent(self._grownExtent(geometry.GetExtent()))
        self.mergedLabelmapGeometryImage = geometry
        self._createPreviewNode()
        self.setPreviewOpacity(0.6)
        self.setPreviewShow3D(bool(show3D))
        self._clipInputs()
        return True

    def _visibleSegmentIds(self) -> vtk.vtkStringArray:
        identifiers = vtk.vtkStringArray()
        self._segmentationNode().GetDisplayNode().GetVisibleSegmentIDs(identifiers)
        return identifiers

    def _checkNumberOfSegments(self) -> None:
        parameters = self.scriptedEffect.parameterSetNode()
        isLimited = (parameters.GetSourceVolumeIntensityMask()
                     or parameters.GetMaskMode() != slicer.vtkMRMLSegmentationNode.EditAllowedEverywhere)
        minimum = self.minimumNumberOfSegmentsWithEditableArea if isLimited else self.minimumNumberOfSegments
        if self.selectedSegmentIds.GetNumberOfValues() < minimum:
            self.selectedSegmentIds = None
            raise RuntimeError(
                _("Minimum {minimumNumberOfSegments} visible segments are required.").format(
                    minimumNumberOfSegments=minimum))

    def _effectiveGeometry(self) -> Any:
        """Return an image with the extent of what is segmented, or None when nothing is."""
        text = self._segmentationNode().GetSegmentation().DetermineCommonLabelmapGeometry(
            slicer.vtkSegmentation.EXTENT_UNION_OF_EFFECTIVE_SEGMENTS, self.selectedSegmentIds)
        if not text:
            return None
        image = slicer.vtkOrientedImageData()
        slicer.vtkSegmentationConverter.DeserializeImageGeometry(text, image)
        return image

    def _grownExtent(self, extent: tuple[int, ...]) -> list[int]:
        limits = self.scriptedEffect.sourceVolumeImageData().GetExtent()
        grown = []
        for low, high, first, last in zip(extent[::2], extent[1::2], limits[::2], limits[1::2], strict=True):
            margin = max(self.minimumExtentMargin, int(self.extentGrowthRatio * (high - low)))
            grown += [max(first, low - margin), min(last, high + margin)]
        return grown

    def effectiveExtentChanged(self) -> bool:
        """Return whether the preview has to start again: the segments came too close to the edge of its extent."""
        geometry = self._effectiveGeometry() if self.selectedSegmentIds is not None else None
        if self.getPreviewNode() is None or self.mergedLabelmapGeometryImage is None or geometry is None:
            return True
        limits = self.scriptedEffect.sourceVolumeImageData().GetExtent()
        current, needed = self.mergedLabelmapGeometryImage.GetExtent(), geometry.GetExtent()
        margin = self.minimumExtentMargin
        lowTooClose = any(current[i] != limits[i] and current[i] > needed[i] - margin for i in (0, 2, 4))
        highTooClose = any(current[i] != limits[i] and current[i] < needed[i] + margin for i in (1, 3, 5))
        return lowTooClose or highTooClose

    def _clipInputs(self) -> None:
        if self.clippedMasterImageDataRequired:
            clipper = vtk.vtkImageConstantPad()
            clipper.SetInputData(self.scriptedEffect.sourceVolumeImageData())
            clipper.SetOutputWholeExtent(self.mergedLabelmapGeometryImage.GetExtent())
            clipper.Update()
            self.clippedMasterImageData = slicer.vtkOrientedImageData()
            self.clippedMasterImageData.ShallowCopy(clipper.GetOutput())
            self.clippedMasterImageData.CopyDirections(self.mergedLabelmapGeometryImage)
        if self.clippedMaskImageDataRequired:
            parameters = self.scriptedEffect.parameterSetNode()
            byIntensity = bool(parameters.GetSourceVolumeIntensityMask())
            mask = slicer.vtkOrientedImageData()
            isMade = self._segmentationNode().GenerateEditMask(
                mask, parameters.GetMaskMode(), self.clippedMasterImageData, "", parameters.GetMaskSegmentID() or "",
                self.clippedMasterImageData if byIntensity else None,
                parameters.GetSourceVolumeIntensityMaskRange() if byIntensity else None)
            self.clippedMaskImageData = mask if isMade else None

    def _showResult(self, node: Any, labelmap: Any) -> None:
        segmentation = node.GetSegmentation()
        if segmentation.GetNumberOfSegments() != self.selectedSegmentIds.GetNumberOfValues():
            segmentation.RemoveAllSegments()
        for index in range(self.selectedSegmentIds.GetNumberOfValues()):
            identifier = self.selectedSegmentIds.GetValue(index)
            segment = segmentation.GetSegment(identifier)
            if segment is None:
                inputSegment = self._segmentationNode().GetSegmentation().GetSegment(identifier)
                segment = slicer.vtkSegment()
                segment.SetName(inputSegment.GetName())
                segment.SetColor(inputSegment.GetColor())
                segmentation.AddSegment(segment, identifier)
            segment.AddRepresentation(_LABELMAP, labelmap)
            segment.SetLabelValue(index + 1)
            node.GetDisplayNode().SetSegmentVisibility3D(
                identifier, not self.isBackgroundLabelmap(labelmap, index + 1))

    @staticmethod
    def isBackgroundLabelmap(labelmapOrientedImageData: Any, label: int | None = None) -> bool:
        """Return whether at least five corner voxels have the label (any label if None)."""
        if labelmapOrientedImageData is None or labelmapOrientedImageData.IsEmpty():
            return False
        extent = labelmapOrientedImageData.GetExtent()
        corners = [labelmapOrientedImageData.GetScalarComponentAsFloat(i, j, k, 0)
                   for i in extent[0:2] for j in extent[2:4] for k in extent[4:6]]
        return sum(value > 0 if label is None else value == label for value in corners) > 4

    # Finishing

    def reset(self) -> None:
        """Remove the preview."""
        self.delayedAutoUpdateTimer.stop()
        self.observeSegmentation(False)
        node = self.scriptedEffect.nodeReference(ResultPreviewNodeReferenceRole)
        if node is not None:
            self.scriptedEffect.setCommonNodeReference(ResultPreviewNodeReferenceRole, None)
            slicer.mrmlScene.RemoveNode(node)
            self.scriptedEffect.setCommonParameter(_PREVIEW_OWNER, "")
        self._segmentationNode().GetDisplayNode().SetOpacity(1.0)
        self._forgetInputs()
        self.updateGUIFromMRML()

    def onCancel(self) -> None:
        self.reset()

    def onApply(self) -> None:
        """Replace the input segments by the results."""
        self.delayedAutoUpdateTimer.stop()
        self.observeSegmentation(False)
        self.scriptedEffect.saveStateForUndo()
        previewNode, inputNode = self.getPreviewNode(), self._segmentationNode()
        inputNode.GetDisplayNode().SetOpacity(1.0)
        wasModifying = inputNode.StartModify()
        for identifier in previewNode.GetSegmentation().GetSegmentIDs():
            labelmap = slicer.vtkOrientedImageData()
            previewNode.GetBinaryLabelmapRepresentation(identifier, labelmap)
            slicer.vtkSlicerSegmentationsModuleLogic.SetBinaryLabelmapToSegment(labelmap, inputNode, identifier)
        if self.getPreviewShow3D():
            inputNode.CreateClosedSurfaceRepresentation()
        inputNode.EndModify(wasModifying)
        self.reset()

    # Following the input segments

    def observeSegmentation(self, observationEnabled: bool) -> None:
        """Follow changes of the input segments, or stop it."""
        node = self._segmentationNode()
        segmentation = node.GetSegmentation() if observationEnabled and node is not None else None
        if segmentation is self.observedSegmentation:
            return
        if self.observedSegmentation is not None:
            for tag in self.segmentationNodeObserverTags:
                self.observedSegmentation.RemoveObserver(tag)
        self.segmentationNodeObserverTags = []
        self.observedSegmentation = segmentation
        if segmentation is not None:
            events = slicer.vtkSegmentation
            self.segmentationNodeObserverTags = [
                segmentation.AddObserver(event, self.onSegmentationModified)
                for event in (events.SegmentAdded, events.SegmentRemoved, events.SegmentModified,
                              events.SourceRepresentationModified)]

    def onSegmentationModified(self, caller: Any, event: str) -> None:
        """Update the preview a moment after an input segment changed; end it when one was deleted."""
        if not self.autoUpdateCheckBox.isChecked() or self.selectedSegmentIds is None:
            return
        segmentation, isChanged = self._segmentationNode().GetSegmentation(), False
        for index in range(self.selectedSegmentIds.GetNumberOfValues()):
            identifier = self.selectedSegmentIds.GetValue(index)
            segment = segmentation.GetSegment(identifier)
            if segment is None:
                self.onCancel()
                return
            labelmap = segment.GetRepresentation(_LABELMAP)
            time = labelmap.GetMTime() if labelmap is not None else 0
            isChanged |= self.selectedSegmentModifiedTimes.get(identifier, 0) != time
            self.selectedSegmentModifiedTimes[identifier] = time
        if isChanged and not self.previewComputationInProgress:
            self.delayedAutoUpdateTimer.start()
