"""Changes of the scene that are made completely or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import slicer
import vtk


@contextmanager
def scene_transaction(scene: slicer.vtkMRMLScene | None = None) -> Iterator[None]:
    """Remove the nodes and subject-hierarchy folders that the ``with`` block has added if the block raises.

    The exception is passed on to the caller. Nodes that existed before are not changed.
    """
    scene = scene or slicer.mrmlScene
    nodes, items = set(_node_ids(scene)), _hierarchy_items(scene)
    completed = False
    try:
        yield
        completed = True
    finally:
        if not completed:
            _remove_nodes(scene, [node_id for node_id in _node_ids(scene) if node_id not in nodes])
            _remove_items(scene, _hierarchy_items(scene) - items)


def _node_ids(scene: slicer.vtkMRMLScene) -> list[str]:
    """Return the IDs of all nodes in the order in which they were added."""
    return [scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes())]


def _hierarchy_items(scene: slicer.vtkMRMLScene) -> set[int]:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    if hierarchy is None:
        return set()
    items = vtk.vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetSceneItemID(), items, True)
    return {items.GetId(index) for index in range(items.GetNumberOfIds())}


def _remove_nodes(scene: slicer.vtkMRMLScene, ids: list[str]) -> None:
    """Remove nodes, the newest first: the nodes that a node refers to are older and must be removed after it."""
    for node_id in reversed(ids):
        # Removing a node also removes its display and storage nodes, which may therefore be gone already.
        node = scene.GetNodeByID(node_id)
        if node is not None:
            scene.RemoveNode(node)


def _remove_items(scene: slicer.vtkMRMLScene, items: set[int]) -> None:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    for item in items:
        hierarchy.RemoveItem(item, False, False)
