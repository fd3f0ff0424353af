"""A slice view turned to the plane in which something was measured, and turned back again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer

from NeuroOrbitLib.mrml.views import PLANES, jump_to


class ObliqueView:
    """Turns one slice view at a time; the others move to the same place."""

    def __init__(self) -> None:
        self._turned: tuple[str, np.ndarray, np.ndarray] | None = None

    def show(self, center: Sequence[float], normal: Sequence[float] | None) -> slicer.vtkMRMLSliceNode | None:
        """Show a place (RAS mm) in all slice views, and turn the one that lies nearest to a plane into it.

        :param normal: of the plane (3,); ``None`` leaves all views as they are.
        :return: the view that was turned.
        """
        self.restore()
        node = None if normal is None else self._turn(np.asarray(normal, dtype=float))
        jump_to(center)
        return node

    def restore(self) -> None:
        """Turn the view back to where it looked before; a view that somebody else has turned since stays."""
        if self._turned is None:
            return
        (name, matrix, shown), self._turned = self._turned, None
        node = slicer.mrmlScene.GetNodeByID(name)
        if node is not None and np.allclose(_axes(node), shown, atol=1e-6):
            _set_axes(node, matrix)

    def _turn(self, normal: np.ndarray) -> slicer.vtkMRMLSliceNode | None:
        nodes = {node.GetLayoutName(): node for node in slicer.util.getNodesByClass("vtkMRMLSliceNode")}
        known = [(name, nodes[view]) for name, view in PLANES.items() if view in nodes]
        if not known:
            return None
        presets = {name: _preset(node, name) for name, node in known}
        name, node = max(known, key=lambda each: abs(normal @ presets[each[0]][:, 2]))
        before = _axes(node)
        _set_axes(node, turned(presets[name], normal))
        self._turned = node.GetID(), before, _axes(node)
        return node


def turned(axes: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Return the axes of a view (columns right, up, normal of a 3x3 matrix) turned so that it looks along ``normal``.

    The view stays as upright as can be, and as mirrored as it was: the patient's right remains on the same side.
    """
    normal = normal / np.linalg.norm(normal)
    normal = normal * (np.sign(normal @ axes[:, 2]) or 1.0)
    right = axes[:, 0] - (axes[:, 0] @ normal) * normal
    right /= np.linalg.norm(right)
    up = np.cross(normal, right)
    return np.stack([right, up * (np.sign(up @ axes[:, 1]) or 1.0), normal], axis=1)


def _preset(node: slicer.vtkMRMLSliceNode, name: str) -> np.ndarray:
    matrix = node.GetSliceOrientationPreset(name)
    return np.array([[matrix.GetElement(row, column) for column in range(3)] for row in range(3)])


def _axes(node: slicer.vtkMRMLSliceNode) -> np.ndarray:
    matrix = node.GetSliceToRAS()
    return np.array([[matrix.GetElement(row, column) for column in range(3)] for row in range(3)])


def _set_axes(node: slicer.vtkMRMLSliceNode, axes: np.ndarray) -> None:
    matrix = node.GetSliceToRAS()
    for row in range(3):
        for column in range(3):
            matrix.SetElement(row, column, float(axes[row, column]))
    node.UpdateMatrices()
