"""Geometry and physics of typical orbital protocols, among them those of published studies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.problem import Problem


class Sequence(Enum):
    """The kind of a sequence, on which the signal depends."""

    CT = "CT"
    SPIN_ECHO = "spin echo"
    FAT_SUPPRESSED = "spin echo with spectral fat suppression"
    INVERSION_RECOVERY = "short-tau inversion recovery"


#: Directions (columns) in which the voxel indices I, J, K run, in the head's RAS frame, as is usual in DICOM.
PLANES = {
    "axial": np.array([[-1.0, 0, 0], [0, -1.0, 0], [0, 0, 1.0]]),
    "coronal": np.array([[-1.0, 0, 0], [0, 0, -1.0], [0, -1.0, 0]]).T,
    "sagittal": np.array([[0, -1.0, 0], [0, 0, -1.0], [-1.0, 0, 0]]).T,
}


@dataclass(frozen=True)
class Protocol:
    """A protocol for scanning the orbits.

    :param name: name of the protocol.
    :param title: title for the user.
    :param sequence: kind of the sequence.
    :param plane: orientation of the slices, a name in :data:`PLANES`.
    :param spacing: voxel size along I and J and distance of the slices, K (mm).
    :param size: field of view along I, J, K (mm).
    :param center: centre of the field of view in the head frame (R, A, S; mm; origin between the globes).
    :param thickness: slice thickness (mm); slices have gaps if it is less than their distance, and overlap if more.
    :param oversample: rendered points per voxel along I, J, K, for partial volume.
    :param repetition_time: repetition time TR (ms).
    :param echo_time: echo time TE (ms).
    :param inversion_time: inversion time TI (ms).
    :param field_strength: field strength (tesla), 1.5 or 3.
    :param noise: for CT the standard deviation of the noise (HU), for MR the signal-to-noise ratio of white matter.
    :param point_spread: full width at half maximum of the in-plane resolution (mm).
    :param fat_shift: chemical shift of fat along J in pixels.
    :param contrast_agent: whether the scan is taken after gadolinium.
    """

    name: str
    title: str
    sequence: Sequence
    plane: str
    spacing: tuple[float, float, float]
    size: tuple[float, float, float]
    center: tuple[float, float, float] = (0.0, -22.0, 0.0)
    thickness: float = 1.0
    oversample: tuple[int, int, int] = (1, 1, 1)
    repetition_time: float = 0.0
    echo_time: float = 0.0
    inversion_time: float = 0.0
    field_strength: float = 3.0
    noise: float = 25.0
    point_spread: float = 0.6
    fat_shift: float = 0.0
    contrast_agent: bool = False

    @property
    def modality(self) -> str:
        """ "CT" or "MR"."""
        return "CT" if self.sequence is Sequence.CT else "MR"

    def grid(self, tilt: np.ndarray | None = None) -> Grid:
        """Return the grid of the scan in the head's frame; ``tilt`` (3, 3) rotates the slices for an oblique scan."""
        rotation = PLANES[self.plane] if tilt is None else np.asarray(tilt) @ PLANES[self.plane]
        return grid_around(np.array(self.center), self.size, self.spacing, rotation)


_STANDARD_CT = Protocol(
    "ct-standard", "CT, 120 kV, 0.5 x 0.5 x 1 mm", Sequence.CT, "axial", (0.5, 0.5, 1.0), (160, 150, 70),
    center=(0, -25, 0), noise=12, point_spread=0.7)
_SPIR = Protocol(
    "mr-axial-spir", "MR, axial fat-saturated T2 (SPIR 3000/80, 3 T), 0.66 x 0.5 x 3.27 mm", Sequence.FAT_SUPPRESSED,
    "axial", (0.625, 0.53, 3.27), (150, 120, 49), center=(0, -27, 0), thickness=3.0, oversample=(1, 1, 3),
    repetition_time=3000, echo_time=80, point_spread=0.7)
_CORONAL_T2 = Protocol(
    "mr-coronal-t2", "MR, coronal T2 (3500/90, 3 T), 0.5 x 0.5 x 3.3 mm", Sequence.SPIN_ECHO, "coronal",
    (0.5, 0.5, 3.3), (160, 160, 66), center=(0, -18, 4), thickness=3.0, oversample=(1, 1, 3),
    repetition_time=3500, echo_time=90, point_spread=0.6, fat_shift=1.0)

