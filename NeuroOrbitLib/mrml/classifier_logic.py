"""What the logic of the classifier modules shares: a worker process, the user's choices, the models there are."""

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
    """Starts the runs of a module; its methods are the steps.

    :param runner: starts the worker process.
    :param module: name of the module, for records.
    """

    def __init__(self, runner: JobRunner, module: str) -> None:
        self.runner, self._module = runner, module


class ClassifierLogic(ScriptedLoadableModuleLogic):
    """Starts the steps of a module; for the panel, scripts and tests.

    Each step returns its results, or, with ``waitForCompletion=False``, the run that will bring them. It raises a
    Problem when something cannot be used, and leaves the scene as it was.

    :param runner: starts the worker process; one of its own by default.
    """

    #: Makes the steps of a runner and the module's name, and wraps the parameter node.
    makeSteps: Callable[[JobRunner, str], object]
    choices: Callable[[slicer.vtkMRMLScriptedModuleNode], object]
    #: Which model packages are the module's, and where the worker finds its code.
    modelKind: ModelKind
    workerPaths: tuple[Path, ...] = ()

    def __init__(self, runner: JobRunner | None = None) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        runner = runner or JobRunner(extra_paths=self.workerPaths, temporary_folder=slicer.app.temporaryPath)
        self._steps = type(self).makeSteps(runner, self.moduleName)

    def getParameterNode(self) -> object:
        """The user's choices in this scene."""
        return type(self).choices(super().getParameterNode())

    def modelInventory(self, folder: str = "") -> models.Inventory:
        """The model packages of the module, those in the user's ``folder`` included."""
        return self.modelKind.inventory(folder)

    def close(self) -> None:
        """End the worker process."""
        self._steps.runner.close()
