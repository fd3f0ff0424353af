"""Displaced fat, and the borders that a reader sees between it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.scanner.chemical_shift import FatShift, shown_in_place_of
from NeuroOrbitLib.phantom.scanner.contrast import random_contrast
from NeuroOrbitLib.phantom.scanner.mr import Artefacts, simulate_mr
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.randomised_image import synthesise, synthesise_outlined
from NeuroOrbitLib.phantom.tissue import MUSCLE_TISSUES, Tissue

UNSPECIFIED = len(Tissue)
RECTI = (5, 7, 9, 11)


def test_fat_is_displaced_by_up_to_4_mm_along_one_axis_and_nothing_is_lost():
    point = torch.zeros(24, 26, 28)
    point[12, 13, 14] = 1.0
    shifts = [FatShift.random(0.8, np.random.default_rng(seed)) for seed in range(60)]
    for shift in shifts:
        moved = shift.moved(point)
        offset = np.argwhere(moved.numpy() == 1.0)[0] - [12, 13, 14]
        assert moved.sum() == 1 and offset[shift.axis] == shift.steps and np.count_nonzero(offset) <= 1
    assert {shift.axis for shift in shifts} == {0, 1, 2}
    assert 2 <= max(abs(shift.steps) for shift in shifts) <= 5
    assert min(shift.steps for shift in shifts) < 0 < max(shift.steps for shift in shifts)


@pytest.mark.parametrize("steps", [2, -2])
@pytest.mark.parametrize("fat_signal, moves", [(1.0, True), (0.3, False)])
def test_a_muscle_is_seen_where_bright_fat_is_not(steps: int, fat_signal: float, moves: bool):
    is_muscle = np.zeros(20, dtype=bool)
    is_muscle[8:13] = True
    water, fat = np.where(is_muscle, 0.4, 0.0), np.where(is_muscle, 0.0, fat_signal)
    other = shown_in_place_of(water, fat, np.roll(water, steps), np.roll(fat, steps), 0.08)
    seen = np.where(other, np.roll(is_muscle, steps), is_muscle)
    assert np.array_equal(seen, np.roll(is_muscle, steps) if moves else is_muscle)


@pytest.mark.parametrize("name", ["mr-t1", "mr-pd", "mr-coronal-t2"])
def test_labels_of_a_phantom_follow_the_fat_that_the_image_shows(name: str):
    head, plan = HeadShape(), replace(protocol(name), fat_shift=3.0)
    grid = grid_around(np.array([31.0, -22.0, 0.0]), (44.0, 60.0, 44.0), 1.0)
    true, seen, still = (simulate_mr(head, grid, plan, 1, artefacts=Artefacts.none(), as_seen=as_seen)
                         for plan, as_seen in ((plan, False), (plan, True), (replace(plan, fat_shift=0.0), True)))
    assert np.array_equal(true.image.array, seen.image.array)
    assert np.array_equal(true.labels.array, still.labels.array)
    inside = [np.isin(scan.labels.array, RECTI) for scan in (true, seen)]
    fat, muscle = (np.median(still.image.array[np.isin(still.labels.array, values)]) for values in (21, RECTI))
    # Fat that covers a muscle adds to its brightness. Hardly any of it is left inside what a reader outlines.
    covered_true, covered_seen = (float((true.image.array[mask] > muscle + fat / 2).mean()) for mask in inside)
    assert covered_true > 0.1 and covered_seen < covered_true / 3
    assert inside[1].sum() == pytest.approx(inside[0].sum(), rel=0.15)


def test_training_images_keep_their_labels_unless_bright_fat_is_displaced():
    tissues = torch.full((48, 48, 48), int(Tissue.ORBITAL_FAT), dtype=torch.uint8)
    tissues[:, 16:32, 16:32] = int(Tissue.MEDIAL_RECTUS)
    labels = (tissues[::2, ::2, ::2] == int(Tissue.MEDIAL_RECTUS)).long()
    changed = 0
    for seed in range(60):
        image, seen = synthesise_outlined(tissues, labels, 1.0, np.random.default_rng(seed), UNSPECIFIED)
        assert torch.equal(image, synthesise(tissues, 1.0, np.random.default_rng(seed), UNSPECIFIED))
        contrast = random_contrast(np.random.default_rng(seed), UNSPECIFIED + 1)
        muscle, fat = contrast.mean[list(MUSCLE_TISSUES)].mean(), contrast.mean[Tissue.ORBITAL_FAT]
        if contrast.is_ct or fat < muscle:
            assert torch.equal(seen, labels)
        changed += not torch.equal(seen, labels)
        assert 0.5 < float(seen.sum() / labels.sum()) < 1.5
    assert changed > 8
