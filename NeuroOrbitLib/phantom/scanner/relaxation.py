"""Magnetic-resonance properties of every tissue, and the signal equations of the sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.phantom.materials import MATERIAL_PROTONS, Material
from NeuroOrbitLib.phantom.orbit.activity import MuscleTissue
from NeuroOrbitLib.phantom.scanner.protocols import Protocol, Sequence
from NeuroOrbitLib.phantom.tissue import MUSCLE_TISSUES, Tissue

#: Properties of fat protons: proton density, T1 at 1.5 T, T1 at 3 T, effective T2 (ms).
FAT = (0.95, 310.0, 370.0, 68.0)

#: Water of each tissue: proton density, T1 at 1.5 T, T1 at 3 T, effective T2 of fast spin echo (ms), fat fraction.
#: Values for eye, muscle and brain are from the literature; where scanners disagree, those of the effective T2.
WATER = {
    Tissue.AIR: (0.0, 1000, 1000, 10, 0.0),
    Tissue.VITREOUS: (0.99, 4000, 3900, 500, 0.0),
    Tissue.AQUEOUS: (1.0, 4500, 4300, 460, 0.0),
    Tissue.SCLERA: (0.55, 1100, 1250, 28, 0.0),
    Tissue.CORNEA: (0.5, 900, 1100, 20, 0.0),
    Tissue.LENS: (0.65, 1200, 1250, 45, 0.0),
    Tissue.CILIARY_BODY: (0.75, 1500, 1600, 70, 0.0),
    Tissue.OPTIC_NERVE: (0.72, 815, 1083, 77, 0.0),
    Tissue.SHEATH_FLUID: (1.0, 4000, 4300, 1200, 0.0),
    Tissue.DURA: (0.5, 900, 1100, 25, 0.0),
    Tissue.TENDON: (0.45, 900, 1100, 25, 0.0),
    Tissue.LACRIMAL_GLAND: (0.85, 1000, 1250, 80, 0.10),
    Tissue.ORBITAL_FAT: (0.8, 1000, 1200, 45, 0.92),
    Tissue.VEIN: (0.5, 1400, 1600, 60, 0.0),
    Tissue.ARTERY: (0.08, 1400, 1600, 60, 0.0),
    Tissue.THIN_BONE: (0.12, 500, 600, 12, 0.0),
    Tissue.BONE: (0.08, 500, 600, 8, 0.0),
    Tissue.MARROW: (0.5, 800, 900, 40, 0.55),
    Tissue.MUCOSA: (0.9, 1300, 1600, 95, 0.0),
    Tissue.SKIN: (0.65, 900, 1100, 35, 0.0),
    Tissue.SUBCUTANEOUS_FAT: (0.8, 1000, 1200, 45, 0.92),
    Tissue.MUSCLE: (0.80, 1008, 1400, 38, 0.0),
    Tissue.TEMPORALIS: (0.80, 1008, 1400, 38, 0.0),
    Tissue.EYELID: (0.75, 1000, 1250, 42, 0.15),
    Tissue.CSF: (1.0, 4000, 4300, 1500, 0.0),
    Tissue.GRAY_MATTER: (0.82, 1124, 1500, 95, 0.0),
    Tissue.WHITE_MATTER: (0.70, 884, 1000, 72, 0.0),
}
#: Shortening of T1 by gadolinium: increase of the relaxation rate (1/s).
UPTAKE = dict.fromkeys(MUSCLE_TISSUES, 0.9) | {
    Tissue.CILIARY_BODY: 1.2, Tissue.MUCOSA: 1.5, Tissue.VEIN: 2.5, Tissue.ARTERY: 2.5, Tissue.LACRIMAL_GLAND: 1.2,
    Tissue.DURA: 1.0, Tissue.TEMPORALIS: 0.25, Tissue.MUSCLE: 0.25, Tissue.SKIN: 0.4, Tissue.GRAY_MATTER: 0.03,
}


@dataclass(frozen=True)
class TissueTable:
    """The properties of each tissue value (index of :class:`Tissue`): arrays of equal length; times in ms."""

    proton_density: np.ndarray
    t1: np.ndarray
    t2: np.ndarray
    fat_fraction: np.ndarray


def tissue_table(muscles: MuscleTissue, field_strength: float, contrast_agent: bool = False) -> TissueTable:
    """Return the properties of every tissue, with the extra-ocular muscles in the given state.

    :param muscles: state of the extra-ocular muscles.
    :param field_strength: field strength (tesla), 1.5 or 3.
    :param contrast_agent: whether the scan is taken after gadolinium.
    """
    rows = {tissue: (pd, low if field_strength < 2 else high, t2, fat)
            for tissue, (pd, low, high, t2, fat) in WATER.items()}
    for index, tissue in enumerate(MUSCLE_TISSUES):
        own = muscles.of_muscle(index)
        rows[tissue] = (own.proton_density, own.t1(field_strength), own.t2, own.fat_fraction)
    # Oedema around active muscles puts water between the fat and lengthens its relaxation.
    density, t1, t2, fat = rows[Tissue.ORBITAL_FAT]
    rows[Tissue.ORBITAL_FAT] = (density, t1 + 300 * muscles.stranding, t2 + 15 * muscles.stranding,
                                fat - 0.06 * muscles.stranding)
    density, t1, t2, fat = rows[Tissue.LACRIMAL_GLAND]
    rows[Tissue.LACRIMAL_GLAND] = (density, t1, t2 + 12 * muscles.stranding, fat)
    table = np.array([rows[tissue] for tissue in Tissue], dtype=float).T
    if contrast_agent:
        rate = np.array([UPTAKE.get(tissue, 0.0) for tissue in Tissue])
        table[1] = 1 / (1 / table[1] + rate / 1000.0)
    return TissueTable(*table)


def with_materials(table: TissueTable, field_strength: float) -> TissueTable:
    """Return the table extended by the values of every :class:`~NeuroOrbitLib.phantom.materials.Material`."""
    rows = np.array([MATERIAL_PROTONS[material] for material in Material])
    density, low, high, t2, fat = rows.T
    added = (density, low if field_strength < 2 else high, t2, fat)
    columns = (table.proton_density, table.t1, table.t2, table.fat_fraction)
    return TissueTable(*(np.append(column, values) for column, values in zip(columns, added, strict=True)))


def spin_signal(protocol: Protocol, proton_density: np.ndarray, t1: np.ndarray, t2: np.ndarray) -> np.ndarray:
    """Return the magnitude of the signal of a pool of protons; arrays are broadcast, times in ms.

    Spin echo: PD (1 - exp(-TR/T1)) exp(-TE/T2). Inversion recovery:
    PD \\|1 - 2 exp(-TI/T1) + exp(-TR/T1)\\| exp(-TE/T2).
    """
    inverts = protocol.sequence is Sequence.INVERSION_RECOVERY
    return signal(proton_density, t1, t2, protocol.repetition_time, protocol.echo_time,
                  protocol.inversion_time if inverts else None)


def signal(density: np.ndarray, t1: np.ndarray, t2: np.ndarray, repetition: float, echo: float,
           inversion: float | None = None, flip: float | None = None) -> np.ndarray:
    """Return the magnitude of the signal of a pool of protons; arrays are broadcast, times in ms.

    :param density: proton density.
    :param t1, t2: relaxation times.
    :param repetition, echo: repetition and echo time.
    :param inversion: inversion time; ``None`` for no inversion pulse.
    :param flip: flip angle (degrees) of a spoiled gradient echo (Ernst 1966); ``None`` for a spin echo.
    """
    decayed = np.exp(-repetition / t1)
    if flip is not None:
        angle = np.deg2rad(flip)
        recovery = np.sin(angle) * (1 - decayed) / (1 - np.cos(angle) * decayed)
    elif inversion is not None:
        recovery = np.abs(1 - 2 * np.exp(-inversion / t1) + decayed)
    else:
        recovery = 1 - decayed
    return density * recovery * np.exp(-echo / t2)


def water_signal(protocol: Protocol, table: TissueTable) -> np.ndarray:
    """Return the signal of each tissue's water, (tissues,)."""
    return (1 - table.fat_fraction) * spin_signal(protocol, table.proton_density, table.t1, table.t2)


def fat_signal(protocol: Protocol, table: TissueTable) -> np.ndarray:
    """Return the signal of each tissue's fat before spectral suppression, (tissues,)."""
    density, low, high, t2 = FAT
    t1 = low if protocol.field_strength < 2 else high
    return table.fat_fraction * spin_signal(protocol, np.array(density), np.array(t1), np.array(t2))
