"""SmartFill: a few marks become the whole structure, by what it and its surroundings look like."""

from __future__ import annotations

from collections.abc import Hashable

import slicer
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.overlays import segment_color, slice_widgets
from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.effects.segments import drawing_key
from NeuroOrbitLib.effects.slice_effect import Pointer, SliceEffect, shows_problems
from NeuroOrbitLib.effects.slice_images import visible_grid, whole_slice
from NeuroOrbitLib.effects.writing import may_change, redraw_selected_segment
from OrbitSegmentationLib.effects.fill_correction import ProposalCorrection
from OrbitSegmentationLib.effects.fill_options import DRAWN, SLAB, FillOptions, FillSettings
from OrbitSegmentationLib.effects.fill_session import Fill, FillSession, Mark, continued
from OrbitSegmentationLib.effects.fill_stroke import Stroke
from OrbitSegmentationLib.effects.fill_targets import (
    FillTarget,
    axis_across,
    shifted,
    slab_target,
    united,
    volume_target,
)

_BACKGROUND = (1.0, 0.25, 0.2)
_SETTLE = 60  # ms that the sliders rest before it is filled again


class SegmentEditorEffect(SliceEffect, AbstractScriptedSegmentEditorEffect):
    """Proposes a filled structure while the user marks it; Apply takes it, Cancel drops it."""

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
        """What the user reads about the effect."""
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
        """Parameters of a new parameter set node."""
        self.options.set_defaults()

    def updateGUIFromMRML(self) -> None:
        """Show the parameters; what is proposed follows them."""
        self.options.show_parameters()
        if not self.lifetime or self._key is None:
            return
        self._catch_up(_("Another segment or volume was chosen: the preview was dropped."))
        if self._key is not None and self._filled_with != self.options.settings():
            self._settle_timer.start()

    # Life

    def began(self) -> None:
        """Fill again when sliders rest."""
        self._settle_timer = self.lifetime.timer(_SETTLE, self._settings_changed, single_shot=True)
        self._show()

    def ended(self) -> None:
        """Drop marks and proposal."""
        self._drop("")
        self._view = self._stroke = None

    # Mouse and changes

    def pressed(self, pointer: Pointer) -> bool:
        """Begin a mark."""
        grid = whole_slice(pointer.view.mrmlSliceNode(), reference_of(self.scriptedEffect).grid)
        if grid is None or grid.pixel_at(pointer.ras) is None:
            return False
        self._stroke = Stroke(pointer, grid, self.options.settings().mark_mm / 2, drawing_key(self.scriptedEffect))
        self._show_stroke()
        return True

    def dragged(self, pointer: Pointer) -> None:
        """Go on with the mark."""
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
            self._take(Mark(voxels, stroke.background))

    def view_changed(self, view: object) -> None:
        """Show the part of the proposal in another slice."""
        self._show_in(view)

    def layoutChanged(self) -> None:
        """Show the proposal in the new views."""
        super().layoutChanged()
        self._view = None
        self._show()

    def inputs_changed(self) -> None:
        """Something was drawn, undone or deleted: the proposal is about what is no more."""
        self._catch_up(_("The segment or the volume has changed: the preview was dropped."))

    # Buttons

    @shows_problems
    def fill(self) -> None:
        """Fill from the selected segment and the marks, in the view that was used last, at first the first one."""
        views = slice_widgets()
        if self._view is None and views:
            self._view = views[0]
        if self._view is not None and may_change(self.scriptedEffect):
            self._take(None)

    @shows_problems
    def propagate(self, direction: int) -> None:
        """Carry the fill on to the next (1) or previous (-1) slices of the view that was used last."""
        session, settings = self._session, self.options.settings()
        if session is None or not settings.of_slices or self._is_stale() or not may_change(self.scriptedEffect):
            return
        step = self.scriptedEffect.sliceSpacing(self._view) * direction * _upward(self._view, session)
        fills = list(continued(self.scriptedEffect, session, settings.slices, step, settings.smoothness,
                               settings.others_are_background))
        self._carried[direction] = fills
        self._show()
        if len(fills) < settings.slices:
            self.tell("info", _("The structure seems to end after {count} slices.").format(count=len(fills)))

    @shows_problems
    def apply(self) -> None:
        """Take over what is shown, as one step of undo."""
        if self._key is None or not may_change(self.scriptedEffect):
            return
        if self._is_stale():
            self._drop(_("The segment or the volume has changed: the preview was dropped."))
            return
        fills = self._fills()
        self._drop("")
        redraw_selected_segment(self.scriptedEffect, united(fill.added for fill in fills),
                                united(fill.removed for fill in fills))

    def cancel(self) -> None:
        """Drop marks and proposal; the segment stays as it is."""
        self._drop("")

    # Parts

    def _forget(self) -> None:
        self._marks: list[Mark] = []
        self._kept: dict[Hashable, Fill] = {}  # of slices that were filled before
        self._carried: dict[int, list[Fill]] = {}  # by the direction of propagation
        self._session: FillSession | None = None
        self._correction: ProposalCorrection | None = None
        self._place: Hashable = None
        self._across: int | None = None  # array axis across the slices that are drawn
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
        """Forget what is about another state of the scene; a correction follows undo and redo."""
        if self._key is None or not self._is_stale():
            return
        if self._correction is None:
            self._drop(reason)
        elif self._correction.follow():
            self._key = drawing_key(self.scriptedEffect)
        else:
            self._drop("")

    def _take(self, mark: Mark | None) -> None:
        """Fill, with a new mark if there is one."""
        self._catch_up("")
        self.tell("info", "")
        settings = self.options.settings()
        if settings.corrects_proposal:
            self._correct(mark, settings)
            return
        self._key = drawing_key(self.scriptedEffect)
        place = _place(self._view, settings, self.scriptedEffect)
        if self._session is not None and place == self._place and (mark is None or self._session.target.holds(
                mark.voxels)):
            if mark is not None:
                self._marks.append(mark)
                self._session.mark(mark)
                self._session.solve()
            self._carried = {}
        else:
            self._begin([*self._marks, *([mark] if mark is not None else [])], place, settings)
        self._show()

    def _correct(self, mark: Mark | None, settings: FillSettings) -> None:
        """Let a mark correct the segment, which is written at once."""
        if mark is None:
            self.tell("info", _("Mark what is wrong: every mark is applied at once."))
            return
        if self._correction is None or not self._correction.holds(mark):
            earlier = self._correction.marks if self._correction is not None else []
            axis = axis_across(self._view, reference_of(self.scriptedEffect).grid)
            self._correction = ProposalCorrection(self.scriptedEffect, settings, axis, [mark], earlier)
        added, removed = self._correction.take(mark)
        self._key, self._filled_with = drawing_key(self.scriptedEffect), settings
        self.options.show_state(_("{added} voxels were added, {removed} removed.").format(added=added, removed=removed),
                                False)

    def _begin(self, marks: list[Mark], place: Hashable, settings: FillSettings) -> None:
        """Fill another slice, or a larger block; what was filled in other slices stays proposed."""
        target = self._target(marks, settings)
        if settings.scope == DRAWN and self._across is None:
            self._across = axis_across(self._view, reference_of(self.scriptedEffect).grid)
        session = (FillSession(target, marks, settings.smoothness, settings.reach_mm,
                               self._across if settings.scope == DRAWN else None,
                               settings.segment_is_proposal) if target is not None else None)
        if self._session is not None and place != self._place:
            self._kept[self._place] = self._session.fill()
        for number, fills in self._carried.items():
            self._kept[self._place, number] = Fill(*(united(getattr(fill, part) for fill in fills)
                                                     for part in ("shape", "added", "removed")))
        self._kept.pop(place, None)
        self._marks, self._session, self._place, self._carried = marks, session, place, {}
        self._filled_with = settings

    def _target(self, marks: list[Mark], settings: FillSettings) -> FillTarget | None:
        effect = self.scriptedEffect
        if not settings.of_slices:
            wanted = [mark.voxels for mark in marks if not mark.background]
            return volume_target(effect, wanted, 2.0 * settings.reach_mm, settings.others_are_background)
        grid = whole_slice(self._view.mrmlSliceNode(), reference_of(effect).grid)
        if grid is None:
            return None
        step = effect.sliceSpacing(self._view)
        each_side = int(settings.slab_mm / 2.0 / step) if settings.scope == SLAB else 0
        grids = [shifted(grid, step * number) for number in range(-each_side, each_side + 1)]
        return slab_target(effect, grids, step, settings.others_are_background)

    @shows_problems
    def _settings_changed(self) -> None:
        """Fill again with other settings: with the same models if only the smoothness is another."""
        settings, before = self.options.settings(), self._filled_with
        if self._key is None or settings == before or self._view is None:
            return
        if self._correction is not None and _same_place(settings, before):
            self._correction.set_smoothness(settings)
            self._filled_with = settings
            return
        if self._correction is not None or settings.corrects_proposal:
            self._drop("" if self._correction else _("Marks are applied at once now: the preview was dropped."))
            return
        if self._session is not None and _same_place(settings, before):
            if settings.smoothness != before.smoothness:
                self._session.set_smoothness(settings.smoothness)
                self._session.solve()
            self._filled_with = settings
        else:
            self._kept, self._carried, self._session = {}, {}, None
            self._begin(self._marks, _place(self._view, settings, self.scriptedEffect), settings)
        self._show()

    def _fills(self) -> list[Fill]:
        current = [self._session.fill()] if self._session is not None else []
        return [*self._kept.values(), *(fill for fills in self._carried.values() for fill in fills), *current]

    def _show(self) -> None:
        if self._key is None or self._correction is not None:
            return
        fills = self._fills()
        self._shape = united(fill.shape for fill in fills)
        self._background = united(mark.voxels for mark in self._marks if mark.background)
        for view in slice_widgets():
            self._show_in(view)
        added, removed = (sum(int(part.mask.sum()) for part in parts if part is not None)
                          for parts in ([fill.added for fill in fills], [fill.removed for fill in fills]))
        text = _("Mark the structure: nothing is filled yet.")
        if removed:
            text = _("{added} voxels would be added, {removed} removed.").format(added=added, removed=removed)
        elif self._shape is not None:
            text = _("{voxels} voxels would be added.").format(voxels=added)
        self.options.show_state(text, True, self._session is not None and self.options.settings().of_slices)

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


def _place(view: object, settings: FillSettings, scripted_effect: object) -> Hashable:
    """Tells slices, slabs and the volume apart."""
    if not settings.of_slices:
        return settings.scope
    grid = whole_slice(view.mrmlSliceNode(), reference_of(scripted_effect).grid)
    return (settings.scope, settings.slab_mm if settings.scope == SLAB else 0.0, grid.key if grid is not None else None)


def _upward(view: object, session: FillSession) -> int:
    """1 if the slider of the view moves the slice along the normal of the filled slice, -1 if against it."""
    along = slicer.util.arrayFromVTKMatrix(view.mrmlSliceNode().GetSliceToRAS())[:3, 2]
    return 1 if along @ session.target.place[0].affine[:3, 2] >= 0 else -1


def _same_place(settings: FillSettings, before: FillSettings | None) -> bool:
    """Whether only what the solver can change without beginning anew is different."""
    return before is not None and (
        (settings.scope, settings.reach_mm, settings.others_are_background, settings.segment_is_proposal)
        == (before.scope, before.reach_mm, before.others_are_background, before.segment_is_proposal)
        and (settings.scope != SLAB or settings.slab_mm == before.slab_mm))
