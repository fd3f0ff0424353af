"""Magnetic resonance of the phantom: signal equations, fat, bias, motion and Rician noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import shift

from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.orbit.activity import HEALTHY, MuscleTissue
from NeuroOrbitLib.phantom.pattern import wave_pattern
from NeuroOrbitLib.phantom.scanner.chemical_shift import shown_in_place_of
from NeuroOrbitLib.phantom.scanner.protocols import Protocol, Sequence
from NeuroOrbitLib.phantom.scanner.relaxation import fat_signal, tissue_table, water_signal, with_materials
from NeuroOrbitLib.phantom.scanner.rendering import Pose, SimulatedScan, scan_head
from NeuroOrbitLib.phantom.tissue import MUSCLE_TISSUES, Tissue

#: Mean of white matter in the stored image, large enough for integers to be fine.
WHITE_MATTER_LEVEL = 400.0
#: Difference between fat and other tissue that shows a border in spite of noise, relative to white matter.
_LEAST_CONTRAST = 0.15
EYE_TISSUES = (Tissue.VITREOUS, Tissue.AQUEOUS, Tissue.LENS, Tissue.SCLERA, Tissue.CORNEA, Tissue.CILIARY_BODY)


@dataclass(frozen=True)
class Artefacts:
    """The imperfections of a scan.

    :param bias: half the range of the smooth brightness field, relative (0.25 = +-25 %).
    :param fat_suppression: share of fat signal removed where suppression works.
    :param suppression_failure: share of the suppression lost at air interfaces.
    :param ghost: brightness of the moving eyes' ghosts relative to the eyes.
    :param noise: noise relative to the protocol's.
    """

    bias: float = 0.15
    fat_suppression: float = 0.92
    suppression_failure: float = 0.15
    ghost: float = 0.03
    noise: float = 1.0

    @classmethod
    def none(cls) -> Artefacts:
        """Return no imperfections, as of an ideal scanner with complete fat suppression."""
        return cls(0.0, 1.0, 0.0, 0.0, 0.0)

    @classmethod
    def random(cls, rng: np.random.Generator) -> Artefacts:
        """Return random imperfections as in usual clinical scans."""
        return cls(rng.uniform(0.05, 0.25), rng.uniform(0.86, 0.97), rng.uniform(0.0, 0.35), rng.uniform(0.0, 0.08),
                   rng.uniform(0.7, 1.4))


def simulate_mr(head: HeadShape, grid: Grid, protocol: Protocol, seed: int, pose: Pose | None = None,
                muscles: MuscleTissue = HEALTHY, artefacts: Artefacts | None = None,
                progress: Progress = silent, as_seen: bool = True) -> SimulatedScan:
    """Return an MR image of the head on ``grid`` (uint16, arbitrary units) with its labels, deterministic by ``seed``.

    :param head: head to scan.
    :param grid: grid of the scan, in the patient frame.
    :param protocol: protocol of the scan.
    :param seed: seed of all random choices.
    :param pose: pose of the head in the patient frame; by default the head's own frame.
    :param muscles: state of the extra-ocular muscles (activity, scarring).
    :param artefacts: imperfections of the scan; a moderate amount by default.
    :param progress: receives the fraction done and a message.
    :param as_seen: whether the labels are those that a reader outlines where the protocol displaces fat (chemical
        shift); otherwise they stay at the true place of the structures.
    """
    rng = np.random.default_rng(seed)
    artefacts = artefacts or Artefacts()
    emission = _Relaxation(protocol, muscles, artefacts, seed)
    (water, fat, eyes), labels = scan_head(head, pose or Pose.neutral(), grid, protocol, emission, progress)
    white_matter = _white_matter(protocol, muscles)
    shown_fat = _shifted(fat, protocol.fat_shift)
    if as_seen and protocol.fat_shift:
        labels = _seen(labels, water, fat, shown_fat, protocol.fat_shift, _LEAST_CONTRAST * white_matter)
    signal = water + shown_fat
    signal += artefacts.ghost * _ghosts(eyes)
    signal *= bias_field(rng, signal.shape, artefacts.bias)
    signal = rician(rng, signal / white_matter, artefacts.noise / protocol.noise)
    image = np.clip(np.rint(signal * WHITE_MATTER_LEVEL), 0, 65535).astype(np.uint16)
    return SimulatedScan(Image(image, grid.affine), Image(labels, grid.affine))


class _Relaxation:
    """The emission of MR: signal of water, of fat, and (for ghosts) of the moving eyes."""

    def __init__(self, protocol: Protocol, muscles: MuscleTissue, artefacts: Artefacts, seed: int) -> None:
        tissues = tissue_table(muscles, protocol.field_strength, protocol.contrast_agent)
        table = with_materials(tissues, protocol.field_strength)
        self.water = water_signal(protocol, table).astype(np.float32)
        self.fat = fat_signal(protocol, table).astype(np.float32)
        self.protocol, self.muscles, self.artefacts, self.seed = protocol, muscles, artefacts, seed

    def __call__(self, tissues: np.ndarray, points: np.ndarray) -> np.ndarray:
        water, fat = self.water[tissues], self.fat[tissues]
        self._vary_muscles(water, tissues, points)
        if self.protocol.sequence is Sequence.FAT_SUPPRESSED:
            fatty = np.flatnonzero(fat)
            fat[fatty] *= 1 - suppression(points[fatty], self.artefacts, self.seed)
        eyes = np.where(np.isin(tissues, EYE_TISSUES), water, 0)
        return np.stack([water, fat, eyes])

    def _vary_muscles(self, water: np.ndarray, tissues: np.ndarray, points: np.ndarray) -> None:
        """Let T2 vary smoothly within the muscles, as inflammation is patchy."""
        muscle = np.flatnonzero((tissues >= min(MUSCLE_TISSUES)) & (tissues <= max(MUSCLE_TISSUES)))
        means = np.array([self.muscles.of_muscle(index).t2 for index in range(len(MUSCLE_TISSUES))])
        mean = means[tissues[muscle] - min(MUSCLE_TISSUES)]
        t2 = mean + self.muscles.heterogeneity * wave_pattern(points[muscle], 9.0, self.seed, 6)
        echo = self.protocol.echo_time
        water[muscle] *= np.exp(-echo / np.maximum(t2, 25.0) + echo / mean).astype(np.float32)


def suppression(points: np.ndarray, artefacts: Artefacts, seed: int) -> np.ndarray:
    """Return the share of fat signal removed at points (P, 3): less near the air of the sinuses and before the face."""
    distance_to_sinus = np.linalg.norm((np.abs(points) - [30.0, 12.0, 30.0]) * [1.0, 0.6, 1.0], axis=1)
    exposed = np.exp(-((distance_to_sinus / 16.0) ** 2)) + 0.6 * np.clip((points[:, 1] - 4.0) / 12.0, 0, 1)
    patchy = 1 + 0.4 * wave_pattern(points, 40.0, seed + 7, 4)
    return artefacts.fat_suppression * (1 - np.clip(artefacts.suppression_failure * exposed * patchy, 0, 1))


def bias_field(rng: np.random.Generator, shape: tuple[int, ...], strength: float) -> np.ndarray:
    """Return the smooth brightness field of a coil, with a mean of about 1 and range +-``strength``; float32."""
    k, j, i = (np.linspace(-1, 1, count, dtype=np.float32) for count in shape)
    first = rng.uniform(-0.5, 0.5, size=3)
    second = rng.uniform(-0.4, 0.4, size=3)
    field = (first[0] * k + second[0] * k**2)[:, None, None] + (first[1] * j + second[1] * j**2)[:, None] + (
        first[2] * i + second[2] * i**2)
    return np.exp(strength * field).astype(np.float32)


def rician(rng: np.random.Generator, signal: np.ndarray, sigma: float) -> np.ndarray:
    """Return the magnitude of the signal with noise of SD ``sigma`` in both channels of the receiver."""
    if sigma == 0:
        return signal
    real = signal + rng.normal(0, sigma, signal.shape)
    return np.hypot(real, rng.normal(0, sigma, signal.shape))


def _shifted(fat: np.ndarray, pixels: float) -> np.ndarray:
    """Return the fat displaced along the frequency axis J, as it precesses more slowly than water."""
    return fat if pixels == 0 else shift(fat, (0, pixels, 0), order=1, mode="nearest")


def _seen(labels: np.ndarray, water: np.ndarray, fat: np.ndarray, shown_fat: np.ndarray, pixels: float,
          least: float) -> np.ndarray:
    """Return the labels as a reader sees them between fat that is displaced along J by ``pixels``."""
    other = shown_in_place_of(water, fat, _shifted(water, pixels), shown_fat, least)
    return np.where(other, shift(labels, (0, round(pixels), 0), order=0, mode="nearest"), labels)


def _ghosts(eyes: np.ndarray) -> np.ndarray:
    """Return copies of the moving eyes along the phase axis I."""
    step = eyes.shape[2] // 5
    return (np.roll(eyes, step, axis=2) + np.roll(eyes, -step, axis=2)
            + 0.5 * np.roll(eyes, 2 * step, axis=2) + 0.5 * np.roll(eyes, -2 * step, axis=2))


def _white_matter(protocol: Protocol, muscles: MuscleTissue) -> float:
    table = tissue_table(muscles, protocol.field_strength, protocol.contrast_agent)
    return float(water_signal(protocol, table)[Tissue.WHITE_MATTER])
