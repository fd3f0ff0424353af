"""The priors of place are laid onto heads that are nodded, and only a T1 passes for a T1."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroDifferentialLib.anatomy import tissues
from NeuroDifferentialLib.anatomy.priors import brain_priors
from NeuroDifferentialLib.anatomy.tissues import GREY, WHITE, align_priors
from NeuroOrbitLib.anatomy.brain import FLUID, WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.problem import Problem


def nodded_flair(degrees: float) -> tuple[Image, np.ndarray, np.ndarray]:
    """The average brain as a FLAIR of 4 mm, nodded; with its mask and the 4x4 motion of the head (RAS mm)."""
    priors = brain_priors()
    levels = np.ones(len(BrainPart), np.float32)
    levels[list(FLUID)], levels[list(WHITE_MATTER_PARTS)], levels[BrainPart.OUTSIDE] = 0.15, 0.85, 0.0
    straight = Image(np.tensordot(levels, priors.probabilities, 1).astype(np.float32), priors.affine)
    angle, motion = np.deg2rad(degrees), np.eye(4)
    motion[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    affine = np.diag([4.0, 4.0, 4.0, 1.0])
    affine[:3, 3] = (motion @ np.append(straight.grid.center, 1.0))[:3] - 4.0 * 27.5
    grid = Grid((56, 56, 56), affine)
    array = resample(straight, Grid(grid.shape, np.linalg.inv(motion) @ affine)).array
    return Image(array, affine), array > 0.1, motion


@pytest.mark.parametrize("degrees", [-30.0, 30.0])
def test_a_nodded_brain_is_aligned(degrees):
    flair, mask, motion = nodded_flair(degrees)
    alignment = align_priors(brain_priors(), flair, mask)
    points = flair.grid.ras_from_ijk(np.argwhere(mask)[::50, ::-1])
    straight = (points - motion[:3, 3]) @ motion[:3, :3]
    errors = np.linalg.norm(alignment.points(points) - straight, axis=1)
    assert np.percentile(errors, 95) < 4.0


def test_many_lesions_and_fluid_beside_the_cortex_make_no_t1():
    random = np.random.default_rng(1)
    white = np.concatenate([random.normal(1.0, 0.05, 500), random.uniform(1.2, 1.5, 600)])
    grey = np.concatenate([random.normal(1.1, 0.05, 600), random.uniform(0.2, 1.0, 500)])
    shares = np.zeros((len(white) + len(grey), 3))
    shares[:len(white), WHITE] = shares[len(white):, GREY] = 1.0
    values = np.concatenate([white, grey])
    assert np.median(white) > 1.08 * np.median(grey)
    tissues._refuse_t1(values, shares)
    with pytest.raises(Problem, match="looks like a T1"):
        tissues._refuse_t1(2.0 - values, shares)
