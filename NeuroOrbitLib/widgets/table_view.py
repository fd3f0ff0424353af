"""Table nodes in a panel."""

from __future__ import annotations

import slicer


def make_table_view(name: str, tool_tip: str, minimum_height: int = 200,
                    row_height: int | None = None) -> slicer.qMRMLTableView:
    """A view of one table node, without row numbers, its last column as wide as there is room.

    :param row_height: pixels; the application's own choice by default.
    """
    view = slicer.qMRMLTableView()
    view.objectName = name
    view.setMRMLScene(slicer.mrmlScene)
    view.minimumHeight = minimum_height
    view.verticalHeader().visible = False
    view.horizontalHeader().stretchLastSection = True
    view.toolTip = tool_tip
    if row_height is not None:
        view.verticalHeader().setDefaultSectionSize(row_height)
    return view
