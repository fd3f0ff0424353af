"""What the user reads in Slicer can be translated."""

from __future__ import annotations

import ast
import re

import pytest

from Testing.Lint.source_tree import product_sources, tree_of
from Testing.Lint.test_floors import floor_of

SHOWN_ATTRIBUTES = {"text", "toolTip", "placeholderText", "title", "windowTitle", "statusTip"}
SHOWN_CALLS = {
    "setText", "setToolTip", "setPlaceholderText", "setTitle", "setWindowTitle", "showStatusMessage", "delayDisplay",
    "errorDisplay", "warningDisplay", "infoDisplay", "messageBox", "confirmOkCancelDisplay", "confirmYesNoDisplay",
}  # fmt: skip


def translation_findings(path: str, tree: ast.Module) -> list[str]:
    """Texts of one panel file that a translator never sees, or cannot translate."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            if not (node.args and isinstance(node.args[0], ast.Constant)):
                found.append(f'{path}:{node.lineno}: give _() the plain text: _("... {{name}}").format(name=...)')
        elif floor_of(path) == "panel" and _shows_plain_text(node):
            found.append(f"{path}:{node.lineno}: the user reads this text: put it in _()")
    return found


def _shows_plain_text(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):
        shown = any(isinstance(target, ast.Attribute) and target.attr in SHOWN_ATTRIBUTES for target in node.targets)
        return shown and _has_words(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHOWN_CALLS:
        return bool(node.args) and _has_words(node.args[0])
    return False


def _has_words(value: ast.expr) -> bool:
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(re.search(r"[A-Za-z]{3}", text) for text in texts)


def test_texts_can_be_translated():
    found = [finding for path in product_sources() for finding in translation_findings(path, tree_of(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        '_(f"{n} volumes")',
        '_("volumes: " + name)',
        '_("%d volumes" % n)',
        "_(message)",
        'self.ui.applyButton.toolTip = "Choose a volume"',
        'slicer.util.errorDisplay(f"Cannot read {path}")',
        'label.setText("Ready")',
    ],
)
def test_a_text_that_cannot_be_translated_is_found(code):
    assert translation_findings("Orbit/Orbit.py", ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        '_("{count} volumes").format(count=n)',
        '_("One sentence. "\n"Another.")',
        'self.ui.applyButton.toolTip = _("Choose a volume")',
        'label.setText(f"{value:.1f} mm")',
        "label.text = reason",
    ],
)
def test_a_text_that_can_be_translated_is_allowed(code):
    assert not translation_findings("Orbit/Orbit.py", ast.parse(code))
