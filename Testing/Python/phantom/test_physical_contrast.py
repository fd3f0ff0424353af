"""Contrasts from physics: what a radiologist knows of each sequence."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.phantom.scanner import physical_contrast
from NeuroOrbitLib.phantom.scanner.physical_contrast import SEQUENCES, random_signals
from NeuroOrbitLib.phantom.scanner.relaxation import signal
from NeuroOrbitLib.phantom.tissue import Tissue

FAT, MUSCLE, VITREOUS, WHITE = Tissue.ORBITAL_FAT, Tissue.MEDIAL_RECTUS, Tissue.VITREOUS, Tissue.WHITE_MATTER


def draws(monkeypatch: pytest.MonkeyPatch, name: str, **changes: float) -> list[np.ndarray]:
    """Total signal of 40 draws of one kind of sequence."""
    from dataclasses import replace

    monkeypatch.setattr(physical_contrast, "SEQUENCES", {name: replace(SEQUENCES[name], **changes)})
    return [sum(random_signals(np.random.default_rng(seed))) for seed in range(40)]


def share(images: list[np.ndarray], brighter: Tissue, darker: Tissue) -> float:
    """How often one tissue is brighter than the other."""
    return float(np.mean([image[brighter] > image[darker] for image in images]))


def test_t1_shows_fat_brighter_than_muscle_and_muscle_brighter_than_vitreous(monkeypatch):
    images = draws(monkeypatch, "t1 spin echo", fat_suppressed=0.0, contrast_agent=0.0)
    assert share(images, FAT, MUSCLE) == 1.0 and share(images, MUSCLE, VITREOUS) == 1.0


def test_t2_shows_the_vitreous_brightest(monkeypatch):
    images = draws(monkeypatch, "t2 spin echo")
    assert share(images, VITREOUS, FAT) == 1.0 and share(images, VITREOUS, MUSCLE) == 1.0


def test_suppressed_fat_is_darker_than_muscle_on_t1_and_stir(monkeypatch):
    assert share(draws(monkeypatch, "t1 spin echo", fat_suppressed=1.0), MUSCLE, FAT) > 0.9
    assert share(draws(monkeypatch, "stir"), MUSCLE, FAT) > 0.8


def test_flair_darkens_fluid_and_prepared_t1_shows_white_above_gray(monkeypatch):
    assert share(draws(monkeypatch, "flair"), WHITE, Tissue.CSF) > 0.9
    assert share(draws(monkeypatch, "t1 inversion-prepared", contrast_agent=0.0), WHITE, Tissue.GRAY_MATTER) > 0.75


def test_gadolinium_brightens_muscle_against_white_matter(monkeypatch):
    def ratio(agent: float) -> float:
        images = draws(monkeypatch, "t1 spin echo", fat_suppressed=0.0, contrast_agent=agent)
        return float(np.median([image[MUSCLE] / image[WHITE] for image in images]))

    assert ratio(1.0) > 1.3 * ratio(0.0)


def test_signal_follows_the_textbook():
    one = np.array(1.0)
    assert signal(one, np.array(1000.0), np.array(50.0), 1000.0, 50.0) == pytest.approx((1 - np.exp(-1)) * np.exp(-1))
    null = signal(one, np.array(300.0), np.array(1e9), 1e6, 0.0, inversion=300.0 * np.log(2))
    assert null == pytest.approx(0.0, abs=1e-6)
    ernst = np.rad2deg(np.arccos(np.exp(-10 / 500)))
    best = signal(one, np.array(500.0), np.array(1e9), 10.0, 0.0, flip=ernst)
    assert all(best > signal(one, np.array(500.0), np.array(1e9), 10.0, 0.0, flip=ernst * f) for f in (0.7, 1.4))
