"""The annotator's choices of scans, folder and name, remembered between sessions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation.cases import ANNOTATION_FOLDER
from OrbitSegmentationLib.mrml.annotation_parameters import AnnotationParameterNode

_SETTINGS = "NeuroOrbit/Annotation/"
_REMEMBERED = ("cases", "exports", "annotator")


def recall(node: AnnotationParameterNode) -> None:
    """Restore the choices of an earlier session that the scene does not define."""
    settings = qt.QSettings()
    for name in _REMEMBERED:
        if not getattr(node, name):
            setattr(node, name, _kept(settings, name))


def remember(node: AnnotationParameterNode) -> None:
    """Store the annotator's choices for the next session."""
    settings = qt.QSettings()
    for name in _REMEMBERED:
        if getattr(node, name) != _kept(settings, name):  # every change is a file written to the disk
            settings.setValue(_SETTINGS + name, getattr(node, name))


def _kept(settings: qt.QSettings, name: str) -> str:
    return str(settings.value(_SETTINGS + name, "") or "")


def export_folder(node: AnnotationParameterNode) -> Path:
    """Return the folder for the annotations: the chosen one, else ``annotations`` beside the scans."""
    if node.exports.strip():
        return Path(node.exports.strip())
    cases = Path(node.cases.strip())
    return (cases.parent if cases.is_file() else cases) / ANNOTATION_FOLDER


def annotator_of(node: AnnotationParameterNode) -> str:
    """Return the annotator's name.

    :raises Problem: if there is none.
    """
    name = node.annotator.strip()
    if not name:
        raise Problem(_("Type your name or initials first: they are stored with the annotation."))
    return name


class PlaceButtons:
    """The buttons that choose folders and tables.

    :param ui: widgets of the page.
    :param node: function that returns the annotator's choices.
    :param changed: function that is called after a choice.
    """

    def __init__(self, ui: object, node: Callable[[], AnnotationParameterNode], changed: Callable[[], None]) -> None:
        self._parent, self._node, self._changed = ui.casesFolderButton, node, changed
        ui.casesFolderButton.connect("clicked(bool)", self._choose_scans)
        ui.casesTableButton.connect("clicked(bool)", self._choose_table)
        ui.exportsFolderButton.connect("clicked(bool)", self._choose_exports)

    def _choose_scans(self, _checked: bool = False) -> None:
        self._take("cases", _folder(self._parent, _("Folder with scans"), self._node().cases))

    def _choose_table(self, _checked: bool = False) -> None:
        start = self._node().cases
        self._take("cases", qt.QFileDialog.getOpenFileName(self._parent, _("Table of scans"), start, "CSV (*.csv)"))

    def _choose_exports(self, _checked: bool = False) -> None:
        start = str(export_folder(self._node()))
        self._take("exports", _folder(self._parent, _("Folder for annotations"), start))

    def _take(self, parameter: str, place: str) -> None:
        if place:  # empty if the annotator has cancelled
            setattr(self._node(), parameter, place)
            self._changed()


def _folder(parent: qt.QWidget, title: str, start: str) -> str:
    return qt.QFileDialog.getExistingDirectory(parent, title, start)
