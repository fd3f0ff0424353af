"""Choroid plexus, septum, lining of ventricles and an uneven brainstem are no lesions; what lies beside them may be."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from NeuroDifferentialLib.lesions.ordinary_structures import without_ordinary
from NeuroOrbitLib.anatomy.brain import BrainPart

SHAPE = (24, 24, 40)


def scan_of_three_parts() -> SimpleNamespace:
    priors = np.zeros((len(BrainPart), *SHAPE), np.float32)
    priors[BrainPart.WHITE_MATTER] = 1.0
    for part, place in ((BrainPart.LATERAL_VENTRICLE, np.s_[:, :, :13]), (BrainPart.BRAINSTEM, np.s_[:, :, 13:26])):
        priors[BrainPart.WHITE_MATTER][place], priors[part][place] = 0.0, 1.0
    parts = np.argmax(priors, axis=0)
    return SimpleNamespace(priors=priors, spacing=(1.0, 1.0, 1.0),
                           anatomy=SimpleNamespace(fluid=priors[BrainPart.LATERAL_VENTRICLE].copy(), parts=parts))


def blob(z: int, y: int, x: int) -> tuple[slice, slice, slice]:
    return tuple(slice(middle - 1, middle + 2) for middle in (z, y, x))


def test_what_hangs_in_a_ventricle_is_dropped_and_a_lesion_at_its_wall_stays():
    scan, mask = scan_of_three_parts(), np.zeros(SHAPE, bool)
    mask[blob(12, 12, 5)] = True
    wall = np.s_[5:8, 5:8, 10:13]
    scan.anatomy.fluid[:, :, 8:] = 0.0
    mask[wall] = True
    kept = without_ordinary(mask, scan, np.where(mask, 8.0, 0.0))
    assert not kept[blob(12, 12, 5)].any()
    assert kept[wall].all()


def test_a_brainstem_needs_more_than_white_matter_does():
    scan, mask, belief = scan_of_three_parts(), np.zeros(SHAPE, bool), np.zeros(SHAPE)
    places = {"faint in the stem": (blob(6, 6, 19), 3.2), "bright in the stem": (blob(18, 18, 19), 5.0),
              "faint in white matter": (blob(12, 12, 34), 3.2)}
    for place, height in places.values():
        mask[place], belief[place] = True, height
    kept = without_ordinary(mask, scan, belief)
    assert {name: bool(kept[place].all()) for name, (place, _height) in places.items()} == {
        "faint in the stem": False, "bright in the stem": True, "faint in white matter": True}
    assert kept.sum() == 2 * 27


def test_a_faint_pencil_thin_lining_is_dropped_and_a_bright_or_thicker_one_stays():
    scan, mask, belief = scan_of_three_parts(), np.zeros(SHAPE, bool), np.zeros(SHAPE)
    scan.priors[BrainPart.BRAINSTEM][:] = 0.0
    scan.priors[BrainPart.WHITE_MATTER][:, :, 13:] = 1.0
    places = {"thin": (np.s_[0:6, :, 13:15], 5.5), "thin and bright": (np.s_[9:12, :, 13:15], 6.0),
              "thick": (np.s_[14:17, :, 13:21], 4.0), "thin, elsewhere": (np.s_[19:21, :, 30:32], 4.0),
              "thin, 3 mm away": (np.s_[22:24, :, 15:16], 4.0)}
    for place, height in places.values():
        mask[place], belief[place] = True, height
    kept = without_ordinary(mask, scan, belief)
    assert {name: bool(kept[place].any()) for name, (place, _height) in places.items()} == {
        "thin": False, "thin and bright": True, "thick": True, "thin, elsewhere": True,
        "thin, 3 mm away": True}


def test_nothing_stays_nothing():
    scan = scan_of_three_parts()
    assert not without_ordinary(np.zeros(SHAPE, bool), scan, np.zeros(SHAPE)).any()
