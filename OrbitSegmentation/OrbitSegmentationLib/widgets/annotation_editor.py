"""The Segment Editor inside the annotation page, with the extension's own effects first."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

from OrbitSegmentationLib.mrml.open_case import OpenCase

#: The effects that the page is about; Slicer's follow.
OWN_EFFECTS = ("SmartPencil", "SmartFill", "AutoCorrection")
_UNDO_STATES = 10


class AnnotationEditor(VTKObservationMixin):
    """Makes a qMRMLSegmentEditorWidget and leads it through the life of the page as Slicer's own module does.

    :param layout: where the widget goes.
    :param selected: called with the identifier of the segment that the annotator has selected in the editor itself, in
        its list or with a key.
    """

    def __init__(self, layout: qt.QLayout, selected: Callable[[str], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._selected = selected
        self._segment_id, self._leads = "", False
        self.widget = slicer.qMRMLSegmentEditorWidget()
        self.widget.objectName = "annotationSegmentEditorWidget"
        self.widget.setMaximumNumberOfUndoStates(_UNDO_STATES)
        self.widget.segmentationNodeSelectorVisible = False
        self.widget.sourceVolumeNodeSelectorVisible = False
        self.widget.switchToSegmentationsButtonVisible = False
        self.widget.addRemoveSegmentButtonsVisible = False
        order = [name for name in self.widget.effectNameOrder() if name not in OWN_EFFECTS]
        self.widget.setEffectNameOrder([*OWN_EFFECTS, *order])
        layout.addWidget(self.widget)
        self._factory = slicer.qSlicerSegmentEditorEffectFactory.instance()
        self._factory.connect("effectRegistered(QString)", self._on_effect_registered)

    def enter(self, node: slicer.vtkMRMLSegmentEditorNode) -> None:
        """The page is shown: follow ``node``, and let keys control the editor."""
        self.removeObservers()
        self.widget.setMRMLSegmentEditorNode(node)
        if self.widget.mrmlScene() is not slicer.mrmlScene:
            self.widget.setMRMLScene(slicer.mrmlScene)
        self.widget.installKeyboardShortcuts()
        self.widget.updateWidgetFromMRML()
        self._segment_id = self.segment_id()
        self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self._on_node)

    def exit(self) -> None:
        """The page is hidden: mouse and keys belong to others."""
        self.removeObservers()
        self.widget.setActiveEffect(None)
        self.widget.uninstallKeyboardShortcuts()
        self.widget.removeViewObservations()

    def show_case(self, opened: OpenCase | None) -> None:
        """Edit the labels of a case, or nothing."""
        self.widget.setActiveEffect(None)
        with self._leading():
            if self.widget.segmentationNode() is not None:
                self.widget.setSourceVolumeNode(None)  # first: without a segmentation the editor takes no volume
            self.widget.setSegmentationNode(opened.segmentation if opened else None)
            if opened:
                self.widget.setSourceVolumeNode(opened.volume)
        self.widget.enabled = opened is not None

    def pick(self, segment_id: str) -> None:
        """Draw this segment."""
        with self._leading():
            self.widget.setCurrentSegmentID(segment_id)

    def segment_id(self) -> str:
        """The segment that is being drawn; "" if none is, or if undo has removed it."""
        node, segmentation = self.widget.mrmlSegmentEditorNode(), self.widget.segmentationNode()
        selected = (node.GetSelectedSegmentID() or "") if node else ""
        known = segmentation is not None and segmentation.GetSegmentation().GetSegment(selected) is not None
        return selected if known else ""

    @contextlib.contextmanager
    def _leading(self) -> Iterator[None]:
        """What the page itself selects is no choice of the annotator's."""
        self._leads = True
        try:
            yield
        finally:
            self._leads = False
            self._segment_id = self.segment_id()

    def _on_node(self, caller: object = None, event: object = None) -> None:
        before, self._segment_id = self._segment_id, self.segment_id()
        if self._segment_id not in ("", before) and not self._leads:
            self._selected(self._segment_id)

    def correct_proposals(self) -> None:
        """Let SmartFill take what the segments hold for proposals, and begin with it if no effect is active."""
        from OrbitSegmentationLib.effects.fill_options import CORRECT_PROPOSAL  # not needed before the first pre-labels

        node = self.widget.mrmlSegmentEditorNode()
        for name, value in CORRECT_PROPOSAL.items():
            node.SetAttribute(f"SmartFill.{name}", str(value))
        if self.widget.activeEffect() is None and self.widget.effectByName("SmartFill") is not None:
            self.widget.setActiveEffectByName("SmartFill")

    def close(self) -> None:
        """Disconnect from signals and release all nodes; called when the page is closed."""
        self._factory.disconnect("effectRegistered(QString)", self._on_effect_registered)
        self.exit()
        self.show_case(None)
        self.widget.setMRMLSegmentEditorNode(None)

    def _on_effect_registered(self, _name: str = "") -> None:
        self.widget.updateEffectList()
