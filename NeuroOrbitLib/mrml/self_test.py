"""What the self-tests of the classifier modules share; they run in the application and in the tests of the extension.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest

from NeuroOrbitLib.mrml.phantoms import add_phantom
from NeuroOrbitLib.problem import Problem


class ClassifierTest(ScriptedLoadableModuleTest):
    """Checks a module's logic on an empty volume and, where its model is installed, on its sample patients.

    A module's test sets the attributes and says in :meth:`checkSamples` what is to be found.
    """

    #: Makes the module's logic, and starts its first step with a volume.
    make_logic: Callable[[], object]
    first_step: Callable[[object, slicer.vtkMRMLScalarVolumeNode], object]
    #: The model that the samples are asked about, the function that makes samples, and the kinds that are made.
    default_model: str
    sample_function: str
    samples: Sequence[str] = ()
    #: Where the worker finds the packages.
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
        """A volume without voxels gives a message, and no nodes."""
        volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty")
        logic = type(self).make_logic()
        self.assertRaisesRegex(Problem, "has no voxels", type(self).first_step, logic, volume)
        for kind in ("vtkMRMLSegmentationNode", "vtkMRMLMarkupsROINode"):
            self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass(kind), 0)

    def test_samplePatients(self) -> None:
        """The sample patients get the answers that they were made for."""
        logic = type(self).make_logic()
        if self.default_model not in [package.name for package in logic.modelInventory().packages]:
            return self.delayDisplay(_("The default model is not installed: what needs it was not tested."))
        self.checkSamples(logic, [add_phantom(kind, kind, function=self.sample_function, paths=self.worker_paths)
                                  for kind in self.samples])
        logic.close()

    def checkSamples(self, logic: object, scans: list[slicer.vtkMRMLScalarVolumeNode]) -> None:
        """Check what the logic says about the samples, in their order."""
        raise NotImplementedError