#: Every protocol by name.
PROTOCOLS = {protocol.name: protocol for protocol in (
    _STANDARD_CT,
    Protocol("ct-fast", "CT, 120 kV, 0.8 x 0.8 x 1.2 mm", Sequence.CT, "axial", (0.8, 0.8, 1.2), (160, 144, 62),
             center=(0, -22, 0), noise=10, point_spread=0.9, thickness=1.2),
    Protocol("ct-svnet", "CT, 140 kV, coronal stack, 0.339 x 0.339 x 0.5 mm, 1 mm slices", Sequence.CT, "coronal",
             (0.339, 0.339, 0.5), (260, 100, 60), center=(0, -14, 0), noise=20, point_spread=0.6, thickness=1.0,
             oversample=(1, 1, 1)),
    Protocol("ct-sequnet", "CT, 512 x 512, 0.35 x 0.35 x 0.9 mm", Sequence.CT, "axial", (0.35, 0.35, 0.9),
             (179.2, 179.2, 54), center=(0, -45, 0), noise=15, point_spread=0.65, thickness=0.9),
    _SPIR,
    _CORONAL_T2,
    Protocol("mr-coronal-t2fs", "MR, coronal fat-saturated T2 (3500/80, 3 T), 0.5 x 0.5 x 3.3 mm",
             Sequence.FAT_SUPPRESSED, "coronal", (0.5, 0.5, 3.3), (160, 160, 66), center=(0, -18, 4), thickness=3.0,
             oversample=(1, 1, 3), repetition_time=3500, echo_time=80, point_spread=0.6),
    Protocol("mr-coronal-stir", "MR, coronal STIR (4000/60/220, 3 T), 0.6 x 0.6 x 3.3 mm",
             Sequence.INVERSION_RECOVERY, "coronal", (0.6, 0.6, 3.3), (160, 160, 66), center=(0, -18, 4),
             thickness=3.0, oversample=(1, 1, 3), repetition_time=4000, echo_time=60, inversion_time=220,
             point_spread=0.7),
    Protocol("mr-t1", "MR, axial T1 (700/15, 3 T), 0.625 x 0.625 x 1 mm", Sequence.SPIN_ECHO, "axial",
             (0.625, 0.625, 1.0), (160, 150, 60), center=(0, -25, 0), repetition_time=700, echo_time=15,
             point_spread=0.7, fat_shift=1.0),
    Protocol("mr-t1-gd", "MR, axial fat-saturated T1 after gadolinium (700/15, 3 T), 0.625 x 0.625 x 2 mm",
             Sequence.FAT_SUPPRESSED, "axial", (0.625, 0.625, 2.0), (160, 150, 60), center=(0, -25, 0),
             thickness=2.0, oversample=(1, 1, 2), repetition_time=700, echo_time=15, point_spread=0.7,
             contrast_agent=True),
    Protocol("mr-t1-head", "MR, T1 of the head (700/12, 1.5 T), 1 mm isotropic", Sequence.SPIN_ECHO, "sagittal",
             (1.0, 1.0, 1.0), (200, 176, 160), center=(0, -78, 12), repetition_time=700, echo_time=12,
             field_strength=1.5, point_spread=0.9, fat_shift=0.7),
    Protocol("mr-pd", "MR, axial proton density (3000/15, 1.5 T), 0.8 x 0.8 x 3 mm", Sequence.SPIN_ECHO, "axial",
             (0.8, 0.8, 3.0), (160, 150, 60), center=(0, -25, 0), thickness=3.0, oversample=(1, 1, 3),
             repetition_time=3000, echo_time=15, field_strength=1.5, point_spread=0.9, fat_shift=1.0),
)}


def protocol(name: str) -> Protocol:
    """Return the protocol called ``name``.

    :raises Problem: if there is none; the message lists the names.
    """
    if name not in PROTOCOLS:
        raise Problem(f"There is no protocol {name!r}. Choose one of: {', '.join(PROTOCOLS)}.")
    return PROTOCOLS[name]
