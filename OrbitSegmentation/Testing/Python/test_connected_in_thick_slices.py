"""Which voxels of thick slices hang together, by the finer grid that an orbit is segmented on."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Grid
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.connected import connected_in_thick_slices
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit
from OrbitSegmentationLib.orbit_frame import OrbitFrame

INFERIOR = LABEL_OF_CLASS.index(label_value("inferior_rectus", Side.RIGHT))


def orbit_with_a_rising_muscle(side: Side) -> SegmentedOrbit:
    """Its muscle is 3 mm thick and rises by 24 mm over 40; a piece that is none of it lies 20 mm beside it."""
    frame = OrbitFrame((30.0 * side.x_sign, 0.0, 0.0), side)
    shape = frame.grid(1.0).shape
    k, j, i = np.indices(shape)
    middle = 20 + 0.6 * (j - 10)
    muscle = (np.abs(k - middle) <= 1.5) & (j >= 10) & (j < 50) & (np.abs(i - 30) < 3)
    muscle |= (np.abs(k - 40) < 3) & (np.abs(j - 12) < 3) & (np.abs(i - 50) < 3)
    shares = np.zeros((CLASS_COUNT, *shape), np.float32)
    shares[INFERIOR], shares[0] = muscle, ~muscle
    return SegmentedOrbit(frame, shares, 1.0)


def scan_grid(orbits: list[SegmentedOrbit], thickness: float) -> Grid:
    low = np.min([orbit.grid.ras_from_ijk((0, 0, 0)) for orbit in orbits], axis=0) - np.array([60.0, 5.0, 5.0])
    affine = np.diag([1.0, 1.0, thickness, 1.0])
    affine[:3, 3] = low
    return Grid((int(90 / thickness), 90, 240), affine)


def test_a_muscle_that_crosses_thick_slices_hangs_together_on_both_sides_and_a_piece_elsewhere_does_not():
    orbits = [orbit_with_a_rising_muscle(side) for side in Side]
    grid = scan_grid(orbits, 5.0)
    connected = connected_in_thick_slices(orbits, grid, LABEL_OF_CLASS)
    for orbit in orbits:
        value = label_value("inferior_rectus", orbit.frame.side)
        middle, other = ([orbit.grid.ras_from_ijk((30, j, 20 + 0.6 * (j - 10))) for j in range(12, 48)],
                         orbit.grid.ras_from_ijk((50, 12, 40)))
        places = np.rint([grid.ijk_from_ras(ras) for ras in middle]).astype(int)
        heights = np.array([grid.ijk_from_ras(ras)[2] for ras in middle])
        near = np.abs(heights - np.rint(heights)) * 5.0 < 1.0
        assert near.sum() >= 8 and (connected[tuple(places[near].T[::-1])] == value).all()
        assert connected[tuple(np.rint(grid.ijk_from_ras(other)).astype(int)[::-1])] == 0


def test_slices_that_are_not_thick_tell_by_themselves_what_hangs_together():
    orbits = [orbit_with_a_rising_muscle(Side.RIGHT)]
    assert connected_in_thick_slices(orbits, scan_grid(orbits, 1.5), LABEL_OF_CLASS) is None
