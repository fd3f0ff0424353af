"""Whether a scan is a FLAIR, and one beside it a T1: other contrasts that are offered as such are refused."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import looks_like_ct
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: In a T1, white matter is brighter than cortex by this factor; in a FLAIR it is not brighter at all.
WHITE_BRIGHT = 1.08
#: In a T2, ventricles are brighter than white matter by this factor.
FLUID_BRIGHT = 1.3
#: What is said of a CT in the place of {name}.
CT_WORDS = _("This is a CT, not a {name}: its grey values are Hounsfield units. Choose the {name} series.")


def check_flair(scan: Image, anatomy: Image) -> None:
    """Refuse a scan that is no FLAIR.

    :param anatomy: :class:`BrainPart` values on its grid.
    :raises Problem: that says what it looks like.
    """
    refuse_ct(scan, "FLAIR")
    refuse_t1(scan, anatomy)
    ventricles, white = (scan.array[anatomy.array == part] for part in (BrainPart.LATERAL_VENTRICLE,
                                                                        BrainPart.WHITE_MATTER))
    if len(ventricles) and len(white):
        refuse_bright_fluid(float(np.median(ventricles)), float(np.median(white)))


def refuse_ct(scan: Image, name: str) -> None:
    """Refuse a CT.

    :param name: of the kind of scan that is wanted.
    :raises Problem: if the grey values are Hounsfield units.
    """
    if looks_like_ct(scan):
        raise Problem(CT_WORDS.format(name=name))


def refuse_t1(scan: Image, anatomy: Image) -> None:
    """Refuse a T1.

    :param anatomy: :class:`BrainPart` values on its grid.
    :raises Problem: when white matter is clearly brighter than cortex.
    """
    white, cortex = (scan.array[anatomy.array == part] for part in (BrainPart.WHITE_MATTER, BrainPart.CORTEX))
    if len(white) and len(cortex) and np.median(white) > WHITE_BRIGHT * np.median(cortex):
        raise Problem(_("White matter is brighter than cortex in this scan: it looks like a T1, not a FLAIR. Choose "
                        "the FLAIR series."))


def refuse_bright_fluid(ventricles: float, white: float) -> None:
    """Refuse a T2 by the brightness of fluid in ventricles and of white matter.

    :raises Problem: when fluid is clearly brighter.
    """
    if ventricles > FLUID_BRIGHT * white:
        raise Problem(_("Fluid is bright in this scan: it looks like a T2, not a FLAIR. Choose the FLAIR series."))


def refuse_no_t1(white: float, grey: float) -> None:
    """Refuse a T2 or a FLAIR in the place of a T1, with which lesions are missed, by the brightness of its tissues.

    :raises Problem: when white matter is not brighter than grey matter.
    """
    if white <= grey:
        raise Problem(_("White matter is not brighter than grey matter in the T1: it looks like a T2 or a FLAIR. "
                        "Choose the T1 of the same visit, or leave it out."))
