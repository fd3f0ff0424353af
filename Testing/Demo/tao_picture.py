"""Draws docs/pictures/tao_activity.png: ``python -m Testing.Demo.tao_picture`` (``make tao-picture``).

The active sample patient through the module's panel as a reader goes: prepare, confirm, apply, explain. With
``--report PATH`` the report is written too.
"""

from __future__ import annotations

from Testing.Demo.panel_picture import PanelPicture

PICTURE = PanelPicture("TAOActivity", "TAOActivityLib.inventory", "tao_activity.png", "active", 1640,
                       ("prepareButton", "applyButton", "explainButton"))

if __name__ == "__main__":
    PICTURE.main(__doc__)
