"""Consistency of the scan and the result that are chosen in a panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import slicer

from NeuroOrbitLib.mrml.provenance import MODULE_ATTRIBUTE
from NeuroOrbitLib.mrml.scans import is_result, latest_result, scan_of, suggest_scan


@dataclass(frozen=True)
class ResultKind:
    """The kind of node that represents a result of a module.

    :param parameter: name of the parameter that holds the chosen result.
    :param class_name: class of the nodes.
    :param module: name of the module.
    :param marked: attribute of such nodes whose value is the name of the module that made them.
    """

    parameter: str
    class_name: str
    module: str
    marked: str = MODULE_ATTRIBUTE


class ChosenResult:
    """Keeps the choices of a panel consistent when the user changes one.

    When another scan is chosen, its newest result is chosen with it, or none; when a result of another scan is chosen,
    that scan is chosen with it, or none if it has left the scene: the result must not pass for one of another scan.

    :param kind: kind of the result nodes.
    :param changed: function called with scan and result after the user has changed one of them.
    """

    def __init__(self, kind: ResultKind,
                 changed: Callable[[slicer.vtkMRMLScalarVolumeNode | None, slicer.vtkMRMLNode | None], None]) -> None:
        self._kind, self._changed = kind, changed
        self._known: tuple[slicer.vtkMRMLNode | None, slicer.vtkMRMLNode | None] = (None, None)
        self._former_scan: slicer.vtkMRMLNode | None = None
        self._settling = False

    def follow(self, node: object | None) -> None:
        """Take over the choices of a parameter node without changing what is shown."""
        self._known = self._choices(node)
        if node is None:
            self._former_scan = None  # which would stay in memory when its scene is closed

    def settle(self, node: object | None) -> None:
        """Make the choices consistent after a change, and call ``changed`` if there was one."""
        choices = self._choices(node)
        if node is None or choices == self._known or self._settling:
            return
        scan, result = choices
        before_scan, before_result = self._known
        if before_scan is not None and before_scan is not scan:
            self._former_scan = before_scan
        if result is not None and result is not before_result:
            scan = scan_of(result)
        elif scan is not before_scan and scan_of(result) is not scan:
            result = latest_result(scan, self._kind.class_name, self._kind.module, self._kind.marked)
        self._choose(node, scan, result)
        self._changed(scan, result)

    def forget_removed(self, node: object | None, removed: slicer.vtkMRMLNode) -> None:
        """Choose another scan, or none, if the selector has taken a result in place of the scan that was removed.

        A selector takes any remaining volume, even a heat map.
        """
        if removed is not self._former_scan:
            return
        self._former_scan = None
        if node is not None and node.inputVolume and is_result(node.inputVolume):
            node.inputVolume = suggest_scan()

    def _choose(self, node: object, scan: slicer.vtkMRMLScalarVolumeNode | None,
                result: slicer.vtkMRMLNode | None) -> None:
        self._known, self._settling = (scan, result), True
        try:
            if node.inputVolume is not scan:
                node.inputVolume = scan
            if getattr(node, self._kind.parameter) is not result:
                setattr(node, self._kind.parameter, result)
        finally:
            self._settling = False

    def _choices(self, node: object | None) -> tuple[slicer.vtkMRMLNode | None, slicer.vtkMRMLNode | None]:
        return (node.inputVolume, getattr(node, self._kind.parameter)) if node else (None, None)
