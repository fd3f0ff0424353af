"""The base classes of scripted Segment Editor effects, under the names that effects import.

Slicer's own effects (Threshold, Draw, ...) live in a package of this name as well; they are not part of the host, and
`editorEffectNames` lists none. Effects begin with `from SegmentEditorEffects import *` and use the modules that come
along with it in Slicer, therefore the package has no `__all__`.
"""
# ruff: noqa: F401
import importlib
import logging
import os
import traceback

import ctk
import qt
import slicer
import vtk

from .AbstractScriptedSegmentEditorAutoCompleteEffect import (
    AbstractScriptedSegmentEditorAutoCompleteEffect,
    ResultPreviewNodeReferenceRole,
)
from .AbstractScriptedSegmentEditorEffect import AbstractScriptedSegmentEditorEffect
from .AbstractScriptedSegmentEditorLabelEffect import AbstractScriptedSegmentEditorLabelEffect
from .AbstractScriptedSegmentEditorPaintEffect import AbstractScriptedSegmentEditorPaintEffect

editorEffectNames: list[str] = []


def registerEffects() -> None:
    """Register the effects of this package: none, Paint and Erase are registered by the host itself."""
