"""SmartPencil divides the slice into regions of similar intensity; a click or a stroke selects whole regions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.overlays import Color, segment_color
from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.effects.slice_effect import Pointer, SliceEffect, shows_problems
from NeuroOrbitLib.effects.slice_images import visible_grid, world_from_view
from NeuroOrbitLib.effects.writing import change_selected_segment
from NeuroOrbitLib.imaging.slices import SliceGrid, VoxelMask, slice_grid
from OrbitSegmentationLib.effects.pencil_options import PencilOptions
from OrbitSegmentationLib.effects.pencil_regions import Regions, RegionSource, region_source
from OrbitSegmentationLib.effects.pencil_stroke import Shown, Stroke
from OrbitSegmentationLib.refinement.region_store import RegionStore

_REMOVED = (1.0, 0.25, 0.2)
_BORDERS = (0.55, 0.85, 1.0)
_LOOK_AGAIN = 25  # ms between checks whether regions are ready
_AHEAD = (1, -1, 2, -2)  # neighbouring slices that are divided in advance


class SegmentEditorEffect(SliceEffect, AbstractScriptedSegmentEditorEffect):
    """Adds or removes whole superpixels of the slice under the mouse, or supervoxels around it."""

    def __init__(self, scriptedEffect: object) -> None:
        scriptedEffect.name = "SmartPencil"  # not translated: modules find effects by name
        scriptedEffect.title = _("SmartPencil")
        SliceEffect.__init__(self, scriptedEffect)
        self.options = PencilOptions(scriptedEffect)
        self.store = RegionStore()
        self.shown: Shown | None = None
        self._stroke: Stroke | None = None
        self._ready_timer = self._ahead_timer = None

    def voxelsAt(self, view: object, ras: Sequence[float]) -> VoxelMask | None:
        """Return the voxels that a click at a point of a slice view would select, for scripts.

        :param view: slice widget, which must show a slice through the point.
        :param ras: the point (R, A, S; mm).
        :return: the voxels; ``None`` outside of the volume.
        """
        grid = visible_grid(view.mrmlSliceNode(), reference_of(self.scriptedEffect))
        source = None if grid is None else region_source(
            self.scriptedEffect, self.options.settings(), grid, np.asarray(ras))
        if source is None:
            return None
        regions = source.regions(self.store.get(source.key, source.computation))
        region = regions.region_at(np.asarray(ras))
        return None if region is None else regions.voxels([region])

    # Options

    def helpText(self) -> str:
        """Return the text that the user reads about the effect."""
        return "<html>" + _(
            "Take whole regions of like intensity with a click.<br><ul style=\"margin: 0\">"
            "<li><b>Move the mouse:</b> shows the region that a click would take."
            "<li><b>Click or drag:</b> adds regions to the selected segment."
            "<li><b>Ctrl + click or drag:</b> removes regions from it."
            "<li>Regions follow what the brightness and contrast of the view show, in the visible part of the slice: "
            "zoom in for finer ones.</ul>")

    def setupOptionsFrame(self) -> None:
        """Build the options."""
        self.options.add_to_panel()
        self.add_notice()

    def setMRMLDefaults(self) -> None:
        """Set the parameters of a new parameter set node."""
        self.options.set_defaults()

    def updateGUIFromMRML(self) -> None:
        """Show the parameters, and update the regions to them."""
        self.options.show_parameters()
        self._refresh()

    def updateMRMLFromGUI(self) -> None:
        """Set the parameters from the options."""
        self.options.store_parameters()

    # Life cycle

    def requirements_file(self) -> Path:
        """Return the list of packages that compute the regions, which do not come with the application."""
        return self.source_file().parent / "requirements.txt"

    def began(self) -> None:
        """Start the timers that wait for regions; they end with the effect."""
        self._ready_timer = self.lifetime.timer(_LOOK_AGAIN, self._look_again, single_shot=True)
        self._ahead_timer = self.lifetime.timer(_LOOK_AGAIN, self._divide_ahead, single_shot=True)
        self.lifetime.at_end(self.store.close)

    def ended(self) -> None:
        """Discard regions and stroke."""
        self.shown = self._stroke = None

    def cleanup(self) -> None:
        """Disconnect the widgets before the effect is deleted."""
        SliceEffect.cleanup(self)
        self.options.disconnect_widgets()

    # Mouse

    def hovered(self, pointer: Pointer) -> None:
        """Show the region under the mouse; regions that are not known yet are computed in the background."""
        source, grid = self._source(pointer)
        if source is None:
            self._hide()
            return
        division = self.store.find(source.key)
        if division is None:
            if source.key not in self.store:
                self.store.request(source.key, source.computation())
            self._ready_timer.start()
            self.hide_overlays("hover")
            return
        self._show_regions(source.regions(division), pointer.view, grid)
        self._show_hover(pointer)
        if not self._ahead_timer.isActive():
            self._ahead_timer.start()

    def pressed(self, pointer: Pointer) -> bool:
        """Begin a stroke with the region under the mouse."""
        source, grid = self._source(pointer)
        if source is None:
            return False
        self._show_regions(source.regions(self.store.get(source.key, source.computation)), pointer.view, grid)
        self._stroke = Stroke(self.shown, pointer, self._selected())
        self._show_stroke()
        return True

    def dragged(self, pointer: Pointer) -> None:
        """Select the regions that the mouse has crossed."""
        if self._stroke is not None and self._stroke.extend(pointer):
            self._show_stroke()

    def released(self, pointer: Pointer) -> None:
        """Apply the stroke as one undo step."""
        stroke, self._stroke = self._stroke, None
        self.hide_overlays("stroke")
        if stroke is None:
            return
        stroke.extend(pointer)
        if stroke.segment != self._selected():
            self.tell("info", _("The segment is gone or another one was selected: nothing was changed."))
            return
        change_selected_segment(self.scriptedEffect, stroke.voxels(), stroke.removing)
        self.hovered(pointer)

    def left(self, view: object) -> None:
        """Remove the overlays from a view that the mouse has left."""
        if not self.in_stroke:
            self._hide()

    def view_changed(self, view: object) -> None:
        """Show the regions of another slice."""
        if self.pointer is not None and self.pointer.view == view:
            self._refresh()

    def inputs_changed(self) -> None:
        """Show the regions for changed voxels, another display window or changed segments."""
        self._refresh()

    @property
    def busy(self) -> bool:
        """Whether regions of this slice or its neighbours are being computed."""
        timers = (self._ready_timer, self._ahead_timer)
        return self.store.busy or any(timer is not None and timer.isActive() for timer in timers)

    # Parts

    def _selected(self) -> str | None:
        node = self.scriptedEffect.parameterSetNode()
        segmentation = node.GetSegmentationNode() if node is not None else None
        identifier = node.GetSelectedSegmentID() if segmentation is not None else None
        return identifier if identifier and segmentation.GetSegmentation().GetSegment(identifier) else None

    def _source(self, pointer: Pointer) -> tuple[RegionSource | None, SliceGrid | None]:
        """Return the source of the regions under the mouse, and the slice there; ``None`` for both outside."""
        grid = visible_grid(pointer.view.mrmlSliceNode(), reference_of(self.scriptedEffect))
        if grid is None or grid.pixel_at(pointer.ras) is None:
            return None, None
        return region_source(self.scriptedEffect, self.options.settings(), grid, pointer.ras), grid

    def _refresh(self) -> None:
        if self.pointer is not None and not self.in_stroke and self.scriptedEffect.active():
            self._move(self.pointer)

    def _look_again(self) -> None:
        self.store.let_run()
        self._refresh()

    def _show_regions(self, regions: Regions, view: object, grid: SliceGrid) -> None:
        if self.shown is None or not self.shown.is_of(regions, view, grid):
            self.hide_overlays()
            self.shown = Shown(regions, view, grid, regions.picture(grid))
        borders = self.overlay(view, "borders")
        if not self.options.shows_borders():
            borders.hide()
        elif not borders.visible:
            borders.show_borders(grid, self.shown.picture, _BORDERS)

    def _show_hover(self, pointer: Pointer) -> None:
        region = self.shown.regions.region_at(pointer.ras)
        overlay = self.overlay(pointer.view, "hover")
        if region is None:
            overlay.hide()
        else:
            overlay.show_mask(self.shown.grid, self.shown.picture == region, self._color(pointer.removing))

    def _show_stroke(self) -> None:
        stroke = self._stroke
        self.hide_overlays("hover")
        self.overlay(stroke.shown.view, "stroke").show_mask(
            stroke.shown.grid, stroke.mask(), self._color(stroke.removing), opacity=0.5)

    def _color(self, removing: bool) -> Color:
        return _REMOVED if removing else segment_color(self.scriptedEffect)

    def _hide(self) -> None:
        self.hide_overlays()
        self.shown = None

    @shows_problems
    def _divide_ahead(self) -> None:
        """Divide the nearest neighbouring slice that is not divided yet; one at a time, so that the mouse never waits.
        """
        if self.pointer is None or self.in_stroke or self.options.settings().block_mm:
            return
        if self.store.busy:
            self.store.let_run()
        else:
            source = next(filter(None, map(self._source_ahead, _AHEAD)), None)
            if source is None:
                return
            self.store.expect(source.key, source.computation())
        self._ahead_timer.start()

    def _source_ahead(self, steps: int) -> RegionSource | None:
        """Return the source of a slice ``steps`` further; ``None`` if its regions are known or there is no slice."""
        node, reference = self.pointer.view.mrmlSliceNode(), reference_of(self.scriptedEffect)
        matrix = world_from_view(node)
        normal = np.cross(matrix[:3, 0], matrix[:3, 1])
        matrix[:3, 3] += normal / np.linalg.norm(normal) * steps * self.scriptedEffect.sliceSpacing(self.pointer.view)
        grid = slice_grid(matrix, node.GetDimensions()[:2], reference.grid) if reference is not None else None
        if grid is None:
            return None
        source = region_source(self.scriptedEffect, self.options.settings(), grid, matrix[:3, 3])
        return None if source is None or source.key in self.store else source
