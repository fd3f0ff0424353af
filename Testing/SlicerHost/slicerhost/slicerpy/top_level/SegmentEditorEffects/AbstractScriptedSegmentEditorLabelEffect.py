"""Base class of scripted effects that draw labels."""
from __future__ import annotations

from .AbstractScriptedSegmentEditorEffect import AbstractScriptedSegmentEditorEffect

__all__ = ["AbstractScriptedSegmentEditorLabelEffect"]


class AbstractScriptedSegmentEditorLabelEffect(AbstractScriptedSegmentEditorEffect):
    """To be used with a qSlicerSegmentEditorScriptedLabelEffect."""
