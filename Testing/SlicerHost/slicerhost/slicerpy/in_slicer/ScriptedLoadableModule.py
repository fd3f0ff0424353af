"""Base classes of scripted modules, where modules expect them."""

from slicer._scriptedmodule.logic import ScriptedLoadableModuleLogic
from slicer._scriptedmodule.module import ScriptedLoadableModule
from slicer._scriptedmodule.test import ScriptedLoadableModuleTest
from slicer._scriptedmodule.widget import ScriptedLoadableModuleWidget

__all__ = ["ScriptedLoadableModule", "ScriptedLoadableModuleLogic", "ScriptedLoadableModuleTest",
           "ScriptedLoadableModuleWidget"]
