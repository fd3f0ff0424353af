"""The Segment Editor (qMRMLSegmentEditorWidget)."""
from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.mrmlwidgets.widget import qMRMLWidget
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.pythonqt.qt_types import is_alive
from slicerhost.registry import register
from slicerhost.segmenteditor import keyboard_shortcuts
from slicerhost.segmenteditor.editor_panel import EditorPanel, without_signals
from slicerhost.segmenteditor.effect_factory import qSlicerSegmentEditorEffectFactory
from slicerhost.segmenteditor.masking import MaskingSection
from slicerhost.segmenteditor.slice_alignment import slices_are_rotated
from slicerhost.segmenteditor.view_observation import SLICE_VIEW_EVENTS, THREED_VIEW_EVENTS, ViewObservation

_NO_EFFECT = "NULL"
_EFFECT_ORDER = ["Threshold", "Paint", "Draw", "Erase", "Level tracing", "Grow from seeds", "Fill between slices",
                 "Margin", "Hollow", "Smoothing", "Scissors", "Islands", "Logical operators", "Mask volume"]
_SURFACE = slicer.vtkSegmentationConverter.GetSegmentationClosedSurfaceRepresentationName()
_LABELMAP = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()


def _shown(part: str) -> QtCore.Property:
    """Return a property that shows or hides one widget of the panel."""
    return QtCore.Property(bool, lambda self: getattr(self._panel, part).isVisible(),
                           lambda self, shown: getattr(self._panel, part).setVisible(shown))


