"""The step in which the user checks the crop, drags it if necessary, and confirms it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import slicer
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from NeuroOrbitLib.mrml import views
from TAOActivityLib.inventory import regions_of
from TAOActivityLib.mrml.parameters import TAOActivityParameterNode
from TAOActivityLib.mrml.prepared_scan import Move, PreparedScan

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage

_BOX = slicer.vtkMRMLMarkupsNode
#: Number of the middle one of the five slices.
_MIDDLE = 3


class CropConfirmation(VTKObservationMixin):
    """Follows the box in the scene and manages the slice slider, the text about the crop and the button that undoes.

    :param ui: widgets with ``sliceSliderWidget``, ``cropLabel`` and ``putBackButton``.
    :param changed: function that is called when the user has dragged the box.
    """

    def __init__(self, ui: object, changed: Callable[[], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._ui, self._changed = ui, changed
        self._busy = False
        self.prepared: PreparedScan | None = None
        self._scan: slicer.vtkMRMLScalarVolumeNode | None = None
        ui.sliceSliderWidget.connect("valueChanged(double)", self._on_slice)
        ui.putBackButton.connect("clicked(bool)", self._on_put_back)
        self.follow(None)

    def follow(self, node: TAOActivityParameterNode | None) -> None:
        """Follow the box of the parameter node and place it for the chosen region; follow none if there is no box."""
        prepared = PreparedScan(node.cropBox) if node and node.cropBox else None
        if prepared is None or self.prepared is None or prepared.box is not self.prepared.box:
            self._observe(prepared)
        self.prepared, self._scan = prepared, node.inputVolume if node else None
        if prepared is not None:
            prepared.show_region(node.region.value)
        self.update()

    def _observe(self, prepared: PreparedScan | None) -> None:
        self.removeObservers()
        if prepared is None:
            return
        self.addObserver(prepared.box, _BOX.PointModifiedEvent, self._on_dragging)
        self.addObserver(prepared.box, _BOX.PointEndInteractionEvent, self._on_dropped)
        was_blocked = self._ui.sliceSliderWidget.blockSignals(True)  # the views are not to move
        self._ui.sliceSliderWidget.value = _MIDDLE
        self._ui.sliceSliderWidget.blockSignals(was_blocked)

    def problem(self, node: TAOActivityParameterNode, package: ModelPackage | None) -> str:
        """Return the reason why the crop cannot be classified with the user's choices, "" if it can."""
        if self.prepared is None:
            return _("Press Prepare first: the crop has to be placed and confirmed.")
        if package and node.region.value not in regions_of(package):
            return _("This model has not learned from crops of this region. Choose another region or model.")
        return self.prepared.problem(node.inputVolume, node.region.value)

    def update(self) -> None:
        """Update the widgets."""
        known = self.prepared is not None and self.prepared.scan is self._scan and bool(self.prepared.record)
        for widget in (self._ui.sliceSliderWidget, self._ui.putBackButton):
            widget.enabled = known
        self._ui.cropLabel.text = self._text() if known else _(
            "Press Prepare: the orbits are found, the sequence is checked, and the crop is shown over the scan.")

    def show_slice(self, number: int) -> None:
        """Show slice ``number``, counted from 1 at the lowest, in the axial view."""
        if self.prepared is not None and self.prepared.record:
            views.offset_to(self.prepared.slice_center(number - 1), along=self.prepared.axes()[:, 2])

    def _text(self) -> str:
        move, record = self.prepared.move(), self.prepared.record
        sequence = record["sequence"]
        basis = _("DICOM fields") if sequence["basis"] == "fields" else _("contrast")
        checked = sequence["text"] or _("Fat-suppressed T2, by its {basis}.").format(basis=basis)
        how = _move_text(move) if not move.is_none else _(
            "The yellow box is what the classifier sees. Drag it by its handle if it is not centred on the orbits.")
        return "\n".join([checked, *record["crops"][self.prepared.region]["notices"], *record["notes"], how])

    def _on_slice(self, number: float) -> None:
        self.show_slice(round(number))

    def _on_put_back(self, _checked: bool = False) -> None:
        self.prepared.put_back()
        self._on_dropped()

    def _on_dragging(self, caller: object = None, event: object = None) -> None:
        if not self._busy:
            self.update()

    def _on_dropped(self, caller: object = None, event: object = None) -> None:
        self._busy = True
        self.prepared.snap()
        self._busy = False
        self.update()
        self._changed()


def _move_text(move: Move) -> str:
    sideways = _("{mm} mm to the right") if move.right >= 0 else _("{mm} mm to the left")
    along = _("{mm} mm forwards") if move.forwards >= 0 else _("{mm} mm backwards")
    parts = [sideways.format(mm=f"{abs(move.right):.1f}"), along.format(mm=f"{abs(move.forwards):.1f}")]
    if move.slices:
        up = _("{count} slices up") if move.slices > 0 else _("{count} slices down")
        parts.append(up.format(count=abs(move.slices)))
    return _("You moved the crop {parts}.").format(parts=", ".join(parts))
