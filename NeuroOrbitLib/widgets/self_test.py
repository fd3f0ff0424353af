"""The base class of the classifier modules' self-tests, which run in Slicer and in the tests of the extension."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest

from NeuroOrbitLib.mrml.phantoms import add_phantom
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.dependencies import missing_for_models

if TYPE_CHECKING:
    from NeuroOrbitLib.models import Inventory


def why_untested(inventory: Inventory, model: str) -> str:
    """Return why a self-test cannot run a model, as where the extension was built but never used; "" if it can.

    :param inventory: the model packages of the module.
    :param model: name of the package.
    """
    if model not in [package.name for package in inventory.packages]:
        return _("The default model is not installed: what needs it was not tested.")
    missing = missing_for_models()
    return _("Not installed: {names}. What needs them was not tested.").format(names=missing) if missing else ""


class ClassifierTest(ScriptedLoadableModuleTest):
    """Tests a module's logic on an empty volume and, if its model is installed, on its sample patients.

    A module's test sets the attributes and checks the answers in :meth:`checkSamples`.
    """

    #: Function that makes the module's logic, and function that starts its first step with a volume.
    make_logic: Callable[[], object]
    first_step: Callable[[object, slicer.vtkMRMLScalarVolumeNode], object]
    #: Model that answers about the samples, function that makes samples, and kinds of the samples.
    default_model: str
    sample_function: str
    samples: Sequence[str] = ()
    #: Folders in which the worker finds the module's packages.
    worker_paths: tuple[Path, ...] = ()

    def setUp(self) -> None:
        """Start from an empty scene."""
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        """Run all tests."""
        for test in (self.test_emptyVolumeIsRefused, self.test_samplePatients):
            self.setUp()
            test()

    def test_emptyVolumeIsRefused(self) -> None:
        """Check that a volume without voxels gives a message and adds no nodes."""
        volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty")
        logic = type(self).make_logic()
        self.assertRaisesRegex(Problem, "has no voxels", type(self).first_step, logic, volume)
        for kind in ("vtkMRMLSegmentationNode", "vtkMRMLMarkupsROINode"):
            self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass(kind), 0)

    def test_samplePatients(self) -> None:
        """Check that the sample patients get the answers that they were made for."""
        logic = type(self).make_logic()
        if reason := why_untested(logic.modelInventory(), self.default_model):
            return self.delayDisplay(reason)
        self.checkSamples(logic, [add_phantom(kind, kind, function=self.sample_function, paths=self.worker_paths)
                                  for kind in self.samples])
        logic.close()

    def checkSamples(self, logic: object, scans: list[slicer.vtkMRMLScalarVolumeNode]) -> None:
        """Check the answers of the logic about the samples, which are given in the order of :attr:`samples`."""
        raise NotImplementedError
