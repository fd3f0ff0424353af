"""Subject hierarchy plugins that are written in Python."""

from .AbstractScriptedSubjectHierarchyPlugin import AbstractScriptedSubjectHierarchyPlugin

__all__ = ["AbstractScriptedSubjectHierarchyPlugin"]
