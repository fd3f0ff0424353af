"""Notifies a panel of changes of the scene while it is open: a saved scene is read, a scan is loaded or removed."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

_VOXELS = slicer.vtkMRMLScalarVolumeNode.ImageDataModifiedEvent


class SceneFollower(VTKObservationMixin):
    """Observer of the scene for a panel.

    :param parent: owner of the timer.
    :param import_starts: function called before a saved scene is read. Its nodes are added one by one, so that they may
        refer to nodes that are not there yet until the scene has been read.
    :param import_ends: function called when the scene has been read.
    :param scan_loaded: function called shortly after a volume was added or got its voxels.
    :param scan_removed: function called with a volume that was removed, unless the whole scene is closed.
    """

    def __init__(self, parent: qt.QWidget, import_starts: Callable[[], None], import_ends: Callable[[], None],
                 scan_loaded: Callable[[], None], scan_removed: Callable[[slicer.vtkMRMLNode], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._scan_loaded, self._scan_removed = scan_loaded, scan_removed
        # By the nodes' IDs, as the mixin's own list would keep every scan in memory after its removal.
        self._without_voxels: dict[str, int] = {}
        self._timer = qt.QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)  # fires after the code that loads the volume has finished
        self._timer.connect("timeout()", self._on_scan_loaded)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartImportEvent, lambda *_: import_starts())
        self.addObserver(scene, scene.EndImportEvent, lambda *_: import_ends())
        self.addObserver(scene, scene.NodeAddedEvent, self._on_node_added)
        self.addObserver(scene, scene.NodeRemovedEvent, self._on_node_removed)

    def close(self) -> None:
        """Stop observing the scene."""
        self._timer.stop()
        self.removeObservers()
        for name in tuple(self._without_voxels):
            self._expect_no_more(slicer.mrmlScene.GetNodeByID(name), name)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_node_added(self, caller: object, event: object, node: slicer.vtkMRMLNode) -> None:
        if not node.IsA("vtkMRMLScalarVolumeNode"):
            return
        if node.GetImageData() is None:
            self._without_voxels[node.GetID()] = node.AddObserver(_VOXELS, self._on_voxels)
        self._timer.start()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_node_removed(self, caller: object, event: object, node: slicer.vtkMRMLNode) -> None:
        self._expect_no_more(node, node.GetID())
        if node.IsA("vtkMRMLScalarVolumeNode") and not self._is_busy():
            self._scan_removed(node)

    def _on_voxels(self, node: slicer.vtkMRMLNode, event: object) -> None:
        self._expect_no_more(node, node.GetID())
        self._timer.start()

    def _expect_no_more(self, node: slicer.vtkMRMLNode | None, name: str) -> None:
        tag = self._without_voxels.pop(name, None)
        if node is not None and tag is not None:
            node.RemoveObserver(tag)

    def _on_scan_loaded(self) -> None:
        if not self._is_busy():
            self._scan_loaded()

    @staticmethod
    def _is_busy() -> bool:
        scene = slicer.mrmlScene
        return bool(scene.IsImporting() or scene.IsClosing() or scene.IsBatchProcessing())
