"""Bring-up of Slicer's core without Qt: application logic, scene, module logics, remote data handling."""
from __future__ import annotations

import tempfile
from pathlib import Path

import slicer
import vtk

from slicerhost import logics, share_resources
from slicerhost.subject_hierarchy import SubjectHierarchyObserver

_SHARE_BELOW_HOME = "share/Slicer-5.13"  # the application logic joins it to the home directory


class Core:
    """The application logic, the scene and the logics of the C++ modules; one per process.

    Attributes: home, share, temporary_path, cache_path (Path); application_logic; scene; logics (by module name).
    """

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="slicerhost-"))
        self.share = self.home / _SHARE_BELOW_HOME
        self.temporary_path, self.cache_path = self.home / "tmp", self.home / "cache"
        for folder in (self.share, self.temporary_path, self.cache_path):
            folder.mkdir(parents=True, exist_ok=True)
        share_resources.write(self.share)
        self.scene = slicer.vtkMRMLScene()
        self.application_logic = self._create_application_logic()
        self._create_remote_data_handling()
        self._initialise_scene()
        self.logics = logics.create(self.application_logic, self.scene, self.share)
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(self.scene, True)
        self._subject_hierarchy = SubjectHierarchyObserver(self.scene)

    def _create_application_logic(self) -> slicer.vtkSlicerApplicationLogic:
        logic = slicer.vtkSlicerApplicationLogic()
        logic.SetHomeDirectory(str(self.home))
        logic.SetShareDirectory(_SHARE_BELOW_HOME)
        logic.SetTemporaryPath(str(self.temporary_path))
        logic.SetSliceLogics(vtk.vtkCollection())
        logic.SetViewLogics(vtk.vtkCollection())
        for factory in (slicer.vtkMRMLThreeDViewDisplayableManagerFactory,
                        slicer.vtkMRMLSliceViewDisplayableManagerFactory):
            factory.GetInstance().SetMRMLApplicationLogic(logic)
        return logic

    def _create_remote_data_handling(self) -> None:
        """Storage nodes and scene bundles (.mrb) need the data I/O manager."""
        self.remote_io = slicer.vtkMRMLRemoteIOLogic()
        self.remote_io.GetCacheManager().SetRemoteCacheDirectory(str(self.cache_path))
        self.data_io = slicer.vtkDataIOManagerLogic()
        self.data_io.SetMRMLApplicationLogic(self.application_logic)
        self.data_io.SetAndObserveDataIOManager(self.remote_io.GetDataIOManager())

    def _initialise_scene(self) -> None:
        self.scene.SetRootDirectory(str(self.home))
        self.scene.RegisterNodeClass(slicer.vtkMRMLCommandLineModuleNode())
        crosshair = slicer.vtkMRMLCrosshairNode()
        crosshair.SetCrosshairName("default")
        self.scene.AddNode(crosshair)
        self.application_logic.SetMRMLScene(self.scene)
        self.give_data_io(self.scene)

    def give_data_io(self, scene: slicer.vtkMRMLScene) -> None:
        """Let a scene's storage nodes read and write files."""
        self.application_logic.SetMRMLSceneDataIO(scene, self.remote_io, self.data_io)
