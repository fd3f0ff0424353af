"""Display of the open case's state: its progress, the structure that is drawn, and the available buttons."""

from __future__ import annotations

from collections.abc import Collection

from slicer.i18n import tr as _

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.dicom.segmentation import reason_against
from OrbitSegmentationLib.mrml.annotation_parameters import AnnotationParameterNode
from OrbitSegmentationLib.mrml.open_case import OpenCase


def show_case_state(ui: object, node: AnnotationParameterNode | None, opened: OpenCase | None,
                    done: Collection[int]) -> None:
    """Update the page.

    :param ui: widgets of the page.
    :param node: the annotator's choices; ``None`` while the page is hidden.
    :param opened: the open case; ``None`` if there is none.
    :param done: label values of the structures that are done.
    """
    if node is not None:
        ui.caseLabel.text = _case_text(node, opened, done)
        ui.doneButton.checked = node.label in done
        ui.doneButton.text = _("{structure} is done").format(structure=anatomy.label_name(node.label))
    ui.doneButton.enabled = ui.saveButton.enabled = opened is not None
    reason = reason_against(opened.case.scan) if opened else ""
    ui.dicomCheckBox.enabled = not reason
    ui.dicomReasonLabel.text = reason
    ui.dicomReasonLabel.visible = bool(reason)


def _case_text(node: AnnotationParameterNode, opened: OpenCase | None, done: Collection[int]) -> str:
    if opened is None:
        return _("No case is open.")
    wanted = node.task.values()
    text = _("{case}: {done} of {count} structures done").format(
        case=opened.case.name, done=len(set(done) & set(wanted)), count=len(wanted))
    untouched = _("saved") if opened.state.saved else _("not started")
    return f"{text} – {_('not saved') if opened.unsaved else untouched}"
