"""AutoCorrection moves the border of a roughly drawn segment to the edge in the image, within a distance limit."""

from __future__ import annotations

from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.overlays import segment_color, slice_widgets
from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.effects.segments import drawing_key
from NeuroOrbitLib.effects.slice_effect import Pointer, SliceEffect, shows_problems
from NeuroOrbitLib.effects.slice_images import visible_grid
from NeuroOrbitLib.effects.writing import may_change, redraw_selected_segment
from NeuroOrbitLib.jobs import Failure, Progress, Result
from OrbitSegmentationLib.effects.correction_drawing import (
    Drawing,
    Proposal,
    proposal_from,
    slice_drawing,
    volume_drawing,
)
from OrbitSegmentationLib.effects.correction_options import CorrectionOptions
from OrbitSegmentationLib.effects.correction_worker import Request, shared_worker

_UNSURE = (1.0, 0.55, 0.0)
_LOOK_AGAIN, _SETTLE, _WATCH, _WARM_UP = 15, 150, 200, 300  # ms


class SegmentEditorEffect(SliceEffect, AbstractScriptedSegmentEditorEffect):
    """Proposes a corrected segment in a slice or in 3-D; Apply accepts it, Cancel discards it."""

    def __init__(self, scriptedEffect: object) -> None:
        scriptedEffect.name = "AutoCorrection"  # not translated: modules find effects by name
        scriptedEffect.title = _("AutoCorrection")
        SliceEffect.__init__(self, scriptedEffect)
        self.options = CorrectionOptions(scriptedEffect)
        self.proposal: Proposal | None = None
        self._view: object | None = None
        self._drawing: Drawing | None = None
        self._request: Request | None = None
        self._asked: tuple | None = None

    # Options

    def helpText(self) -> str:
        """Return the text that the user reads about the effect."""
        return "<html>" + _(
            "Move the border of a roughly drawn segment to the edge that the image shows.<br>"
            "<ul style=\"margin: 0\">"
            "<li><b>Click in a slice view:</b> shows the corrected segment there (or of all slices)."
            "<li><b>Apply</b> takes it over, <b>Cancel</b> leaves the segment as it is."
            "<li>The border never moves further than the distance limit."
            "<li><b>Orange:</b> here the correction is unsure; look twice.</ul>"
            "For research use only. Not for use in diagnostic procedures.")

    def setupOptionsFrame(self) -> None:
        """Build the options."""
        self.options.add_to_panel(self.preview, self.apply, self.cancel)
        self.add_notice()

    def setMRMLDefaults(self) -> None:
        """Set the parameters of a new parameter set node."""
        self.options.set_defaults()

    @shows_problems
    def updateGUIFromMRML(self) -> None:
        """Show the parameters, and update the proposal to them."""
        self.options.show_parameters()
        if self._drawing is None:
            return
        if self._asked != self._settings():
            self._settle_timer.start()
        else:
            self._show()

    def updateMRMLFromGUI(self) -> None:
        """Set the parameters from the options."""
        self.options.store_parameters()

    # Life cycle

    def began(self) -> None:
        """Let the worker load its network in the background; all timers end with the effect."""
        self._poll_timer = self.lifetime.timer(_LOOK_AGAIN, self._look)
        self._settle_timer = self.lifetime.timer(_SETTLE, self._again, single_shot=True)
        # No single event reports undo, the selection of another segment and deleted segments.
        self._watch_timer = self.lifetime.timer(_WATCH, self._watch)
        # Delayed, so that no process starts for a user who only passes by this effect.
        self._warm_timer = self.lifetime.timer(_WARM_UP, shared_worker().warm_up, single_shot=True)
        self._warm_timer.start()
        self._show_method(shared_worker().about)

    def ended(self) -> None:
        """Discard the proposal."""
        self._drop("")
        self._view = None

    # Mouse and changes

    def pressed(self, pointer: Pointer) -> bool:
        """Propose a correction of the slice under the mouse, or of the whole segment."""
        self._view = pointer.view
        self._propose()
        return False

    def view_changed(self, view: object) -> None:
        """Show the part of the proposal in another slice."""
        if self.proposal is not None:
            self._show_in(view)

    @shows_problems
    def layoutChanged(self) -> None:
        """Show the proposal in the new views."""
        super().layoutChanged()
        self._view = None
        self._show()

    # Buttons

    @shows_problems
    def preview(self) -> None:
        """Propose a correction; for a slice, in the view that was clicked last, or the first view."""
        if may_change(self.scriptedEffect):
            self._propose()

    @shows_problems
    def apply(self) -> None:
        """Apply the proposal as one undo step."""
        proposal = self.proposal
        if proposal is None or not may_change(self.scriptedEffect):
            return
        if self._is_stale():
            self._watch()
            return
        self._drop("")
        redraw_selected_segment(self.scriptedEffect, proposal.added, proposal.removed)

    def cancel(self) -> None:
        """Discard the proposal, or stop computing it; the segment is not changed."""
        self._drop("")

    # Parts

    def _settings(self) -> tuple:
        return self.options.whole_segment, self.options.others_are_background, self.options.limit_mm

    def _is_stale(self) -> bool:
        return self._drawing is None or drawing_key(self.scriptedEffect) != self._drawing.key

    @shows_problems
    def _watch(self) -> None:
        """Discard the proposal if the drawing that it belongs to no longer exists."""
        if self._drawing is not None and self._is_stale():
            self._drop(_("The segment or the volume has changed: the preview was dropped."))

    def _propose(self) -> None:
        self._drop("")
        views = slice_widgets()
        if self._view is None:  # not clicked yet, or removed with the layout
            if not views:
                return
            self._view = views[0]
        with_others, limit = self.options.others_are_background, self.options.limit_mm
        self._drawing = (volume_drawing(self.scriptedEffect, limit, with_others) if self.options.whole_segment
                         else slice_drawing(self.scriptedEffect, self._view, with_others))
        self._watch_timer.start()
        self._ask()

    def _ask(self) -> None:
        self.tell("info", "")
        self._asked = self._settings()
        self._request = Request(self._drawing.image, self._drawing.mask, self._drawing.spacing, self.options.limit_mm)
        self.options.show_state(_("Correcting…"), busy=True, proposed=False)
        shared_worker().ask(self._request)
        self._poll_timer.start()
        self._look()

    @shows_problems
    def _again(self) -> None:
        """Update the proposal after an option has changed; a slice is not read again for another distance limit."""
        if self._drawing is None or self._asked == self._settings():
            return
        if self._asked[:2] != self._settings()[:2] or self.options.whole_segment:
            self._propose()
        else:
            self._ask()

    @shows_problems
    def _look(self) -> None:
        """Process the events of the worker."""
        request = self._request
        if request is None:
            self._poll_timer.stop()
            return
        for event in shared_worker().poll(request):
            if isinstance(event, Progress):
                self.options.show_state(_busy_text(event, request), busy=True, proposed=False)
            elif isinstance(event, Failure):
                self._drop("")
                self.tell("error", event.text)
            elif isinstance(event, Result):
                self._poll_timer.stop()
                self._request = None
                self.proposal = proposal_from(self._drawing, *request.answer)
                self._show_method(event.value)
                self._show()

    def _drop(self, reason: str) -> None:
        if self._request is not None:
            shared_worker().drop()
        self._request = self.proposal = self._drawing = self._asked = None
        self.hide_overlays()
        if self.lifetime:
            for timer in (self._poll_timer, self._settle_timer, self._watch_timer):
                timer.stop()
        self.options.show_state("", busy=False, proposed=False)
        self.tell("info", reason)

    def _show(self) -> None:
        if self.proposal is None:
            return
        for view in slice_widgets():
            self._show_in(view)
        if self.proposal.changed_voxels:
            text = _("{voxels} voxels would change; sure along {percent} % of the border.").format(
                voxels=self.proposal.changed_voxels, percent=round(100 * self.proposal.sure_share))
        else:
            text = _("Nothing would change: the border is where the image shows it.")
        self.options.show_state(text, busy=False, proposed=True)

    def _show_in(self, view: object) -> None:
        grid = visible_grid(view.mrmlSliceNode(), reference_of(self.scriptedEffect))
        parts = {"shape": (self.proposal.shape, segment_color(self.scriptedEffect), 0.3),
                 "unsure": (self.proposal.unsure if self.options.shows_confidence else None, _UNSURE, 0.8)}
        for name, (voxels, color, opacity) in parts.items():
            mask = grid.nearest(voxels).astype(bool) if grid is not None and voxels is not None else None
            if mask is not None and mask.any():
                self.overlay(view, name).show_mask(grid, mask, color, opacity)
            else:
                self.overlay(view, name).hide()

    def _show_method(self, about: dict | None) -> None:
        self.options.show_method(method_text(about) if about else "")


def method_text(about: dict) -> str:
    """Return a description of the method for the user.

    :param about: description by :func:`OrbitSegmentationLib.refinement.correction.job.describe`.
    """
    model = about["model"]
    if model is None:
        return _("Method: edges of the image (classical), because no network can be used: {reason}").format(
            reason=about["reason"])
    text = _("Method: network {name} {version} and edges of the image. Trained on {data}. For research use only.")
    return text.format(
        name=model["model"], version=model["version"], data=model["training_data"])


def _busy_text(progress: Progress, request: Request) -> str:
    if request.job is None:
        return _("Starting the network (only the first time)…")
    return _("Correcting… {percent} %").format(percent=round(100 * progress.fraction))
