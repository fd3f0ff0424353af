"""The computations of a scripted module, and its parameter nodes."""
from __future__ import annotations

from typing import Any

import slicer

NODE_CLASS = "vtkMRMLScriptedModuleNode"


class ScriptedLoadableModuleLogic:
    """Base of the class <module name>Logic.

    With ``isSingletonParameterNode`` (the default) a scene has one parameter node of the module; set it to False in
    the constructor to allow several.
    """

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Logic")
        self.isSingletonParameterNode = True

    def getParameterNode(self) -> Any:
        """Return the module's (first) parameter node in the scene; it is made if there is none."""
        found = self._singletonParameterNode() if self.isSingletonParameterNode else self.getAllParameterNodes()
        if found:
            return found[0]
        return slicer.mrmlScene.AddNode(self.createParameterNode())

    def _singletonParameterNode(self) -> list[Any]:
        node = slicer.mrmlScene.GetSingletonNode(self.moduleName, NODE_CLASS)
        if node is None:
            return []
        # Closing the scene resets the attributes of singleton nodes.
        if node.GetAttribute("ModuleName") != self.moduleName:
            node.SetAttribute("ModuleName", self.moduleName)
        return [node]

    def getAllParameterNodes(self) -> list[Any]:
        """Return all parameter nodes of the module, in the order of the scene."""
        scene = slicer.mrmlScene
        count = scene.GetNumberOfNodesByClass(NODE_CLASS)
        nodes = (scene.GetNthNodeByClass(index, NODE_CLASS) for index in range(count))
        return [node for node in nodes if node.GetAttribute("ModuleName") == self.moduleName]

    def createParameterNode(self) -> Any:
        """Return a new parameter node that is not in the scene yet; override this to set defaults of the parameters."""
        if slicer.mrmlScene is None:
            return None
        node = slicer.mrmlScene.CreateNodeByClass(NODE_CLASS)
        node.UnRegister(None)  # the Python variable owns it
        if self.isSingletonParameterNode:
            node.SetSingletonTag(self.moduleName)
        node.SetAttribute("ModuleName", self.moduleName)  # node selectors filter by it
        node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
        return node
