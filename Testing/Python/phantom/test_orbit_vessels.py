"""Vessels and nerves that cross the orbital fat, drawn around an orbit's own optic nerve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.phantom.orbit.muscle import muscle_tube
from NeuroOrbitLib.phantom.orbit.raster import CAVITY, OPTIC_NERVE, nerve_path, rasterise_orbit_with_parts
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.tube import at_depth
from NeuroOrbitLib.phantom.orbit.vessels import random_vessels, vessel_tubes
from NeuroOrbitLib.phantom.tissue import Tissue

SHAPE = OrbitShape()
NERVE = nerve_path(SHAPE)
SUPERIOR_RECTUS = muscle_tube(SHAPE.muscle("superior rectus"), SHAPE).samples


def drawn(seed):
    return random_vessels(np.random.default_rng(seed), NERVE, SUPERIOR_RECTUS)


def course(vessel, depth):
    """Place (x, z) of a vessel's centre line at a depth, relative to the nerve's."""
    line = vessel_tubes(replace(SHAPE, vessels=(vessel,)))[0][0].samples
    return (at_depth(line, depth) - at_depth(NERVE, depth))[[0, 2]]


def test_without_vessels_of_its_own_an_orbit_has_the_usual_vein_and_artery():
    assert [tissue for _, tissue in vessel_tubes(SHAPE)] == [Tissue.VEIN, Tissue.ARTERY]


def test_the_vein_crosses_between_nerve_and_superior_rectus_to_the_lateral_side():
    veins = [drawn(seed)[0] for seed in range(30)]
    assert all(vein.tissue is Tissue.VEIN for vein in veins)
    heights = np.array([course(vein, -18.0)[1] for vein in veins])
    muscle, nerve = (at_depth(line, -18.0)[2] for line in (SUPERIOR_RECTUS, NERVE))
    assert (heights > 0.5).all() and (heights < muscle - nerve).all()
    assert np.mean([course(vein, 0.0)[0] for vein in veins]) < np.mean([course(vein, -25.0)[0] for vein in veins]) - 2


def test_the_artery_winds_around_the_nerve_mostly_over_it():
    arteries = [drawn(seed)[1] for seed in range(60)]
    lateral, medial = (np.mean([course(artery, depth)[0] for artery in arteries]) for depth in (-27.0, -14.0))
    assert lateral > 0.5 > -0.5 > medial
    over = np.mean([max((course(artery, depth)[1] for depth in np.arange(-26.0, -15.0)), key=abs) > 0
                    for artery in arteries])
    assert 0.7 < over < 0.95


@pytest.mark.parametrize("seed", range(4))
def test_vessels_lie_in_the_fat_and_never_cut_the_nerve(seed):
    points = np.stack(np.meshgrid(*[np.arange(low, high, 0.6) for low, high in ((-25, 20), (-36, 0), (-15, 18))],
                                  indexing="ij"), axis=-1)
    labels, parts = rasterise_orbit_with_parts(replace(SHAPE, vessels=drawn(seed)), points)
    usual, _ = rasterise_orbit_with_parts(SHAPE, points)
    vessels = np.isin(parts, (Tissue.VEIN, Tissue.ARTERY))
    assert vessels.sum() * 0.6**3 > 40
    assert (labels[vessels] == CAVITY).all()
    assert ((labels == OPTIC_NERVE) == (usual == OPTIC_NERVE)).all()
