"""Table nodes in a panel."""

from __future__ import annotations

import slicer


def make_table_view(name: str, tool_tip: str, minimum_height: int = 200) -> slicer.qMRMLTableView:
    """A view of one table node, without row numbers, its last column as wide as there is room."""
    view = slicer.qMRMLTableView()
    view.objectName = name
    view.setMRMLScene(slicer.mrmlScene)
    view.minimumHeight = minimum_height
    view.verticalHeader().visible = False
    view.horizontalHeader().stretchLastSection = True
    view.toolTip = tool_tip
    return view
