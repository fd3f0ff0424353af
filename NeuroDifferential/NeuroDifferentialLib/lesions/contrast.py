"""Checks that a scan is a FLAIR, and that one beside it is a T1: other contrasts are refused."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.cut_window import highest_share
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import AIR_HU, looks_like_ct, stored_without_sign
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Factor by which white matter is brighter than cortex in a T1; in a FLAIR it is not brighter at all.
WHITE_BRIGHT = 1.08
#: Factor by which ventricles are brighter than white matter in a T2.
FLUID_BRIGHT = 1.3
#: Brightness (HU) from which on a voxel of a CT is bone, and air and lung end; and least share of bone in the rest of a
#: CT of a head: .12 in one; .02 at most in skull-stripped FLAIR scans with the grey values of a CT stored without sign.
_BONE_HU, _LUNG_HU, _LEAST_BONE = 500, -250, 0.06
#: Largest share of a scan, without what has its lowest value, that may have its highest value: .15 and more in a CT
#: that was cut to a window for soft tissue, .03 in MRI whose brightest 3 % were cut.
_MOST_CUT = 0.08
#: Message for a CT that was given as {name}.
CT_WORDS = _("This is a CT, not a {name}: its grey values are Hounsfield units. Choose the {name} series.")


def check_flair(scan: Image, anatomy: Image) -> None:
    """Refuse a scan that is no FLAIR.

    :param scan: scan to check.
    :param anatomy: :class:`BrainPart` values on the grid of the scan.
    :raises Problem: stating what the scan looks like.
    """
    refuse_ct(scan, "FLAIR")
    refuse_t1(scan, anatomy)
    ventricles, white = (scan.array[anatomy.array == part] for part in (BrainPart.LATERAL_VENTRICLE,
                                                                        BrainPart.WHITE_MATTER))
    if len(ventricles) and len(white):
        refuse_bright_fluid(float(np.median(ventricles)), float(np.median(white)))


def refuse_ct(scan: Image, name: str) -> None:
    """Refuse a CT.

    :param scan: scan to check.
    :param name: kind of scan that is needed, for the message.
    :raises Problem: if the grey values are Hounsfield units, or these as scanners store them.
    """
    if looks_like_ct(scan) or _is_ct_without_sign(scan):
        raise Problem(CT_WORDS.format(name=name))


def refuse_cut(scan: Image) -> None:
    """Refuse grey values that were cut to a window, in which a CT no longer shows what it is.

    :param scan: scan to check.
    :raises Problem: if much of the scan has its highest value.
    """
    share = highest_share(scan.array)
    if share > _MOST_CUT:
        raise Problem(_("{share:.0%} of this scan has the highest grey value: it was cut to a window, like a CT in "
                        "which all bone is white. Choose the FLAIR series as the scanner stored it.").format(
                            share=share))


def _is_ct_without_sign(scan: Image) -> bool:
    """Return whether a scan is a CT of a head whose values are 1024 higher than HU, as scanners store them."""
    if not stored_without_sign(scan):
        return False
    bone, all_but_air = (np.count_nonzero(scan.array + np.float32(AIR_HU) > level) for level in (_BONE_HU, _LUNG_HU))
    return bone > _LEAST_BONE * all_but_air


def refuse_t1(scan: Image, anatomy: Image) -> None:
    """Refuse a T1.

    :param scan: scan to check.
    :param anatomy: :class:`BrainPart` values on the grid of the scan.
    :raises Problem: when white matter is clearly brighter than cortex.
    """
    white, cortex = (scan.array[anatomy.array == part] for part in (BrainPart.WHITE_MATTER, BrainPart.CORTEX))
    if len(white) and len(cortex) and np.median(white) > WHITE_BRIGHT * np.median(cortex):
        raise Problem(_("White matter is brighter than cortex in this scan: it looks like a T1, not a FLAIR. Choose "
                        "the FLAIR series."))


def refuse_bright_fluid(ventricles: float, white: float) -> None:
    """Refuse a T2 by the brightness of fluid in ventricles and of white matter.

    :param ventricles: brightness of the ventricles.
    :param white: brightness of white matter.
    :raises Problem: when the ventricles are clearly brighter.
    """
    if ventricles > FLUID_BRIGHT * white:
        raise Problem(_("Fluid is bright in this scan: it looks like a T2, not a FLAIR. Choose the FLAIR series."))


def refuse_no_t1(white: float, grey: float) -> None:
    """Refuse a T2 or FLAIR given as T1, with which lesions would be missed, by the brightness of its tissues.

    :param white: brightness of white matter.
    :param grey: brightness of grey matter.
    :raises Problem: when white matter is not brighter than grey matter.
    """
    if white <= grey:
        raise Problem(_("White matter is not brighter than grey matter in the T1: it looks like a T2 or a FLAIR. "
                        "Choose the T1 of the same visit, or leave it out."))
