"""The subject hierarchy items that Slicer's Qt plugins create (qSlicerSubjectHierarchyPluginLogic.cxx).

Nodes get an item when they are added, except while a scene is imported, restored or changed in a batch: then the
loaded hierarchy must be merged first, and missing items are added at the end. Segments get items below their
segmentation (qSlicerSubjectHierarchySegmentationsPlugin.cxx).
"""
from __future__ import annotations

from typing import Any

import slicer
import vtk

_OWNED_CLASSES = (
    "vtkMRMLVolumeNode", "vtkMRMLSegmentationNode", "vtkMRMLModelNode", "vtkMRMLMarkupsNode", "vtkMRMLTransformNode",
    "vtkMRMLTableNode", "vtkMRMLTextNode", "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode", "vtkMRMLSequenceNode",
    "vtkMRMLSequenceBrowserNode", "vtkMRMLFolderDisplayNode", "vtkMRMLColorTableNode", "vtkMRMLCameraNode",
)
_NEVER_SHOWN = ("vtkMRMLCameraNode", "vtkMRMLColorTableNode")


class SubjectHierarchyObserver:
    """Keeps the subject hierarchy of a scene complete."""

    def __init__(self, scene: Any) -> None:
        self._scene = scene
        self._segmentation_observers: dict[str, list[tuple[Any, int]]] = {}
        scene.AddObserver(scene.NodeAddedEvent, self._node_added)
        scene.AddObserver(scene.NodeAboutToBeRemovedEvent, self._node_about_to_be_removed)
        scene.AddObserver(scene.NodeRemovedEvent, self._node_removed)
        scene.AddObserver(scene.EndCloseEvent, lambda *_event: self._resolve())
        for event in (scene.EndImportEvent, scene.EndRestoreEvent, scene.EndBatchProcessEvent):
            scene.AddObserver(event, self._add_missing_items)

    def _hierarchy(self) -> Any:
        return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)

    def _is_owned(self, node: Any) -> bool:
        return (node is not None and not node.GetHideFromEditors() and any(map(node.IsA, _OWNED_CLASSES))
                and not any(map(node.IsA, _NEVER_SHOWN)))

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _node_added(self, _scene: Any, _event: str, node: Any) -> None:
        scene = self._scene
        if not (scene.IsImporting() or scene.IsRestoring() or scene.IsBatchProcessing()):
            self._add_item(node)

    def _add_item(self, node: Any) -> None:
        if not self._is_owned(node):
            return
        hierarchy = self._hierarchy()
        if not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
        if node.IsA("vtkMRMLSegmentationNode"):
            self._follow_segmentation(node)

    def _add_missing_items(self, *_event: Any) -> None:
        if self._scene.IsBatchProcessing() or self._scene.IsClosing():
            return
        for index in range(self._scene.GetNumberOfNodes()):
            self._add_item(self._scene.GetNthNode(index))

    def _resolve(self) -> None:
        """Make sure that the scene has one hierarchy node; closing removes it."""
        slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(self._scene)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _node_about_to_be_removed(self, _scene: Any, _event: str, node: Any) -> None:
        if node is None:
            return
        for subject, tag in self._segmentation_observers.pop(node.GetID() or "", []):
            subject.RemoveObserver(tag)
        if self._scene.IsClosing() or node.IsA("vtkMRMLSubjectHierarchyNode"):
            return
        hierarchy = self._hierarchy()
        item = hierarchy.GetItemByDataNode(node) if hierarchy is not None else 0
        if item:
            hierarchy.RemoveItem(item, False, True)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _node_removed(self, scene: Any, _event: str, node: Any) -> None:
        if node is not None and node.IsA("vtkMRMLSubjectHierarchyNode") and not scene.IsClosing():
            self._resolve()
            self._add_missing_items()

    def _follow_segmentation(self, node: Any) -> None:
        self._update_segment_items(node)
        if node.GetID() in self._segmentation_observers:
            return
        # The segmentation node passes on the events of whatever segmentation it holds.
        events = (slicer.vtkSegmentation.SegmentAdded, slicer.vtkSegmentation.SegmentRemoved,
                  slicer.vtkSegmentation.SegmentModified, slicer.vtkMRMLSegmentationNode.SegmentationChangedEvent)

        def update(*_event: Any) -> None:
            self._update_segment_items(node)

        self._segmentation_observers[node.GetID()] = [(node, node.AddObserver(event, update)) for event in events]

    def _update_segment_items(self, node: Any) -> None:
        """Give each segment an item of its name and ID, and remove items of segments that are gone."""
        hierarchy = self._hierarchy()
        parent = hierarchy.GetItemByDataNode(node) if hierarchy is not None else 0
        segmentation = node.GetSegmentation()
        if not parent or segmentation is None:
            return
        branch = slicer.vtkMRMLSubjectHierarchyConstants.GetSubjectHierarchyVirtualBranchAttributeName()
        hierarchy.SetItemAttribute(parent, branch, "1")  # its items are made anew when a scene is loaded
        id_attribute = slicer.vtkMRMLSegmentationNode.GetSegmentIDAttributeName()
        children = vtk.vtkIdList()
        hierarchy.GetItemChildren(parent, children)
        existing = {hierarchy.GetItemAttribute(item, id_attribute): item
                    for item in (children.GetId(index) for index in range(children.GetNumberOfIds()))}
        wanted = list(segmentation.GetSegmentIDs())
        for segment_id in set(existing) - set(wanted) - {""}:
            hierarchy.RemoveItem(existing[segment_id], False, True)
        for segment_id in wanted:
            name = segmentation.GetSegment(segment_id).GetName() or ""
            if segment_id not in existing:
                item = hierarchy.CreateHierarchyItem(parent, name, branch)
                hierarchy.SetItemAttribute(item, id_attribute, segment_id)
            elif hierarchy.GetItemName(existing[segment_id]) != name:
                hierarchy.SetItemName(existing[segment_id], name)
