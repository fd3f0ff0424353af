"""Boxes of voxels in array order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Box:
    """Voxels from ``low`` (included) to ``high`` (excluded), in array order (K, J, I)."""

    low: tuple[int, int, int]
    high: tuple[int, int, int]

    @classmethod
    def of(cls, mask: np.ndarray) -> Box:
        """Return the smallest box around the voxels of a mask (K, J, I), which must not be empty."""
        ends = []
        for axis in range(3):
            found = np.flatnonzero(mask.any(axis=tuple(other for other in range(3) if other != axis)))
            ends.append((int(found[0]), int(found[-1]) + 1))
        return cls(tuple(low for low, _ in ends), tuple(high for _, high in ends))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along each axis."""
        return tuple(high - low for low, high in zip(self.low, self.high, strict=True))

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """The box as an index into the whole array."""
        return tuple(slice(low, high) for low, high in zip(self.low, self.high, strict=True))

    def joined(self, other: Box) -> Box:
        """Return the smallest box around both boxes."""
        return Box(tuple(map(min, self.low, other.low)), tuple(map(max, self.high, other.high)))

    def grown(self, margin: int, shape: tuple[int, ...]) -> Box:
        """Return the box extended by ``margin`` voxels on every side, but not beyond an array of ``shape``."""
        return Box(tuple(max(low - margin, 0) for low in self.low),
                   tuple(min(high + margin, size) for high, size in zip(self.high, shape, strict=True)))

    def within(self, outer: Box) -> tuple[slice, slice, slice]:
        """Return the box as an index into an array that holds only the voxels of ``outer``."""
        return tuple(slice(low - start, high - start)
                     for low, high, start in zip(self.low, self.high, outer.low, strict=True))
