"""Folders of the results of runs in the subject hierarchy."""

from __future__ import annotations

from collections.abc import Iterable

import slicer


def create_run_folder(volume: slicer.vtkMRMLVolumeNode, name: str) -> int:
    """Create a folder beside ``volume``: in its study if it is from DICOM, else in the folder that holds it.

    :param volume: the volume.
    :param name: name of the folder, which is made unique among its siblings.
    :return: subject-hierarchy item of the folder.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    volume_item = hierarchy.GetItemByDataNode(volume)
    parent = hierarchy.GetItemParent(volume_item) if volume_item else hierarchy.GetSceneItemID()
    return hierarchy.CreateFolderItem(parent, hierarchy.GenerateUniqueItemName(name))


def put_in_folder(folder: int, nodes: Iterable[slicer.vtkMRMLNode]) -> None:
    """Move the nodes' items under the subject-hierarchy item ``folder``."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    for node in nodes:
        item = hierarchy.GetItemByDataNode(node) or hierarchy.CreateItem(folder, node)
        hierarchy.SetItemParent(item, folder)


def folder_of(node: slicer.vtkMRMLNode) -> int:
    """Return the subject-hierarchy item that holds ``node``; 0 if the node has no item there."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(node)
    return hierarchy.GetItemParent(item) if item else 0
