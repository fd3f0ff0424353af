"""The module's self-test, which runs in the application and in the tests of the extension."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest

from IVGCResponseLib.inventory import DEFAULT_MODEL, SAMPLE_FUNCTION, SAMPLES
from IVGCResponseLib.mrml.patient_data import PatientData
from NeuroOrbitLib.mrml.phantoms import add_phantom
from NeuroOrbitLib.problem import Problem


class ResponseTest(ScriptedLoadableModuleTest):
    """Checks the logic on an empty volume and on the sample patients."""

    #: Makes the module's logic, and tells where the worker finds the packages; the module sets both.
    make_logic: Callable[[], object]
    worker_paths: tuple[Path, ...] = ()

    def setUp(self) -> None:
        """Start from an empty scene."""
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        """Run all tests."""
        for test in (self.test_emptyVolumeIsRefused, self.test_samplePatientsAreToldApart):
            self.setUp()
            test()

    def test_emptyVolumeIsRefused(self) -> None:
        """A volume without voxels gives a message, and no nodes."""
        volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty")
        self.assertRaisesRegex(Problem, "has no voxels", type(self).make_logic().prepare, volume)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode"), 0)

    def test_samplePatientsAreToldApart(self) -> None:
        """The responder gets a higher probability than the non-responder, and the reasons name a muscle."""
        logic = type(self).make_logic()
        if DEFAULT_MODEL not in [package.name for package in logic.modelInventory().packages]:
            return self.delayDisplay(_("The default model is not installed: what needs it was not tested."))
        scans = [add_phantom(kind, kind, function=SAMPLE_FUNCTION, paths=self.worker_paths) for kind in SAMPLES]
        yes, no = (logic.process(scan, logic.prepare(scan), PatientData()) for scan in scans)
        self.assertGreater(yes.record["probability_of_response"], no.record["probability_of_response"])
        self.assertIn("leading_muscle", logic.explain(yes).explanation)
        logic.close()
