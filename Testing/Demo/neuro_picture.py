"""Draws docs/pictures/neuro_differential.png: ``python -m Testing.Demo.neuro_picture`` (``make neuro-picture``).

A sample patient through the module's panel as a reader goes: find lesions, apply, explain; the largest lesion is
chosen. With ``--report PATH`` the report is written too.
"""

from __future__ import annotations

from typing import Any

from Testing.Demo.panel_picture import PanelPicture


def choose_largest_lesion(panel: Any) -> None:
    """Click on the first row of the lesions."""
    panel.answerView.table_view.setCurrentCell(0, 0)


PICTURE = PanelPicture("NeuroDifferential", "NeuroDifferentialLib.differential.inventory", "neuro_differential.png",
                       "MS", 1500, ("findButton", "applyButton", "explainButton"), finish=choose_largest_lesion)

if __name__ == "__main__":
    PICTURE.main(__doc__)
