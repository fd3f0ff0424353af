"""Parameters of an effect, stored as attributes of the segment editor node ("<effect>.<parameter>")."""
from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore


class EffectParameters:
    """Mixin of effects. A parameter that the effect does not have is looked up among the common ones."""

    def parameterSetNode(self) -> Any:
        """Return the vtkMRMLSegmentEditorNode, or None."""
        return self.__dict__.get("_parameter_set_node")

    def setParameterSetNode(self, node: Any) -> None:
        """Set the vtkMRMLSegmentEditorNode."""
        self._parameter_set_node = node

    def scene(self) -> Any:
        """Return the scene of the parameter set node."""
        return self.parameterSetNode().GetScene() if self.parameterSetNode() is not None else None

    def parameter(self, name: str) -> str:
        """Return a parameter; an unknown one is an error and gives an empty text."""
        node = self.parameterSetNode()
        if node is None:
            return ""
        value = node.GetAttribute(f"{self._name}.{name}")
        if value is None:
            value = node.GetAttribute(name)
        if value is None:
            QtCore.qCritical(f"Parameter named {name} cannot be found for effect {self._name}")
            return ""
        return value

    def integerParameter(self, name: str) -> int:
        """Return a parameter as a whole number, 0 when it is none."""
        return self._converted_parameter(name, int)

    def doubleParameter(self, name: str) -> float:
        """Return a parameter as a number, 0 when it is none."""
        return self._converted_parameter(name, float)

    def _converted_parameter(self, name: str, number: type) -> Any:
        if self.parameterSetNode() is None:
            return number()
        try:
            return number(self.parameter(name))
        except ValueError:
            QtCore.qCritical(f"Parameter named {name} cannot be converted to {number.__name__}")
            return number()

    def setParameter(self, name: str, value: str | int | float) -> None:
        """Set a parameter of this effect."""
        self.setCommonParameter(f"{self._name}.{name}", value)

    def setParameterDefault(self, name: str, value: str | int | float) -> None:
        """Set a parameter of this effect unless it is set."""
        if not self.parameterDefined(name):
            self.setParameter(name, value)

    def setCommonParameter(self, name: str, value: str | int | float) -> None:
        """Set a parameter that all effects share."""
        node = self.parameterSetNode()
        if node is None:
            QtCore.qCritical(f"Invalid segment editor parameter set node set to effect {self._name}")
            return
        text, previous = parameter_text(value), node.GetAttribute(name)
        if text == (previous or ""):
            return
        # Widgets follow EffectParameterModified: a full Modified event would rebuild the whole editor.
        disabled = node.GetDisableModifiedEvent()
        node.SetDisableModifiedEvent(1)
        node.SetAttribute(name, text)
        node.SetDisableModifiedEvent(disabled)
        node.InvokeCustomModifiedEvent(slicer.vtkMRMLSegmentEditorNode.EffectParameterModified)

    def setCommonParameterDefault(self, name: str, value: str | int | float) -> None:
        """Set a parameter that all effects share unless it is set."""
        if not self.commonParameterDefined(name):
            self.setCommonParameter(name, value)

    def parameterDefined(self, name: str) -> bool:
        """Return whether a parameter of this effect is set and not empty."""
        return self.commonParameterDefined(f"{self._name}.{name}")

    def commonParameterDefined(self, name: str) -> bool:
        """Return whether a shared parameter is set and not empty."""
        return self.parameterSetNode() is not None and bool(self.parameterSetNode().GetAttribute(name))

    def nodeReference(self, name: str) -> Any:
        """Return a node that the effect refers to, or None."""
        node = self.parameterSetNode()
        if node is None:
            return None
        return node.GetNodeReference(f"{self._name}.{name}") or node.GetNodeReference(name)

    def setNodeReference(self, name: str, referenced: Any) -> None:
        """Let the effect refer to a node."""
        self.setCommonNodeReference(f"{self._name}.{name}", referenced)

    def setCommonNodeReference(self, name: str, referenced: Any) -> None:
        """Let all effects refer to a node."""
        node = self.parameterSetNode()
        if node is None:
            QtCore.qCritical(f"Invalid segment editor parameter set node set to effect {self._name}")
        elif node.GetNodeReference(name) is not referenced:
            node.SetNodeReferenceID(name, referenced.GetID() if referenced is not None else None)
            node.InvokeCustomModifiedEvent(slicer.vtkMRMLSegmentEditorNode.EffectParameterModified)


def parameter_text(value: str | int | float) -> str:
    """Return a parameter value as Slicer stores it: numbers as QString::number writes them (6 digits)."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int)):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.6g}"
    raise ValueError(f"a parameter is a text or a number, not {value!r}")
