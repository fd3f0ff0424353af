"""A slice view that is turned to the plane of a measurement, and back again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer

from NeuroOrbitLib.mrml.views import PLANES, jump_to


class ObliqueView:
    """Turns one slice view at a time to the plane of a measurement; the others move to the same place."""

    def __init__(self) -> None:
        self._turned: tuple[str, np.ndarray, np.ndarray] | None = None

    def show(self, center: Sequence[float], normal: Sequence[float] | None) -> slicer.vtkMRMLSliceNode | None:
        """Show a place in all slice views, and turn the view whose orientation is closest to a plane into that plane.

        :param center: the place in RAS mm.
        :param normal: normal of the plane (RAS), shape (3,); ``None`` turns no view.
        :return: the view that was turned; ``None`` if none was.
        """
        self.restore()
        node = None if normal is None else self._turn(np.asarray(normal, dtype=float))
        jump_to(center)
        return node

    def restore(self) -> None:
        """Turn the view back to its previous orientation, unless something else has turned it since."""
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
    """Return the axes of a view turned so that it looks along ``normal``.

    The view stays as upright as possible and keeps its handedness: the patient's right remains on the same side.

    :param axes: 3x3 matrix with the columns right, up and normal (RAS).
    :param normal: new normal (RAS), shape (3,), of any length and sign.
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
