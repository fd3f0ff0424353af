"""Base class of scripted effects."""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import qt
import slicer

__all__ = ["AbstractScriptedSegmentEditorEffect"]


class AbstractScriptedSegmentEditorEffect:
    """The Python side of an effect; `scriptedEffect` is the C++ side that the editor knows."""

    def __init__(self, scriptedEffect: Any) -> None:
        self.scriptedEffect = scriptedEffect

    def register(self) -> None:
        """Make the effect known to all Segment Editors."""
        slicer.qSlicerSegmentEditorEffectFactory.instance().registerEffect(self.scriptedEffect)

    def cleanup(self) -> None:
        """Disconnect signals and observers; effects that have any override it."""

    # Coordinates as plain lists

    def rasToXy(self, ras: Sequence[float], viewWidget: Any) -> list[int]:
        """Return the pixel of a point in RAS."""
        point = self.scriptedEffect.rasToXy(qt.QVector3D(*ras[:3]), viewWidget)
        return [point.x(), point.y()]

    def xyzToRas(self, xyz: Sequence[float], viewWidget: Any) -> list[float]:
        """Return the RAS coordinates of slice coordinates."""
        return _components(self.scriptedEffect.xyzToRas(qt.QVector3D(*xyz[:3]), viewWidget))

    def xyToRas(self, xy: Sequence[int], viewWidget: Any) -> list[float]:
        """Return the RAS coordinates of a pixel."""
        return _components(self.scriptedEffect.xyToRas(qt.QPoint(xy[0], xy[1]), viewWidget))

    def xyzToIjk(self, xyz: Sequence[float], viewWidget: Any, image: Any, parentTransformNode: Any = None) -> list[int]:
        """Return the voxel of slice coordinates."""
        vector = self.scriptedEffect.xyzToIjk(qt.QVector3D(*xyz[:3]), viewWidget, image, parentTransformNode)
        return [int(value) for value in _components(vector)]

    def xyToIjk(self, xy: Sequence[int], viewWidget: Any, image: Any, parentTransformNode: Any = None) -> list[int]:
        """Return the voxel under a pixel."""
        vector = self.scriptedEffect.xyToIjk(qt.QPoint(xy[0], xy[1]), viewWidget, image, parentTransformNode)
        return [int(value) for value in _components(vector)]

    def setWidgetMinMaxStepFromImageSpacing(self, spinbox: Any, imageData: Any) -> None:
        """Give a spin box for lengths a step of about a tenth of a voxel and a maximum of about a hundred voxels."""
        if not imageData:
            return
        spin_box_flags = slicer.qMRMLSpinBox
        spinbox.unitAwareProperties &= ~(
            spin_box_flags.MinimumValue | spin_box_flags.MaximumValue | spin_box_flags.Precision)
        exponent = math.floor(math.log10(min(imageData.GetSpacing()) / 10))
        spinbox.minimum = 10**exponent
        spinbox.maximum = 10 ** math.ceil(math.log10(max(imageData.GetSpacing()) * 100))
        spinbox.singleStep = 10**exponent
        spinbox.decimals = max(-exponent, 0)


def _components(vector: Any) -> list[float]:
    return [vector.x(), vector.y(), vector.z()]
