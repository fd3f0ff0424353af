"""Brains with known lesions and their simulated FLAIR, small enough for fast tests."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroDifferentialLib.anatomy.priors import brain_priors
from NeuroOrbitLib.anatomy.brain import FREESURFER_VALUES, BrainPart
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.artefacts import FalseLesions
from NeuroOrbitLib.phantom.brain.head import LabelledBrain
from NeuroOrbitLib.phantom.brain.plan import Disease, LesionPlan, PatientPlan, Pattern
from NeuroOrbitLib.phantom.brain.raster import draw_lesions
from NeuroOrbitLib.phantom.brain.scans import ScanQuality, on_scan, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BrainSequence
from NeuroOrbitLib.phantom.brain.zones import Zones
from Testing.toy_brain import toy_brain

#: A coarse FLAIR, so that tests are fast.
COARSE = BrainSequence("coarse", (2.0, 2.0, 3.0), 3.0, 9000, 120, 2500, noise=40.0)
CLEAN = ScanQuality(bias=0.05, noise=0.7, false_lesions=FalseLesions.none())


@pytest.fixture(scope="session")
def brain():
    """The plain brain on voxels of 2 mm."""
    return toy_brain()


@pytest.fixture(scope="session")
def zones(brain):
    """Its geography."""
    return Zones.of(brain.parts, brain.labels.spacing[::-1])


@pytest.fixture(scope="session")
def average_brain():
    """The head that is most probable by the priors, in a skull and scalp, on voxels of 2 mm."""
    priors = brain_priors()
    parts = np.pad(priors.probabilities.argmax(axis=0), 8).astype(np.uint8)
    labels = np.array([FREESURFER_VALUES[part][0] if part else 0 for part in BrainPart], np.int16)[parts]
    depth = ndimage.distance_transform_edt(parts == BrainPart.OUTSIDE, (2.0, 2.0, 2.0))
    labels[(depth > 0) & (depth < 14)] = 511
    labels[(depth > 0) & (depth < 8)] = 515
    affine = priors.affine.copy()
    affine[:3, 3] -= 8 * 2.0
    return LabelledBrain("average", Image(labels, affine), parts)


@pytest.fixture(scope="session")
def lesions(average_brain):
    """Five lesions of 1 to 3 ml in the white matter of the average brain."""
    plans = [LesionPlan(Pattern.DEEP_WHITE, volume, 1.2, 1.0, 1600.0, 165.0)
             for volume in (3000, 2500, 2000, 1500, 1000)]
    zones = Zones.of(average_brain.parts, average_brain.labels.spacing[::-1])
    return draw_lesions(PatientPlan(Disease.MS, 40.0, 0.0, tuple(plans)), zones, 11)


@pytest.fixture(scope="session")
def flair(average_brain, lesions):
    """FLAIR of the stripped average brain."""
    return simulate_brain(average_brain, lesions, COARSE, 5, "stripped", CLEAN)


@pytest.fixture(scope="session")
def truth(average_brain, lesions, flair):
    """The lesions on the FLAIR's grid, bool."""
    return on_scan(lesions.mask, average_brain, flair) > 0.5


@pytest.fixture(scope="session")
def t1(average_brain, lesions):
    """T1 of the same brain."""
    sequence = BrainSequence("coarse T1", (2.0, 2.0, 3.0), 3.0, 2300, 3.0, 1050, noise=40.0)
    return simulate_brain(average_brain, lesions, sequence, 5, "stripped", CLEAN)


@pytest.fixture(scope="session")
def found(flair):
    """What the classical way finds in the FLAIR alone; do not change the arrays."""
    from NeuroDifferentialLib.pipeline import segment_lesions

    return segment_lesions(flair)
