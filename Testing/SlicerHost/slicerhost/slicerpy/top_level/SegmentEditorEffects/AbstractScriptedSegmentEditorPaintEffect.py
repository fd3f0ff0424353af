"""Base class of scripted effects that act where a brush was."""
from __future__ import annotations

from .AbstractScriptedSegmentEditorEffect import AbstractScriptedSegmentEditorEffect

__all__ = ["AbstractScriptedSegmentEditorPaintEffect"]


class AbstractScriptedSegmentEditorPaintEffect(AbstractScriptedSegmentEditorEffect):
    """To be used with a qSlicerSegmentEditorScriptedPaintEffect; override `paintApply(viewWidget)`."""
