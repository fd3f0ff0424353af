"""The base class of the classifier modules' logic: worker process, the user's choices, available models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

from NeuroOrbitLib import models
from NeuroOrbitLib.jobs import JobRunner

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.model_kind import ModelKind


class ModuleSteps:
    """Base class of the steps of a module; the methods of a subclass start the steps.

    :param runner: runner of the worker process.
    :param module: name of the module, for records.
    """

    def __init__(self, runner: JobRunner, module: str) -> None:
        self.runner, self._module = runner, module


class ClassifierLogic(ScriptedLoadableModuleLogic):
    """Base class of a module's logic, whose methods start the steps for the panel, scripts and tests.

    Each step returns its results or, with ``waitForCompletion=False``, the run that will have them. It raises a Problem
    if something cannot be used, and leaves the scene as it was.

    :param runner: runner of the worker process; a new one by default.
    """

    #: Functions that make the steps, given the runner and the module's name, and that wrap the parameter node.
    makeSteps: Callable[[JobRunner, str], object]
    choices: Callable[[slicer.vtkMRMLScriptedModuleNode], object]
    #: Kind of the module's model packages, and folders in which the worker finds the module's code.
    modelKind: ModelKind
    workerPaths: tuple[Path, ...] = ()

    def __init__(self, runner: JobRunner | None = None) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        runner = runner or JobRunner(extra_paths=self.workerPaths, temporary_folder=slicer.app.temporaryPath)
        self._steps = type(self).makeSteps(runner, self.moduleName)

    def getParameterNode(self) -> object:
        """Return the wrapped parameter node, which holds the user's choices in this scene."""
        return type(self).choices(super().getParameterNode())

    def modelInventory(self, folder: str = "") -> models.Inventory:
        """Return the model packages of the module, including those in the user's ``folder`` ("" for none)."""
        return self.modelKind.inventory(folder)

    def close(self) -> None:
        """End the worker process."""
        self._steps.runner.close()
