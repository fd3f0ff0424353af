"""Computed tomography of the phantom: Hounsfield units with noise, blur and beam hardening."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.materials import MATERIAL_HU, Material
from NeuroOrbitLib.phantom.orbit.activity import HEALTHY, MuscleTissue
from NeuroOrbitLib.phantom.pattern import wave_pattern
from NeuroOrbitLib.phantom.scanner.protocols import Protocol
from NeuroOrbitLib.phantom.scanner.rendering import FWHM_TO_SIGMA, Pose, SimulatedScan, scan_head
from NeuroOrbitLib.phantom.tissue import MUSCLE_TISSUES, Tissue

#: Mean and between-subject standard deviation in HU (published attenuation of muscles, nerve, fat and globe).
HOUNSFIELD = {
    Tissue.AIR: (-1000, 0), Tissue.VITREOUS: (8, 4), Tissue.AQUEOUS: (10, 4), Tissue.SCLERA: (50, 8),
    Tissue.CORNEA: (45, 8), Tissue.LENS: (85, 15), Tissue.CILIARY_BODY: (45, 6), Tissue.OPTIC_NERVE: (36, 5),
    Tissue.SHEATH_FLUID: (14, 3), Tissue.DURA: (45, 6), Tissue.SUPERIOR_RECTUS: (45, 6), Tissue.LEVATOR: (45, 6),
    Tissue.INFERIOR_RECTUS: (42, 7), Tissue.MEDIAL_RECTUS: (45, 6), Tissue.LATERAL_RECTUS: (51, 7),
    Tissue.SUPERIOR_OBLIQUE: (45, 7), Tissue.INFERIOR_OBLIQUE: (45, 7), Tissue.TENDON: (55, 8),
    Tissue.LACRIMAL_GLAND: (45, 7), Tissue.ORBITAL_FAT: (-95, 8), Tissue.VEIN: (42, 4), Tissue.ARTERY: (42, 4),
    Tissue.THIN_BONE: (800, 120), Tissue.BONE: (1150, 120), Tissue.MARROW: (380, 70), Tissue.MUCOSA: (35, 8),
    Tissue.SKIN: (35, 10), Tissue.SUBCUTANEOUS_FAT: (-100, 8), Tissue.MUSCLE: (55, 5), Tissue.TEMPORALIS: (58, 5),
    Tissue.EYELID: (25, 10), Tissue.CSF: (6, 2), Tissue.GRAY_MATTER: (37, 2), Tissue.WHITE_MATTER: (28, 2),
}
NOISE_CORRELATION_PIXELS = 1.2
BEAM_HARDENING = 6.0
STRANDING_HU = 20.0


def simulate_ct(head: HeadShape, grid: Grid, protocol: Protocol, seed: int, pose: Pose | None = None,
                muscles: MuscleTissue = HEALTHY, progress: Progress = silent) -> SimulatedScan:
    """Return a CT of the head on ``grid`` in Hounsfield units (int16) with its labels, deterministic by ``seed``.

    :param head: head to scan.
    :param grid: grid of the scan, in the patient frame.
    :param protocol: protocol of the scan.
    :param seed: seed of all random choices.
    :param pose: pose of the head in the patient frame; by default the head's own frame.
    :param muscles: state of the extra-ocular muscles (activity, scarring).
    :param progress: receives the fraction done and a message.
    """
    rng = np.random.default_rng(seed)
    emission = _Attenuation(attenuation_table(muscles, rng), seed)
    channels, labels = scan_head(head, pose or Pose.neutral(), grid, protocol, emission, progress)
    clean = channels[0]
    noise = correlated_noise(rng, clean.shape, protocol.noise)
    hardening = BEAM_HARDENING * (clean > -300) * _slow_field(rng, clean.shape)
    image = np.clip(np.rint(clean + noise + hardening), -1024, 3071).astype(np.int16)
    return SimulatedScan(Image(image, grid.affine), Image(labels, grid.affine))


def attenuation_table(muscles: MuscleTissue = HEALTHY, rng: np.random.Generator | None = None) -> np.ndarray:
    """Return the HU of each tissue and material; with ``rng`` those of a random subject, otherwise the means."""
    values = np.array([HOUNSFIELD[tissue] for tissue in Tissue], dtype=float)
    table = values[:, 0] + (0.0 if rng is None else np.clip(rng.normal(size=len(values)), -2, 2) * values[:, 1])
    table[list(MUSCLE_TISSUES)] += muscles.hounsfield_shift
    table[Tissue.ORBITAL_FAT] += STRANDING_HU * muscles.stranding
    return np.append(table, [MATERIAL_HU[material] for material in Material])


class _Attenuation:
    """The emission of CT: HU by tissue, with strands in inflamed fat and texture in muscles."""

    def __init__(self, table: np.ndarray, seed: int) -> None:
        self.table = table.astype(np.float32)
        self.seed = seed

    def __call__(self, tissues: np.ndarray, points: np.ndarray) -> np.ndarray:
        values = self.table[tissues]
        grainy = np.flatnonzero((tissues >= min(MUSCLE_TISSUES)) & (tissues <= Tissue.ORBITAL_FAT))
        values[grainy] += 5.0 * wave_pattern(points[grainy], 7.0, self.seed, 4)
        return values[None]


def correlated_noise(rng: np.random.Generator, shape: tuple[int, ...], sigma: float) -> np.ndarray:
    """Return noise of standard deviation ``sigma`` with a correlation of about 1.2 pixels in-plane; float32."""
    white = rng.normal(size=shape).astype(np.float32)
    width = NOISE_CORRELATION_PIXELS * FWHM_TO_SIGMA
    smooth = gaussian_filter(white, (0, width, width))
    return smooth * np.float32(sigma / max(float(smooth.std()), 1e-6))


def _slow_field(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a slowly varying field, mean 0 and standard deviation about 1, as products of low-order cosines."""
    axes = [np.linspace(-1, 1, count, dtype=np.float32) for count in shape]
    field = np.zeros(shape, dtype=np.float32)
    for _ in range(4):
        waves = [np.cos(np.pi * rng.uniform(0.3, 1.5) * axis + rng.uniform(0, 2 * np.pi)).astype(np.float32)
                 for axis in axes]
        field += np.sqrt(2).astype(np.float32) * waves[0][:, None, None] * waves[1][:, None] * waves[2]
    return field
