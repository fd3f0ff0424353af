"""What the outline of an eye holds, told by grey values alone: an eye, fat, or nothing that gives a signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: HU between which the inside of an outline is fat: no vitreous is as light, and air is lighter.
FAT_HU = (-250.0, -40.0)
#: In parts of the difference between the other eye's inside and the fat around it: how much like fat the inside and
#: the rim of an outline must be, and how unlike the other eye's inside.
_LIKE_FAT, _RIM_LIKE_FAT, _UNLIKE_OTHER = 0.2, 0.25, 0.6
#: MRI tells a vitreous from fat if they differ by this part of the difference between muscle and fat at least.
_LEAST_TELLING = 0.15
#: Fat that is not suppressed has this part of the signal of muscle or vitreous at least.
_BRIGHT_FAT = 0.35
#: What is darker than this part of the way from air to the brighter of muscle and fat gives next to no signal. So much
#: of an eye without signal is none of its own tissues; so much at most may be as dark in the other eye.
_DARK, _MOST_DARK, _MOST_DARK_OF_OTHER = 0.12, 0.3, 0.1
#: Its inside is as much darker than that of the other one.
_DARKER = 0.5


@dataclass(frozen=True)
class EyeLook:
    """Medians of grey values.

    :param inside: of the middle of the outline. :param rim: of its outermost 1.2 mm.
    :param fat, muscle: of the fat and the recti of the same orbit, NaN where none are outlined.
    :param air: of the darkest part of the scan.
    :param dark_share: share of the inside that gives next to no signal, 0 to 1.
    """

    inside: float
    rim: float
    fat: float
    muscle: float
    air: float
    dark_share: float

    @classmethod
    def of(cls, grey: np.ndarray, depth: np.ndarray, fat: np.ndarray, muscle: np.ndarray, air: float) -> EyeLook:
        """Return the look of an outline.

        :param grey: grey values. :param depth: mm inside of the outline, negative outside of it; of the same shape.
        :param fat, muscle: grey values (N,) of the fat and of the recti of the same orbit.
        """
        medians = [float(np.median(values)) if values.size else float("nan") for values in (fat, muscle)]
        deepest = float(depth.max())
        middle, within = depth > min(3.0, 0.5 * deepest), depth > min(1.0, 0.25 * deepest)
        rim = (depth > 0) & (depth <= max(1.2, float(depth[depth > 0].min())))
        dark = air + _DARK * (np.nanmax(medians) - air) if np.isfinite(medians).any() else -np.inf
        return cls(float(np.median(grey[middle])), float(np.median(grey[rim])), *medians, air,
                   float((grey[within] < dark).mean()))


def holds_fat(own: EyeLook, other: EyeLook | None, is_ct: bool) -> bool:
    """Return whether an outline was drawn around fat, as networks do in an empty socket.

    :param other: the look of the other eye: in MRI, without it, nobody can say. Nor can they where fat is suppressed:
        blood and implants may be as dark.
    """
    if is_ct:
        return FAT_HU[0] < own.inside < FAT_HU[1]
    if other is None or not looks_like_fat(own, other):
        return False
    return own.fat - own.air > _BRIGHT_FAT * (max(other.muscle, other.inside) - own.air)


def looks_like_fat(own: EyeLook, other: EyeLook) -> bool:
    """Return whether, in MRI, an eye is as bright as the fat around it throughout, and the other one is not."""
    if not np.isfinite([own.fat, other.fat, other.muscle]).all():
        return False
    telling = abs(other.inside - other.fat)
    # Where fat is suppressed, a vitreous may be as dark as it.
    if telling <= _LEAST_TELLING * abs(other.muscle - other.fat):
        return False
    return (abs(own.inside - own.fat) < _LIKE_FAT * telling and abs(own.rim - own.fat) < _RIM_LIKE_FAT * telling
            and abs(own.inside - other.inside) > _UNLIKE_OTHER * telling)


def gives_no_signal(own: EyeLook, other: EyeLook) -> bool:
    """Return whether, in MRI, much of an eye is as dark as air while the other one is not."""
    darker = own.inside - own.air < _DARKER * (other.inside - other.air)
    return own.dark_share > _MOST_DARK and other.dark_share < _MOST_DARK_OF_OTHER and darker
