"""Smooth random patterns that are functions of position, so that every grid and pose shows the same head."""

from __future__ import annotations

import numpy as np


def wave_pattern(points: np.ndarray, wavelength: float, seed: int, count: int = 6) -> np.ndarray:
    """Return the values of a smooth random function of position, with mean 0 and about unit standard deviation.

    :param points: positions (P, 3) in mm.
    :param wavelength: typical distance of two crests (mm).
    :param seed: seed of the pattern.
    :param count: number of plane waves that are added; more of them look less regular and take longer.
    :return: values, float32 (P,).
    """
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(count, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    lengths = wavelength * rng.uniform(0.7, 1.4, size=(count, 1))
    waves = (2 * np.pi * directions / lengths).astype(np.float32)
    phases = rng.uniform(0, 2 * np.pi, size=count).astype(np.float32)
    total = np.zeros(len(points), dtype=np.float32)
    single = points.astype(np.float32, copy=False)
    for wave, phase in zip(waves, phases, strict=True):
        total += np.sin(single @ wave + phase)
    return total * np.float32(np.sqrt(2.0 / count))
