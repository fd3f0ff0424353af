"""Nodes that belong to a single other node, e.g. the table of measures to the segmentation that was measured.

A copy of a node, as the module Data makes it, refers to the same nodes as the original. Without a reference from the
table to its owner, measuring the copy would replace the measures of the original.
"""

from __future__ import annotations

import slicer

from NeuroOrbitLib.mrml.provenance import PREFIX

OWNER_REFERENCE = f"{PREFIX}.owner"


def give(owner: slicer.vtkMRMLNode, role: str, node: slicer.vtkMRMLNode) -> None:
    """Make ``node`` belong to ``owner`` under the reference ``role``, instead of the node that did before."""
    owner.SetNodeReferenceID(role, node.GetID())
    node.SetNodeReferenceID(OWNER_REFERENCE, owner.GetID())


def own(owner: slicer.vtkMRMLNode | None, role: str) -> slicer.vtkMRMLNode | None:
    """Return the node that belongs to ``owner``; ``None`` if there is none, or if it belongs to the original of a copy.

    Nodes that were saved before owners existed belong to the nodes that refer to them.
    """
    node = owner.GetNodeReference(role) if owner is not None else None
    of = node.GetNodeReference(OWNER_REFERENCE) if node is not None else None
    return node if of is None or of is owner else None
