"""GUI connectors for the subject hierarchy's widgets."""

from .guiConnectors import (
    qMRMLSubjectHierarchyComboBoxToNodeConnector,
    qMRMLSubjectHierarchyTreeViewToNodeConnector,
)

__all__ = ["qMRMLSubjectHierarchyComboBoxToNodeConnector", "qMRMLSubjectHierarchyTreeViewToNodeConnector"]
