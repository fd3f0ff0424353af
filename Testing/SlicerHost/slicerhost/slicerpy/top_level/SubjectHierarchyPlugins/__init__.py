"""Subject hierarchy plugins that are written in Python.

As in Slicer the folder is on sys.path, so that plugins can `from AbstractScriptedSubjectHierarchyPlugin import *`.
"""
import os
import sys

if os.path.dirname(__file__) not in sys.path:
    sys.path.append(os.path.dirname(__file__))

from AbstractScriptedSubjectHierarchyPlugin import AbstractScriptedSubjectHierarchyPlugin

__all__ = ["AbstractScriptedSubjectHierarchyPlugin"]
