"""The tissue classes of which images are composed, finer than the labels that a reader would outline."""

from __future__ import annotations

from enum import IntEnum


class Tissue(IntEnum):
    """Internal tissue classes of the phantom (never written to a reader's label map)."""

    AIR = 0
    VITREOUS = 1
    AQUEOUS = 2
    SCLERA = 3
    CORNEA = 4
    LENS = 5
    CILIARY_BODY = 6
    OPTIC_NERVE = 7
    SHEATH_FLUID = 8
    DURA = 9
    SUPERIOR_RECTUS = 10
    LEVATOR = 11
    INFERIOR_RECTUS = 12
    MEDIAL_RECTUS = 13
    LATERAL_RECTUS = 14
    SUPERIOR_OBLIQUE = 15
    INFERIOR_OBLIQUE = 16
    TENDON = 17
    LACRIMAL_GLAND = 18
    ORBITAL_FAT = 19
    VEIN = 20
    ARTERY = 21
    THIN_BONE = 22
    BONE = 23
    MARROW = 24
    MUCOSA = 25
    SKIN = 26
    SUBCUTANEOUS_FAT = 27
    MUSCLE = 28
    TEMPORALIS = 29
    EYELID = 30
    CSF = 31
    GRAY_MATTER = 32
    WHITE_MATTER = 33


#: Tissue of each extra-ocular muscle's belly.
MUSCLE_TISSUES = (
    Tissue.SUPERIOR_RECTUS, Tissue.LEVATOR, Tissue.INFERIOR_RECTUS, Tissue.MEDIAL_RECTUS,
    Tissue.LATERAL_RECTUS, Tissue.SUPERIOR_OBLIQUE, Tissue.INFERIOR_OBLIQUE,
)