@register
class qMRMLSegmentEditorWidget(qMRMLWidget):
    """Selectors, segments, effects and masks of one vtkMRMLSegmentEditorNode."""

    currentSegmentIDChanged = Signal(str)
    sourceVolumeNodeChanged = Signal(object)
    masterVolumeNodeChanged = Signal(object)
    segmentationNodeChanged = Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._logic = slicer.vtkSlicerSegmentEditorLogic()
        self._node: Any = None
        self._segmentation_node: Any = None
        self._source_volume_node: Any = None
        self._interaction_node: Any = None
        self._effects: list[Any] = []
        self._effect_order = list(_EFFECT_ORDER)
        self._active_effect: Any = None
        self._last_active_effect: Any = None
        self._view_observations: list[ViewObservation] = []
        self._views_observed = False
        self._observed_view_ids: dict[str, tuple[str, ...]] = {}
        self._shortcuts: list[QtGui.QShortcut] = []
        self._panel = EditorPanel(self)
        self._effect_buttons = QtWidgets.QButtonGroup(self)
        self._buttons_by_name: dict[str, QtWidgets.QToolButton] = {}
        self._masking = MaskingSection(self._panel, self.mrmlSegmentEditorNode)
        self._connect_panel()
        self.updateEffectList()
        self.updateWidgetFromMRML()

    def _connect_panel(self) -> None:
        panel = self._panel
        panel.segmentation_selector.currentNodeChanged.connect(self._segmentation_chosen)
        panel.source_selector.currentNodeChanged.connect(self._source_volume_chosen)
        panel.rotate_warning_button.clicked.connect(self.rotateSliceViewsToSegmentation)
        panel.segments_table.selectionChanged.connect(self._segment_chosen)
        panel.segments_table.segmentAboutToBeModified.connect(lambda _identifier: self.saveStateForUndo())
        panel.add_button.clicked.connect(self._add_segment)
        panel.remove_button.clicked.connect(self._remove_segment)
        panel.switch_button.clicked.connect(self._switch_to_segmentations)
        panel.undo_button.clicked.connect(self.undo)
        panel.redo_button.clicked.connect(self.redo)
        self._effect_buttons.setExclusive(True)
        self._effect_buttons.buttonClicked.connect(self._effect_button_clicked)
        logic = slicer.vtkSlicerSegmentEditorLogic
        self._observe(self._logic, logic.SegmentationHistoryChangedEvent, self._history_changed)
        self._observe(self._logic, logic.PauseRenderEvent, lambda *_event: slicer.app.pauseRender())
        self._observe(self._logic, logic.ResumeRenderEvent, lambda *_event: slicer.app.resumeRender())

    def event(self, event: QtCore.QEvent) -> bool:
        if event.type() == QtCore.QEvent.Type.DeferredDelete:
            self._clean_up_effects()
        return super().event(event)

    def _clean_up_effects(self) -> None:
        """Do what the destructor does first."""
        self.removeViewObservations()
        for effect in self._effects:
            effect.cleanup()
        self._effects.clear()
        self._active_effect = self._last_active_effect = None

    # Properties

    segmentationNodeSelectorVisible = QtCore.Property(
        bool, lambda self: self._panel.segmentation_selector.isVisible(),
        lambda self, shown: self._show_together(shown, "segmentation_selector", "segmentation_label"))
    sourceVolumeNodeSelectorVisible = QtCore.Property(
        bool, lambda self: self._panel.source_selector.isVisible(),
        lambda self, shown: self._show_source_selector(shown))
    masterVolumeNodeSelectorVisible = QtCore.Property(
        bool, lambda self: self._panel.source_selector.isVisible(),
        lambda self, shown: self._show_source_selector(shown))
    autoShowSourceVolumeNode = qt_property(bool, "_auto_show_source", True)
    autoShowMasterVolumeNode = QtCore.Property(bool, lambda self: self.autoShowSourceVolumeNode,
                                               lambda self, on: setattr(self, "autoShowSourceVolumeNode", on))
    maskingSectionVisible = qt_property(
        bool, "_masking_visible", True, changed=lambda self, on: self._update_effects_section())
    specifyGeometryButtonVisible = qt_property(
        bool, "_geometry_button_visible", True,
        changed=lambda self, on: self._panel.geometry_button.setVisible(on and self._panel.source_selector.isVisible()))
    show3DButtonVisible = _shown("show_3d_button")
    addRemoveSegmentButtonsVisible = QtCore.Property(
        bool, lambda self: self._panel.add_button.isVisible(),
        lambda self, shown: self._show_together(shown, "add_button", "remove_button"))
    switchToSegmentationsButtonVisible = _shown("switch_button")
    undoEnabled = QtCore.Property(bool, lambda self: self._panel.undo_redo_box.isVisible(),
                                  lambda self, on: self._set_undo_enabled(on))
    maximumNumberOfUndoStates = QtCore.Property(
        int, lambda self: self._logic.GetMaximumNumberOfUndoStates(),
        lambda self, count: self._logic.SetMaximumNumberOfUndoStates(count))
    readOnly = qt_property(bool, "_read_only", False, changed=lambda self, on: self._read_only_changed(on))
    effectButtonStyle = qt_property(int, "_button_style", 0, changed=lambda self, style: self._style_buttons())
    effectColumnCount = qt_property(int, "_column_count", 2, changed=lambda self, count: self.updateEffectList())
    unorderedEffectsVisible = qt_property(
        bool, "_unordered_visible", True, changed=lambda self, on: self.updateEffectList())
    defaultTerminologyEntrySettingsKey = qt_property(
        str, "_terminology_key", "Segmentations/DefaultTerminologyEntry")
    defaultTerminologyEntry = QtCore.Property(
        str, lambda self: self._logic.GetDefaultTerminologyEntry(),
        lambda self, entry: self._logic.SetDefaultTerminologyEntry(entry))
    jumpToSelectedSegmentEnabled = QtCore.Property(
        bool, lambda self: self._panel.segments_table.jumpToSelectedSegmentEnabled,
        lambda self, on: setattr(self._panel.segments_table, "jumpToSelectedSegmentEnabled", on))

    def _show_together(self, shown: bool, *parts: str) -> None:
        for part in parts:
            getattr(self._panel, part).setVisible(shown)

    def _show_source_selector(self, shown: bool) -> None:
        self._show_together(shown, "source_selector", "source_label")
        self._panel.geometry_button.setVisible(shown and self.specifyGeometryButtonVisible)

    def _set_undo_enabled(self, enabled: bool) -> None:
        if enabled:
            self._logic.ClearUndoState()
        self._panel.undo_redo_box.setVisible(enabled)

    def _read_only_changed(self, read_only: bool) -> None:
        if read_only:
            self.setActiveEffect(None)
        self.updateWidgetFromMRML()

    # Scene and nodes

    def setMRMLScene(self, scene: Any) -> None:
        if scene is self.mrmlScene():
            return
        if self.mrmlScene() is not None:
            self._stop_observing(self.mrmlScene())
        selectors = (self._panel.segmentation_selector, self._panel.source_selector)
        with without_signals(selectors[0]), without_signals(selectors[1]):
            super().setMRMLScene(scene)
            for widget in (*selectors, self._panel.segments_table):
                widget.setMRMLScene(scene)
        self._logic.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        self._logic.SetMRMLScene(scene)
        self._logic.SetVerbose(True)
        if slicer.app.layoutManager() is not None:
            slicer.app.layoutManager().layoutChanged.connect(self._layout_changed)
        self.setInteractionNode(
            scene.GetNodeByID("vtkMRMLInteractionNodeSingleton") if scene is not None else None)
        self.updateWidgetFromMRML()
        if scene is not None:
            self._observe(scene, scene.EndCloseEvent, self._scene_closed)
            self._observe(scene, scene.EndBatchProcessEvent, self._batch_process_ended)

    def mrmlSegmentEditorNode(self) -> Any:
        """Return the node that stores the state of the editor."""
        return self._node

    def setMRMLSegmentEditorNode(self, node: Any) -> None:
        """Set the node that stores the state of the editor."""
        if node is self._node:
            return
        if self._node is not None:
            self._stop_observing(self._node)
        self._node = node
        self._logic.SetSegmentEditorNode(node)
        if node is None:
            return
        self._observe(node, vtk.vtkCommand.ModifiedEvent, self._editor_node_modified)
        self._observe(node, slicer.vtkMRMLSegmentEditorNode.EffectParameterModified, self._effect_parameter_modified)
        self._initialise_effects()
        self.updateWidgetFromMRML()

    def _initialise_effects(self) -> None:
        if self._node is None:
            return
        modified = self._node.StartModify()
        for effect in self._effects:
            effect.setParameterSetNode(self._node)
            effect.setMRMLDefaults()
        self._node.EndModify(modified)

    def segmentationNode(self) -> Any:
        """Return the edited segmentation."""
        return self._panel.segmentation_selector.currentNode()

    def segmentationNodeID(self) -> str:
        """Return the ID of the edited segmentation."""
        return self._panel.segmentation_selector.currentNodeID

    def setSegmentationNode(self, node: Any) -> None:
        """Edit another segmentation; the active effect ends."""
        if self._logic.GetSegmentationNode() is node:
            return
        self._logic.SetSegmentationNode(node)
        self.setActiveEffect(None)

    def setSegmentationNodeID(self, identifier: str) -> None:
        """Edit another segmentation by ID."""
        self.setSegmentationNode(self.mrmlScene().GetNodeByID(identifier) if identifier else None)

    def sourceVolumeNode(self) -> Any:
        """Return the source volume."""
        return self._logic.GetSourceVolumeNode()

    def sourceVolumeNodeID(self) -> str:
        """Return the ID of the source volume."""
        return self._source_volume_node.GetID() if self._source_volume_node is not None else ""

    def setSourceVolumeNode(self, node: Any) -> None:
        """Set the source volume."""
        self._logic.SetSourceVolumeNode(node)

    def setSourceVolumeNodeID(self, identifier: str) -> None:
        """Set the source volume by ID."""
        self._logic.SetSourceVolumeNodeID(str(identifier))  # None becomes "None", which is no node's ID

    # The names before Slicer 5.2
    masterVolumeNode, masterVolumeNodeID = sourceVolumeNode, sourceVolumeNodeID
    setMasterVolumeNode, setMasterVolumeNodeID = setSourceVolumeNode, setSourceVolumeNodeID

    def interactionNode(self) -> Any:
        """Return the node with the mouse mode."""
        return self._interaction_node

    def setInteractionNode(self, node: Any) -> None:
        """Follow the mouse mode of a node."""
        if node is self._interaction_node:
            return
        if self._interaction_node is not None:
            self._stop_observing(self._interaction_node)
        self._interaction_node = node
        if node is not None:
            self._observe(node, vtk.vtkCommand.ModifiedEvent, self._interaction_node_modified)

    def segmentationNodeSelectorAddAttribute(self, node_type: str, name: str, value: Any = None) -> None:
        """Offer only segmentations with this attribute."""
        self._panel.segmentation_selector.addAttribute(node_type, name, value)

    def segmentationNodeSelectorRemoveAttribute(self, node_type: str, name: str) -> None:
        """Undo `segmentationNodeSelectorAddAttribute`."""
        self._panel.segmentation_selector.removeAttribute(node_type, name)

    def sourceVolumeNodeSelectorAddAttribute(self, node_type: str, name: str, value: Any = None) -> None:
        """Offer only volumes with this attribute."""
        self._panel.source_selector.addAttribute(node_type, name, value)

    def sourceVolumeNodeSelectorRemoveAttribute(self, node_type: str, name: str) -> None:
        """Undo `sourceVolumeNodeSelectorAddAttribute`."""
        self._panel.source_selector.removeAttribute(node_type, name)

    masterVolumeNodeSelectorAddAttribute = sourceVolumeNodeSelectorAddAttribute
    masterVolumeNodeSelectorRemoveAttribute = sourceVolumeNodeSelectorRemoveAttribute

    # Effects

    def updateEffectList(self) -> None:
        """Take over newly registered effects and arrange the buttons."""
        if _NO_EFFECT not in self._buttons_by_name:
            self._add_effect_button(_NO_EFFECT, "None", QtGui.QIcon())
        for effect in qSlicerSegmentEditorEffectFactory.instance()._copies_of_missing(self._effects):
            self._adopt_effect(effect)
        self._arrange_effect_buttons()

    def _adopt_effect(self, effect: Any) -> None:
        effect._connect_to_editor(self, self._logic)
        self._effects.append(effect)
        if self._node is not None:
            effect.setParameterSetNode(self._node)
            effect.setMRMLDefaults()
        self._add_effect_button(effect.name, effect.title, effect.icon())
        effect.setupOptionsFrame()
        effect.optionsFrame().setVisible(False)
        self._panel.options_layout.addWidget(effect.optionsFrame())

    def _add_effect_button(self, name: str, title: str, icon: QtGui.QIcon) -> None:
        button = QtWidgets.QToolButton(self._panel.effects_box)
        button.setObjectName(name)
        button.setCheckable(True)
        button.setIcon(icon)
        button.setText(title)
        button.setToolTip(title)
        button.setSizePolicy(QtWidgets.QSizePolicy.Policy.Minimum, QtWidgets.QSizePolicy.Policy.Preferred)
        button.setToolButtonStyle(QtCore.Qt.ToolButtonStyle(int(self.effectButtonStyle)))
        self._effect_buttons.addButton(button)
        self._buttons_by_name[name] = button

    def _arrange_effect_buttons(self) -> None:
        names = [effect.name for effect in self._effects]
        ordered = [name for name in self._effect_order if name in names]
        if self.unorderedEffectsVisible:
            ordered += [name for name in names if name not in ordered]
        grid = self._panel.effects_grid
        while grid.count():
            grid.takeAt(0)
        for button in self._buttons_by_name.values():
            button.hide()
        for index, name in enumerate([_NO_EFFECT, *ordered]):
            grid.addWidget(self._buttons_by_name[name], index // self.effectColumnCount,
                           index % self.effectColumnCount)
            self._buttons_by_name[name].show()

    def _style_buttons(self) -> None:
        style = QtCore.Qt.ToolButtonStyle(int(self.effectButtonStyle))
        for button in (*self._buttons_by_name.values(), self._panel.undo_button, self._panel.redo_button):
            button.setToolButtonStyle(style)

    def availableEffectNames(self) -> list[str]:
        """Return the names of all effects."""
        return [effect.name for effect in self._effects]

    def effectNameOrder(self) -> list[str]:
        """Return the order of the first effect buttons."""
        return self._effect_order

    def setEffectNameOrder(self, names: list[str]) -> None:
        """Set the order of the first effect buttons."""
        if list(names) != self._effect_order:
            self._effect_order = list(names)
            self.updateEffectList()

    def effectByName(self, name: str) -> Any:
        """Return an effect, or None."""
        return next((effect for effect in self._effects if effect.name == name), None) if name else None

    def effectCount(self) -> int:
        """Return the number of buttons; the first one is "no effect"."""
        return self._panel.effects_grid.count()

    def effectByIndex(self, index: int) -> Any:
        """Return the effect of the button at an index; None for "no effect"."""
        item = self._panel.effects_grid.itemAt(index) if 0 <= index < self.effectCount() else None
        return self.effectByName(item.widget().objectName) if item is not None else None

    def activeEffect(self) -> Any:
        """Return the active effect, or None."""
        return self._active_effect

    def setActiveEffect(self, effect: Any) -> None:
        """Activate an effect, or none."""
        if self._node is not None:
            self._node.SetActiveEffectName(effect.name if effect is not None else "")
        elif effect is not None:
            QtCore.qCritical("setActiveEffect: Invalid segment editor parameter set node")

    def setActiveEffectByName(self, name: str) -> None:
        """Activate an effect; an unknown or empty name activates none."""
        self.setActiveEffect(self.effectByName(name))

    def _effect_button_clicked(self, button: QtWidgets.QAbstractButton) -> None:
        self.setActiveEffect(self.effectByName(button.objectName))

    def _toggle_effect_at(self, index: int) -> None:
        effect = self.effectByIndex(index)
        if not self.readOnly:
            self.setActiveEffect(None if effect is self._active_effect else effect)

    def _toggle_last_effect(self) -> None:
        if not self.readOnly:
            self.setActiveEffect(self._last_active_effect)

    # Segments

    def currentSegmentID(self) -> str:
        """Return the ID of the selected segment."""
        return self._logic.GetCurrentSegmentID()

    def setCurrentSegmentID(self, identifier: str) -> None:
        """Select a segment."""
        if self._node is not None:
            self._node.SetSelectedSegmentID(identifier)

    def selectPreviousSegment(self) -> None:
        """Select the visible segment above."""
        self.selectSegmentAtOffset(-1)

    def selectNextSegment(self) -> None:
        """Select the visible segment below."""
        self.selectSegmentAtOffset(1)

    def selectSegmentAtOffset(self, offset: int) -> None:
        """Go `offset` rows on, over hidden segments."""
        table = self._panel.segments_table
        display = self._segmentation_node.GetDisplayNode() if self._segmentation_node is not None else None
        rows = table.displayedSegmentIDs()
        selected = table.selectedSegmentIDs()
        if display is None or not selected:
            return
        row = rows.index(selected[0])
        for _ in rows:
            row = max(0, (row + offset) % len(rows))
            if display.GetSegmentVisibility(rows[row]):
                self.setCurrentSegmentID(rows[row])
                return

    def jumpSlices(self) -> None:
        """Show the selected segment in all slice views."""
        self._panel.segments_table.jumpSlices()

    def _add_segment(self, *_checked: Any) -> None:
        proxy = self._panel.segments_table.sortFilterProxyModel()
        status = next((status for status in range(4) if proxy.showStatus(status)), 0)
        self._logic.AddEmptySegment(self._panel.segments_table.textFilter, status)

    def _remove_segment(self, *_checked: Any) -> None:
        selected = self._logic.RemoveSelectedSegment()
        if selected:
            self._panel.segments_table.setSelectedSegmentIDs([selected])

    def _segment_chosen(self, *_selection: Any) -> None:
        if self._node is None:
            return
        selected = next(iter(self._panel.segments_table.selectedSegmentIDs()), "")
        if selected == (self._node.GetSelectedSegmentID() or ""):
            return
        self._node.SetSelectedSegmentID(selected or None)
        if not selected and self._active_effect is not None and self._active_effect.perSegment:
            self.setActiveEffect(None)
        self.updateWidgetFromMRML()
        self.currentSegmentIDChanged.emit(selected)

    # Undo

    def saveStateForUndo(self) -> None:
        """Remember the segmentation."""
        self._logic.SaveStateForUndo()

    def undo(self, *_checked: Any) -> None:
        """Go back to the last remembered segmentation."""
        self._logic.Undo()

    def redo(self, *_checked: Any) -> None:
        """Undo the undo."""
        self._logic.Redo()

    def toggleSourceVolumeIntensityMaskEnabled(self) -> None:
        """Turn the editable intensity range on or off."""
        self._logic.ToggleSourceVolumeIntensityMask()

    def _history_changed(self, *_event: Any) -> None:
        self._update_undo_buttons()

    def _update_undo_buttons(self) -> None:
        self._panel.undo_button.setEnabled(not self.readOnly and bool(self._logic.CanUndo()))
        self._panel.redo_button.setEnabled(not self.readOnly and bool(self._logic.CanRedo()))

    # Keyboard

    def installKeyboardShortcuts(self, parent: QtWidgets.QWidget | None = None) -> None:
        """Let the keys of a window (the main window by default) control the editor."""
        self.uninstallKeyboardShortcuts()
        self._shortcuts = keyboard_shortcuts.install(self, parent or slicer.util.mainWindow())

    def uninstallKeyboardShortcuts(self) -> None:
        """Undo `installKeyboardShortcuts`."""
        keyboard_shortcuts.uninstall(self._shortcuts)

    # Views

    def setupViewObservations(self) -> None:
        """Send mouse and keyboard of the views to the active effect."""
        self.removeViewObservations()
        layout_manager = slicer.app.layoutManager()
        if layout_manager is None:
            return
        for widget, events in self._observable_views(layout_manager):
            self._view_observations.append(ViewObservation(
                widget, widget.viewWidget().interactor(), events, self._process_interaction, self._process_view_node))
        self._observed_view_ids = self._view_ids_of_displays()
        self._update_rotate_warning()
        self._views_observed = True

    def removeViewObservations(self) -> None:
        """Stop sending mouse and keyboard to the active effect."""
        for observation in self._view_observations:
            observation.remove()
        self._view_observations.clear()
        self._views_observed = False

    def _observable_views(self, layout_manager: Any) -> list[tuple[Any, tuple[int, ...]]]:
        views = [(layout_manager.sliceWidget(name), SLICE_VIEW_EVENTS) for name in layout_manager.sliceViewNames()]
        views += [(layout_manager.threeDWidget(index), THREED_VIEW_EVENTS)
                  for index in range(layout_manager.threeDViewCount)]
        return [view for view in views if self._logic.IsSegmentationDisplayableInView(view[0].mrmlAbstractViewNode())]

    def _view_ids_of_displays(self) -> dict[str, tuple[str, ...]]:
        if self._segmentation_node is None:
            return {}
        displays = [self._segmentation_node.GetNthDisplayNode(index)
                    for index in range(self._segmentation_node.GetNumberOfDisplayNodes())]
        return {display.GetID(): tuple(display.GetViewNodeIDs()) for display in displays if display is not None}

    def _is_ready_for_events(self) -> bool:
        return (is_alive(self) and self.mrmlScene() is not None and not self.mrmlScene().IsClosing()
                and self._node is not None and self._active_effect is not None)

    def _process_interaction(self, interactor: Any, event: int, view_widget: Any) -> bool:
        return self._is_ready_for_events() and self._active_effect.processInteractionEvents(
            interactor, event, view_widget)

    def _process_view_node(self, view_node: Any, event: int, view_widget: Any) -> None:
        if self._is_ready_for_events():
            self._active_effect.processViewNodeEvents(view_node, event, view_widget)
            self._update_rotate_warning()

    def _slice_logics(self) -> list[Any]:
        layout_manager = slicer.app.layoutManager()
        logics = layout_manager.mrmlSliceLogics() if layout_manager is not None else None
        if logics is None:
            return []
        logics = [logics.GetItemAsObject(index) for index in range(logics.GetNumberOfItems())]
        return [logic for logic in logics
                if logic.GetSliceNode() is not None and logic.GetSliceCompositeNode() is not None
                and self._logic.IsSegmentationDisplayableInView(logic.GetSliceNode())]

    def hideLabelLayer(self) -> None:
        """Show no label map in the slice views."""
        for logic in self._slice_logics():
            logic.GetSliceCompositeNode().SetLabelVolumeID(None)

    def showSourceVolumeInSliceViewers(self, force_background: bool = False, fit_slice: bool = False) -> None:
        """Show the source volume in slice views that do not show it."""
        volume = self._node.GetSourceVolumeNode() if self._node is not None else None
        if volume is None:
            return
        for logic in self._slice_logics():
            composite = logic.GetSliceCompositeNode()
            shown = volume.GetID() in (composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID())
            if not shown or force_background:
                composite.SetBackgroundVolumeID(volume.GetID())
                composite.SetForegroundVolumeID(None)
                composite.SetLabelVolumeID(None)
            if fit_slice:
                logic.FitSliceToBackground(True)

    showMasterVolumeInSliceViewers = showSourceVolumeInSliceViewers

    def rotateSliceViewsToSegmentation(self, *_checked: Any) -> None:
        """Align the slice views with the axes of the segmentation."""
        to_ras = vtk.vtkMatrix4x4()
        if self._logic.GetSegmentationIJKToRAS(to_ras):
            for logic in self._slice_logics():
                logic.GetSliceNode().RotateToAxes(to_ras)
        self._update_rotate_warning()

    def _update_rotate_warning(self) -> None:
        to_ras = vtk.vtkMatrix4x4()
        known = (self._node is not None and self._node.GetSegmentationNode() is not None
                 and self._logic.GetSegmentationIJKToRAS(to_ras))
        nodes = [logic.GetSliceNode() for logic in self._slice_logics()] if known else []
        self._panel.rotate_warning_button.setVisible(bool(known) and slices_are_rotated(nodes, to_ras))

    def setEffectCursor(self, effect: Any) -> None:
        """Give the views the mouse pointer of an effect, or the default one."""
        layout_manager = slicer.app.layoutManager()
        if layout_manager is None:
            return
        for widget, events in self._observable_views(layout_manager):
            in_slice_view = events is SLICE_VIEW_EVENTS
            wanted = effect is not None and (
                effect.showEffectCursorInSliceView if in_slice_view else effect.showEffectCursorInThreeDView)
            cursor = effect.createCursor(widget) if wanted else QtGui.QCursor()
            widget.viewWidget().setViewCursor(cursor)
            widget.viewWidget().setDefaultViewCursor(cursor)

    # Following MRML

    def updateWidgetFromMRML(self) -> None:
        """Show the state of the node."""
        scene = self.mrmlScene()
        if scene is None or scene.IsClosing() or scene.IsBatchProcessing():
            return
        panel = self._panel
        if self._node is None:
            for widget in (panel.segmentation_selector, panel.source_selector, panel.effects_box, panel.masking_box,
                           panel.options_frame):
                widget.setEnabled(False)
            panel.show_3d_button.locked = True
            return
        panel.segmentation_selector.setEnabled(True)
        modified = self._node.StartModify()
        self._update_segmentation()
        self._update_source_volume()
        self._update_rotate_warning()
        for widget in (panel.effects_box, panel.masking_box, panel.options_frame, panel.source_selector):
            widget.setEnabled(self._segmentation_node is not None)
        self._update_segments()
        self._update_effects_section()
        self._update_undo_buttons()
        self._masking.update(self._source_volume_node)
        self._segments_changed()
        self._node.EndModify(modified)

    def _update_segmentation(self) -> None:
        node = self._logic.GetSegmentationNode()
        if node is not self._panel.segmentation_selector.currentNode():
            with without_signals(self._panel.segmentation_selector):
                self._panel.segmentation_selector.setCurrentNode(node)
        if node is not self._segmentation_node:
            self._follow_segmentation(node)
            with without_signals(self._panel.segments_table):
                self._panel.segments_table.setSegmentationNode(node)
            self._panel.show_3d_button.setSegmentationNode(node)
            if node is not None:
                self._start_editing(node)
            self.segmentationNodeChanged.emit(node)

    def _follow_segmentation(self, node: Any) -> None:
        if self._segmentation_node is not None:
            self._stop_observing(self._segmentation_node)
        self._segmentation_node = node
        if node is None:
            return
        segmentation = slicer.vtkSegmentation
        self._observe(node, vtk.vtkCommand.ModifiedEvent, self._editor_node_modified)
        for event in (segmentation.ContainedRepresentationNamesModified, segmentation.SegmentAdded,
                      segmentation.SegmentRemoved):
            self._observe(node, event, self._segments_changed)
        self._observe(node, segmentation.SegmentModified, self._segment_modified)
        self._observe(node, slicer.vtkMRMLDisplayableNode.DisplayModifiedEvent, self._display_modified)

    def _start_editing(self, node: Any) -> None:
        role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
        self._panel.source_selector.setCurrentNode(node.GetNodeReference(role))
        node.CreateDefaultDisplayNodes()
        display, segmentation = node.GetDisplayNode(), node.GetSegmentation()
        if display is not None and segmentation.ContainsRepresentation(_SURFACE):
            display.SetPreferredDisplayRepresentationName3D(_SURFACE)
        if display is not None and segmentation.ContainsRepresentation(_LABELMAP):
            display.SetPreferredDisplayRepresentationName2D(_LABELMAP)
        if segmentation.GetNumberOfSegments() > 0:
            self._panel.segments_table.setSelectedSegmentIDs([segmentation.GetNthSegmentID(0)])
        self.hideLabelLayer()

    def _update_source_volume(self) -> None:
        if self._node.GetSegmentationNode() is None:
            return
        volume = self._logic.GetSourceVolumeNode()
        if volume is self._source_volume_node:
            return
        if self._source_volume_node is not None:
            self._stop_observing(self._source_volume_node)
        self._source_volume_node = volume
        if volume is not None:
            self._observe(volume, slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent, self._source_image_modified)
        with without_signals(self._panel.source_selector):
            self._panel.source_selector.setCurrentNode(volume)
        if volume is not None and self.autoShowSourceVolumeNode:
            self.showSourceVolumeInSliceViewers()
        self._source_image_modified()
        self.sourceVolumeNodeChanged.emit(volume)
        self.masterVolumeNodeChanged.emit(volume)
        for effect in self._effects:
            effect.sourceVolumeNodeChanged()
            effect.masterVolumeNodeChanged()

    def _update_segments(self) -> None:
        panel = self._panel
        selected = self._node.GetSelectedSegmentID() or ""
        if self._segmentation_node is None or self._segmentation_node.GetSegmentation().GetSegmentIndex(selected) < 0:
            selected = ""
        panel.add_button.setEnabled(bool(self._logic.CanAddSegments()))
        panel.remove_button.setEnabled(bool(selected) and not self.readOnly)
        panel.show_3d_button.locked = self.readOnly
        panel.switch_button.setEnabled(True)
        if selected:
            panel.segments_table.setSelectedSegmentIDs([selected])
        else:
            panel.segments_table.clearSelection()
        panel.segments_table.readOnly = self.readOnly

    def _update_effects_section(self) -> None:
        if self._node is None:
            return
        enabled = self._node.GetSourceVolumeNode() is not None and not self.readOnly
        self._panel.effects_box.setEnabled(enabled)
        self._panel.options_box.setEnabled(enabled)
        if enabled:
            self._enable_effect_buttons()
        effect = self.effectByName(self._node.GetActiveEffectName() or "")
        if effect is not self._active_effect:
            self._change_active_effect(effect)

    def _enable_effect_buttons(self) -> None:
        segmentation_node = self._node.GetSegmentationNode()
        any_segment = (segmentation_node is not None
                       and segmentation_node.GetSegmentation().GetNumberOfSegments() > 0)
        selected = bool(self._node.GetSelectedSegmentID())
        for effect in self._effects:
            self._buttons_by_name[effect.name].setEnabled(
                not effect.requireSegments or (any_segment and (selected or not effect.perSegment)))

    def _change_active_effect(self, effect: Any) -> None:
        previous = self._active_effect
        if previous is not None:
            previous.deactivate()
        if effect is not None and not self._set_source_to_labelmap():
            effect = None
        panel = self._panel
        if effect is not None:
            self.setupViewObservations()
            self._leave_place_mode()
            effect.activate()
            panel.options_box.show()
            panel.options_box.setTitle(effect.title)
            panel.help_browser.setCollapsibleText(effect.helpText())
            panel.masking_box.setVisible(self.maskingSectionVisible)
        else:
            panel.options_box.hide()
            panel.options_box.setTitle("")
            panel.help_browser.setText("")
            panel.masking_box.hide()
            self.removeViewObservations()
        self._check_effect_button(effect.name if effect is not None else _NO_EFFECT)
        if self._is_in_view_mode():
            self.setEffectCursor(effect)
        self._last_active_effect = previous
        self._active_effect = effect

    def _check_effect_button(self, name: str) -> None:
        for button_name, button in self._buttons_by_name.items():
            if button.isChecked() != (button_name == name):
                with without_signals(button):
                    button.setChecked(button_name == name)

    def _is_in_view_mode(self) -> bool:
        node = self._interaction_node
        return node is None or node.GetCurrentInteractionMode() == node.ViewTransform

    def _leave_place_mode(self) -> None:
        if not self._is_in_view_mode():
            self._interaction_node.SetCurrentInteractionMode(self._interaction_node.ViewTransform)

    def _set_source_to_labelmap(self) -> bool:
        if self._logic.CanTriviallyConvertSourceRepresentationToBinaryLabelMap():
            return bool(self._logic.TrivialSetSourceRepresentationToBinaryLabelmap())
        if self._segmentation_node is None:
            return False
        buttons = QtWidgets.QMessageBox.StandardButton
        answer = QtWidgets.QMessageBox.question(
            self, "Change source representation to binary labelmap?",
            "Editing requires binary labelmap source representation. Some details may be lost during conversion.\n\n"
            "Change source representation to binary labelmap?", buttons.Yes | buttons.No, buttons.No)
        return answer == buttons.Yes and bool(self._logic.SetSourceRepresentationToBinaryLabelMap())

    # Events

    def _segmentation_chosen(self, node: Any) -> None:
        if self.mrmlScene() is not None and not self.mrmlScene().IsBatchProcessing():
            self.setSegmentationNode(node)

    def _source_volume_chosen(self, node: Any) -> None:
        if self.mrmlScene() is not None and not self.mrmlScene().IsBatchProcessing():
            self.setSourceVolumeNode(node)

    def _editor_node_modified(self, *_event: Any) -> None:
        self.updateWidgetFromMRML()

    def _effect_parameter_modified(self, *_event: Any) -> None:
        for effect in self._effects:
            effect.updateGUIFromMRML()

    def _interaction_node_modified(self, node: Any, _event: str) -> None:
        if self._active_effect is not None:
            self._active_effect.interactionNodeModified(node)

    def _source_image_modified(self, *_event: Any) -> None:
        self._masking.set_intensity_limits(self._source_volume_node)

    def _segments_changed(self, *_event: Any) -> None:
        node = self._node.GetSegmentationNode() if self._node is not None else None
        self._panel.switch_button.setEnabled(node is not None)
        self._masking.list_segments(node)

    def _segment_modified(self, *_event: Any) -> None:
        if self.mrmlScene() is not None and not self.mrmlScene().IsClosing() and self._node is not None:
            self._masking.update(self._source_volume_node)

    def _display_modified(self, *_event: Any) -> None:
        if self._views_observed and self._view_ids_of_displays() != self._observed_view_ids:
            self._layout_changed()

    def _layout_changed(self, *_layout: Any) -> None:
        if not self._views_observed:
            return
        self.setupViewObservations()
        if self.autoShowSourceVolumeNode:
            self.showSourceVolumeInSliceViewers()
        for effect in self._effects:
            effect.layoutChanged()

    def _scene_closed(self, *_event: Any) -> None:
        if self._node is not None and not self.mrmlScene().IsNodePresent(self._node):
            self._forget_nodes()
        self._initialise_effects()
        self.updateWidgetFromMRML()

    def _forget_nodes(self) -> None:
        """Let go of nodes that left the scene; Slicer holds them by weak pointers."""
        for node in (self._node, self._segmentation_node, self._source_volume_node):
            if node is not None:
                self._stop_observing(node)
        self._node = self._segmentation_node = self._source_volume_node = None
        self._logic.SetSegmentEditorNode(None)
        for effect in self._effects:
            effect.setParameterSetNode(None)

    def _batch_process_ended(self, *_event: Any) -> None:
        if self._node is not None:
            chosen = self._panel.segmentation_selector.currentNode()
            if self._node.GetSegmentationNode() is not chosen:
                self.setSegmentationNode(chosen)
            chosen = self._panel.source_selector.currentNode()
            if self._node.GetSourceVolumeNode() is not chosen:
                self.setSourceVolumeNode(chosen)
        self.updateWidgetFromMRML()

    def _switch_to_segmentations(self, *_checked: Any) -> None:
        if self._node is not None and self._node.GetSegmentationNode() is not None:
            slicer.util.selectModule("Segmentations")
