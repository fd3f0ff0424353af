"""The panels run with Qt 5 and with Qt 6, and use nothing that Slicer has given up."""

from __future__ import annotations

import re

import pytest

from Testing.Lint.source_tree import product_files, text_of

# What stands in the code -> what stands in for it in both.
NOT_IN_BOTH = {
    r"\.setMargin\(|\.margin\s*=": "setContentsMargins()",
    r"\bQRegExp\b|\bQRegExpValidator\b": "Python's re, or qt.QRegularExpression",
    r"\bQDesktopWidget\b|\bdesktop\(\)": "slicer.app.screens()",
    r"\bQTextCodec\b": "bytes.decode()",
    r"\bQTime\(\)|\bQTime\.start\b": "qt.QElapsedTimer()",
    r"currentIndexChanged\(QString\)": "currentTextChanged(QString)",
    r"activated\(QString\)|highlighted\(QString\)": "textActivated(QString), textHighlighted(QString)",
    r"button(Clicked|Pressed|Released|Toggled)\(int": "idClicked(int), idPressed(int), idToggled(int,bool)",
    r"valueChanged\(QString\)": "textChanged(QString)",
    r"\bqt\.QStringList\b|\bqt\.QString\b|\bQLinkedList\b": "Python's str and list",
    r"\bQMatrix\b(?!4x4)": "qt.QTransform",
    r"\.globalPosition\(\)|\bQEnterEvent\b": "globalPos(), QEvent",
    r"\bqt\.Qt\.(AlignmentFlag|CheckState|CursorShape|Orientation|Key|MouseButton|WindowType)\.": "qt.Qt.<value>",
    r"\bqt\.\w+\.(Shape|StandardButton|Policy|Icon)\.\w": "qt.<class>.<value>",
    r"\bQtCore\b|\bQtGui\b|\bQtWidgets\b|\bPySide6\b|\bPyQt[56]\b": "import qt",
    r"[mM]asterVolume|[mM]asterRepresentation": "sourceVolume..., sourceRepresentation...",
    r"\bimport imp\b|\bimp\.load_": "importlib",
}  # fmt: skip
PATTERNS = {re.compile(pattern): advice for pattern, advice in NOT_IN_BOTH.items()}


def version_findings(path: str, text: str) -> list[str]:
    """Lines of a Python or .ui file that work with one Qt, or one release of Slicer, only."""
    return [
        f"{path}:{number}: {match[0]} does not work everywhere; use {advice}"
        for number, line in enumerate(text.splitlines(), start=1)
        for pattern, advice in PATTERNS.items()
        if (match := pattern.search(line.partition("# ")[0]))
    ]


def test_panels_work_with_both_versions_of_qt():
    files = [path for path in [*product_files(".py"), *product_files(".ui")] if "/Testing/" not in path]
    found = [finding for path in files for finding in version_findings(path, text_of(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "layout.setMargin(0)",
        "layout.margin = 3",
        'box.connect("currentIndexChanged(QString)", f)',
        "group.connect('buttonClicked(int)', f)",
        "qt.QRegExp('a')",
        "qt.Qt.AlignmentFlag.AlignLeft",
        "from PySide6 import QtCore",
        "editor.setMasterVolumeNode(node)",
    ],
)
def test_what_works_in_one_version_only_is_found(line):
    assert version_findings("Orbit/Orbit.py", line)


@pytest.mark.parametrize(
    "line",
    [
        "layout.setContentsMargins(0, 0, 0, 0)",
        'box.connect("currentIndexChanged(int)", f)',
        "qt.Qt.AlignLeft",
        "editor.setSourceVolumeNode(node)  # was setMasterVolumeNode",
        "margin = 12.0  # mm",
    ],
)
def test_what_works_in_both_is_allowed(line):
    assert not version_findings("Orbit/Orbit.py", line)
