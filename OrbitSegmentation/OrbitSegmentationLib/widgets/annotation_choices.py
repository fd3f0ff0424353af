"""Where scans lie, where annotations go and who annotates: remembered between sessions."""

from __future__ import annotations

from pathlib import Path

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation.cases import ANNOTATION_FOLDER
from OrbitSegmentationLib.mrml.annotation_parameters import AnnotationParameterNode

_SETTINGS = "NeuroOrbit/Annotation/"
_REMEMBERED = ("cases", "exports", "annotator")


def recall(node: AnnotationParameterNode) -> None:
    """Fill in what the annotator chose in an earlier session, where the scene says nothing."""
    for name in _REMEMBERED:
        if not getattr(node, name):
            setattr(node, name, str(qt.QSettings().value(_SETTINGS + name, "") or ""))


def remember(node: AnnotationParameterNode) -> None:
    """Keep the annotator's choices for the next session."""
    for name in _REMEMBERED:
        qt.QSettings().setValue(_SETTINGS + name, getattr(node, name))


def export_folder(node: AnnotationParameterNode) -> Path:
    """The folder for the annotations: the chosen one, else ``annotations`` beside the scans."""
    if node.exports.strip():
        return Path(node.exports.strip())
    cases = Path(node.cases.strip())
    return (cases.parent if cases.is_file() else cases) / ANNOTATION_FOLDER


def annotator_of(node: AnnotationParameterNode) -> str:
    """The annotator's name.

    :raises Problem: if there is none.
    """
    name = node.annotator.strip()
    if not name:
        raise Problem(_("Type your name or initials first: they are stored with the annotation."))
    return name


def choose_folder(parent: qt.QWidget, title: str, start: str) -> str:
    """Ask for a folder; "" if the annotator changed their mind."""
    return qt.QFileDialog.getExistingDirectory(parent, title, start)


def choose_table(parent: qt.QWidget, start: str) -> str:
    """Ask for a table of scans; "" if the annotator changed their mind."""
    return qt.QFileDialog.getOpenFileName(parent, _("Table of scans"), start, "CSV (*.csv)")
