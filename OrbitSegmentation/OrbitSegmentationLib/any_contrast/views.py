"""Slightly different views of one orbit; the mean output of a network for all of them is more reliable than for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from NeuroOrbitLib.imaging import Grid
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Default number of views that are averaged.
DEFAULT_VIEWS = 8
#: Turn of the views about every axis (degrees), and the relative change of their size.
_TURN_DEGREES = 3.0
_SCALE = 0.03
#: Signs of the turns: opposite in every pair, so that they cancel in the mean.
_TURNS = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
#: Steps of the shifts: a sequence that fills the unit cube evenly for any number of views (Roberts 2018, R3).
_PLASTIC = 1.22074408460575947536
_SHIFT_STEPS = np.array([_PLASTIC**-1, _PLASTIC**-2, _PLASTIC**-3])


@dataclass(frozen=True)
class View:
    """Position of a view's box in the right-eye frame.

    :param degrees: turns about x, y, z, degrees.
    :param scale: voxel size relative to that of the network.
    :param shift: shift of the box along x, y, z in voxels, at most half a voxel.
    """

    degrees: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def grid(self, frame: OrbitFrame, spacing: float) -> Grid:
        """Return the grid of this view's box in RAS.

        :param frame: frame of the orbit.
        :param spacing: voxel size of the network, mm.
        """
        straight = frame.grid(spacing)
        motion = np.eye(4)
        motion[:3, :3] = self.scale * Rotation.from_euler("xyz", self.degrees, degrees=True).as_matrix()
        motion[:3, 3] = np.array(self.shift) * spacing
        return Grid(straight.shape, frame.affine @ motion @ np.linalg.inv(frame.affine) @ straight.affine)


def orbit_views(count: int) -> tuple[View, ...]:
    """Return the first ``count`` views of a fixed sequence; the first one is straight.

    Their shifts by fractions of a voxel give the mean a finer resolution than that of the network's voxels.

    :raises ValueError: if ``count`` is less than 1.
    """
    if count < 1:
        raise ValueError(f"At least one view is needed, not {count}.")
    return (View(), *(_view(number) for number in range(1, count)))


def _view(number: int) -> View:
    shift = (0.5 + number * _SHIFT_STEPS) % 1.0 - 0.5
    turns = _TURN_DEGREES * np.array(_TURNS[number % len(_TURNS)])
    scale = 1.0 + _SCALE * ((number + 1) % 3 - 1)
    return View(tuple(turns.tolist()), scale, tuple(shift.tolist()))
