"""SmartFill extends a few marks to the whole structure by the intensities of the structure and its surroundings."""

from __future__ import annotations

from collections.abc import Hashable

import slicer
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.overlays import segment_color, slice_widgets
from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.effects.segments import drawing_key
from NeuroOrbitLib.effects.slice_effect import Pointer, SliceEffect, shows_problems
from NeuroOrbitLib.effects.slice_images import visible_grid
from NeuroOrbitLib.effects.writing import may_change, redraw_selected_segment
from NeuroOrbitLib.imaging.slices import VoxelMask
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.effects.fill_correction import ProposalCorrection
from OrbitSegmentationLib.effects.fill_options import DRAWN, SLAB, FillOptions, FillSettings
from OrbitSegmentationLib.effects.fill_session import Mark
from OrbitSegmentationLib.effects.fill_stroke import Stroke
from OrbitSegmentationLib.effects.fill_targets import axis_across, united
from OrbitSegmentationLib.effects.fill_work import BlockFill, Place, SliceFills, fill_work, place_in

_BACKGROUND = (1.0, 0.25, 0.2)
_SETTLE = 60  # ms without a change of the sliders before the fill is updated


class SegmentEditorEffect(SliceEffect, AbstractScriptedSegmentEditorEffect):
    """Proposes a filled structure while the user marks it; Apply accepts it, Cancel discards it."""

    def __init__(self, scriptedEffect: object) -> None:
        scriptedEffect.name = "SmartFill"  # not translated: modules find effects by name
        scriptedEffect.title = _("SmartFill")
        SliceEffect.__init__(self, scriptedEffect)
        self.options = FillOptions(scriptedEffect)
        self._forget()
        self._view: object | None = None
        self._stroke: Stroke | None = None

    # Options

    def helpText(self) -> str:
        """Return the text that the user reads about the effect."""
        return "<html>" + _(
            "Fill a structure from a few marks.<br><ul style=\"margin: 0\">"
            "<li><b>Click or drag:</b> marks the structure; what is filled is shown at once."
            "<li><b>Ctrl + click or drag:</b> marks what does not belong to it."
            "<li>What the selected segment holds already is marked, too."
            "<li><b>Between slices:</b> draw the structure roughly on some slices; the others follow."
            "<li><b>The segment is a proposal:</b> every mark corrects the slices around it, too, at once."
            "<li><b>Propagate</b> carries the filled slice on to the next slices."
            "<li><b>Apply</b> takes what is shown, <b>Cancel</b> drops it.</ul>")

    def setupOptionsFrame(self) -> None:
        """Build the options."""
        self.options.add_to_panel({"fill": self.fill, "apply": self.apply, "cancel": self.cancel,
                                   "previous": lambda: self.propagate(-1), "next": lambda: self.propagate(1)})
        self.add_notice()

    def setMRMLDefaults(self) -> None:
        """Set the parameters of a new parameter set node."""
        self.options.set_defaults()

    @shows_problems
    def updateGUIFromMRML(self) -> None:
        """Show the parameters, and update the proposal to them."""
        self.options.show_parameters()
        if not self.lifetime or self._key is None:
            return
        self._catch_up(_("Another segment or volume was chosen: the preview was dropped."))
        if self._key is not None and self._filled_with != self.options.settings():
            self._settle_timer.start()

    # Life cycle

    def began(self) -> None:
        """Start the timer that updates the fill after the sliders were moved, and show the state."""
        self._settle_timer = self.lifetime.timer(_SETTLE, self._settings_changed, single_shot=True)
        self._show()

    def ended(self) -> None:
        """Discard marks and proposal."""
        self._drop("")
        self._view = self._stroke = None

    # Mouse and changes

    def pressed(self, pointer: Pointer) -> bool:
        """Begin a mark."""
        place = place_in(self.scriptedEffect, pointer.view)
        if place is None or place.grid.pixel_at(pointer.ras) is None:
            return False
        settings = self.options.settings()
        self._stroke = Stroke(pointer, place, settings.mark_mm / 2, settings.scope == DRAWN,
                              drawing_key(self.scriptedEffect))
        self._show_stroke()
        return True

    def dragged(self, pointer: Pointer) -> None:
        """Continue the mark."""
        if self._stroke is not None:
            self._stroke.points.append(pointer.ras)
            self._show_stroke()

    def released(self, pointer: Pointer) -> None:
        """Fill with the new mark."""
        stroke, self._stroke = self._stroke, None
        self.hide_overlays("stroke")
        if stroke is None:
            return
        if stroke.key != drawing_key(self.scriptedEffect):
            self._drop(_("The segment or the volume has changed: the mark was dropped."))
            return
        voxels = stroke.voxels()
        if voxels is not None:
            self._view = pointer.view
            with slicer.util.WaitCursor():  # a wide reach on a scan of fine voxels takes seconds
                self._take(stroke.place, Mark(voxels, stroke.background))

    def view_changed(self, view: object) -> None:
        """Show the part of the proposal in another slice."""
        self._show_in(view)

    @shows_problems
    def layoutChanged(self) -> None:
        """Show the proposal in the new views."""
        super().layoutChanged()
        self._view = None
        self._show()

    def inputs_changed(self) -> None:
        """Discard the proposal if its input was drawn on, undone or deleted."""
        self._catch_up(_("The segment or the volume has changed: the preview was dropped."))

    # Buttons

    @shows_problems
    def fill(self) -> None:
        """Fill from the selected segment and the marks, in the view that was used last, or the first view."""
        views = slice_widgets()
        if self._view is None and views:
            self._view = views[0]
        place = place_in(self.scriptedEffect, self._view) if self._view is not None else None
        if place is not None and may_change(self.scriptedEffect):
            with slicer.util.WaitCursor():
                self._take(place, None)

    @shows_problems
    def propagate(self, direction: int) -> None:
        """Propagate the latest fill to the next (1) or previous (-1) slices of the view that it was marked in."""
        count = self.options.settings().slices
        if not isinstance(self._work, SliceFills) or self._is_stale() or not may_change(self.scriptedEffect):
            return
        with slicer.util.WaitCursor():
            found = self._work.carry_on(direction, count)
        self._show()
        if found < count:
            self.tell("info", _("The structure seems to end after {count} slices.").format(count=found))

    @shows_problems
    def apply(self) -> None:
        """Apply the proposal as one undo step."""
        if self._key is None or not may_change(self.scriptedEffect):
            return
        if self._is_stale():
            self._drop(_("The segment or the volume has changed: the preview was dropped."))
            return
        fills = self._work.fills() if self._work is not None else []
        self._drop("")
        redraw_selected_segment(self.scriptedEffect, united(fill.added for fill in fills),
                                united(fill.removed for fill in fills))

    def cancel(self) -> None:
        """Discard marks and proposal; the segment is not changed."""
        self._drop("")

    # Parts

    def _forget(self) -> None:
        self._marks: list[Mark] = []
        self._places: dict[Hashable, Place] = {}  # filled places by their plane; the latest one is last
        self._work: SliceFills | BlockFill | None = None
        self._correction: ProposalCorrection | None = None
        self._key: Hashable = None
        self._shape = self._background = None
        self._filled_with: FillSettings | None = None

    def _drop(self, reason: str) -> None:
        self._forget()
        self.hide_overlays()
        if self.lifetime:
            self._settle_timer.stop()
        self.options.show_state("", False)
        self.tell("info", reason)

    def _is_stale(self) -> bool:
        return drawing_key(self.scriptedEffect) != self._key

    def _catch_up(self, reason: str) -> None:
        """Discard a proposal for an earlier state of the scene, with ``reason``; a correction follows undo and redo."""
        if self._key is None or not self._is_stale():
            return
        if self._correction is None:
            self._drop(reason)
        elif self._correction.follow():
            self._key = drawing_key(self.scriptedEffect)
        else:
            self._drop("")

    def _take(self, place: Place, mark: Mark | None) -> None:
        """Fill at a place, with a new mark if there is one."""
        self._catch_up("")
        self.tell("info", "")
        settings = self.options.settings()
        if settings.corrects_proposal:
            self._correct(place, mark, settings)
            return
        work, marks = self._work or fill_work(self.scriptedEffect, settings), [*self._marks, *filter(None, [mark])]
        work.take(place, marks, mark)  # if this is refused, the mark must not count later
        self._work, self._marks = work, marks
        self._key, self._filled_with = drawing_key(self.scriptedEffect), settings
        self._places.pop(place.plane, None)
        self._places[place.plane] = place
        self._show()

    def _correct(self, place: Place, mark: Mark | None, settings: FillSettings) -> None:
        """Let a mark correct the segment, which is changed at once."""
        if mark is None:
            self.tell("info", _("Mark what is wrong: every mark is applied at once."))
            return
        if self._correction is None or not self._correction.holds(mark):
            earlier = self._correction.marks if self._correction is not None else []
            self._correction = ProposalCorrection(self.scriptedEffect, settings, axis_across(place.grid), [mark],
                                                  earlier)
        added, removed = self._correction.take(mark)
        self._key, self._filled_with = drawing_key(self.scriptedEffect), settings
        self.options.show_state(_("{added} voxels were added, {removed} removed.").format(added=added, removed=removed),
                                False)

    @shows_problems
    def _settings_changed(self) -> None:
        """Fill again with other settings, with the same models if only the smoothness has changed."""
        settings, before = self.options.settings(), self._filled_with
        if self._key is None or settings == before:
            return
        self._filled_with = settings
        if self._correction is not None or settings.corrects_proposal:
            self._change_correction(settings, before)
        else:
            with slicer.util.WaitCursor():
                self._fill_again(settings, before)
        self._show()

    def _fill_again(self, settings: FillSettings, before: FillSettings) -> None:
        if not _fills_alike(settings, before):
            try:
                self._begin_anew(settings)
            except Problem:
                self._drop("")
                raise
        elif settings.smoothness != before.smoothness:
            self._work.set_smoothness(settings)

    def _change_correction(self, settings: FillSettings, before: FillSettings) -> None:
        """Continue to correct with another smoothness, or begin again with the next mark."""
        if self._correction is None:
            self._drop(_("Marks are applied at once now: the preview was dropped."))
        elif _fills_alike(settings, before):
            self._correction.set_smoothness(settings)
        else:
            self._drop("")

    def _begin_anew(self, settings: FillSettings) -> None:
        """Fill all filled places again, from all marks."""
        before, self._work = self._work, fill_work(self.scriptedEffect, settings)
        if isinstance(before, BlockFill) and isinstance(self._work, BlockFill):
            self._work.fill_along(before)
        for place in self._places.values():
            self._work.take(place, self._marks, None)
        if isinstance(before, SliceFills) and isinstance(self._work, SliceFills):
            self._work.carry_on_like(before)

    def _show(self) -> None:
        if self._key is None or self._correction is not None:
            return
        fills = self._work.fills() if self._work is not None else []
        self._shape, added, removed = (united(getattr(fill, part) for fill in fills)
                                       for part in ("shape", "added", "removed"))
        self._background = united(mark.voxels for mark in self._marks if mark.background)
        for view in slice_widgets():
            self._show_in(view)
        text = _("Mark the structure: nothing is filled yet.")
        if removed is not None:
            text = _("{added} voxels would be added, {removed} removed.").format(
                added=_count(added), removed=_count(removed))
        elif self._shape is not None:
            text = _("{voxels} voxels would be added.").format(voxels=_count(added))
        self.options.show_state(text, True, isinstance(self._work, SliceFills))

    def _show_in(self, view: object) -> None:
        if self._key is None:
            return
        grid = visible_grid(view.mrmlSliceNode(), reference_of(self.scriptedEffect))
        for name, voxels, color, opacity in (("shape", self._shape, segment_color(self.scriptedEffect), 0.35),
                                             ("background", self._background, _BACKGROUND, 0.5)):
            mask = grid.nearest(voxels).astype(bool) if grid is not None and voxels is not None else None
            if mask is not None and mask.any():
                self.overlay(view, name).show_mask(grid, mask, color, opacity)
            else:
                self.overlay(view, name).hide()

    def _show_stroke(self) -> None:
        stroke = self._stroke
        color = _BACKGROUND if stroke.background else segment_color(self.scriptedEffect)
        self.overlay(stroke.view, "stroke").show_mask(stroke.grid, stroke.mask(), color, opacity=0.7)


def _count(voxels: VoxelMask | None) -> int:
    return int(voxels.mask.sum()) if voxels is not None else 0


def _fills_alike(settings: FillSettings, before: FillSettings) -> bool:
    """Return whether a fill can take over the difference between settings without starting again."""
    return (
        (settings.scope, settings.reach_mm, settings.others_are_background, settings.segment_is_proposal)
        == (before.scope, before.reach_mm, before.others_are_background, before.segment_is_proposal)
        and (settings.scope != SLAB or settings.slab_mm == before.slab_mm))
