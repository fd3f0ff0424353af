"""The Segment Editor inside the annotation page, with the extension's own effects first."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

from OrbitSegmentationLib.mrml.open_case import OpenCase

#: The extension's effects, which are shown before Slicer's.
OWN_EFFECTS = ("SmartPencil", "SmartFill", "AutoCorrection")
_UNDO_STATES = 10


class AnnotationEditor(VTKObservationMixin):
    """Holds a qMRMLSegmentEditorWidget and manages it while the page is shown and hidden, as Slicer's own module does.

    :param layout: layout that receives the widget.
    :param selected: function that is called with the identifier of the segment that the annotator has selected in the
        editor itself, in its list or with a key.
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
        """Called when the page is shown: follow ``node``, and let keys control the editor."""
        self.removeObservers()
        self.widget.setMRMLSegmentEditorNode(node)
        if self.widget.mrmlScene() is not slicer.mrmlScene:
            self.widget.setMRMLScene(slicer.mrmlScene)
        self.widget.installKeyboardShortcuts()
        self.widget.updateWidgetFromMRML()
        self._segment_id = self.segment_id()
        self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self._on_node)

    def exit(self) -> None:
        """Called when the page is hidden: release the mouse and the keys."""
        self.removeObservers()
        self.widget.setActiveEffect(None)
        self.widget.uninstallKeyboardShortcuts()
        self.widget.removeViewObservations()

    def show_case(self, opened: OpenCase | None) -> None:
        """Edit the labels of a case; of none for ``None``."""
        self.widget.setActiveEffect(None)
        with self._leading():
            if self.widget.segmentationNode() is not None:
                self.widget.setSourceVolumeNode(None)  # first: without a segmentation the editor takes no volume
            self.widget.setSegmentationNode(opened.segmentation if opened else None)
            if opened:
                self.widget.setSourceVolumeNode(opened.volume)
        self.widget.enabled = opened is not None

    def pick(self, segment_id: str) -> None:
        """Select the segment to draw."""
        with self._leading():
            self.widget.setCurrentSegmentID(segment_id)

    def segment_id(self) -> str:
        """Return the identifier of the segment that is being drawn; "" if there is none, or undo has removed it."""
        node, segmentation = self.widget.mrmlSegmentEditorNode(), self.widget.segmentationNode()
        selected = (node.GetSelectedSegmentID() or "") if node else ""
        known = segmentation is not None and segmentation.GetSegmentation().GetSegment(selected) is not None
        return selected if known else ""

    @contextlib.contextmanager
    def _leading(self) -> Iterator[None]:
        """Mark selections inside the ``with`` block as made by the page, not by the annotator."""
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
        """Let SmartFill treat the content of segments as proposals, and activate it if no effect is active."""
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
