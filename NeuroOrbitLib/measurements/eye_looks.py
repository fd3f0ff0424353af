"""Decides by grey values alone whether the outline of an eye holds an eye, fat, or material without signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: HU between which the inside of an outline is fat: every vitreous is denser, and air is less dense.
FAT_HU = (-250.0, -40.0)
#: Largest difference of the inside and of the rim of an outline from fat, and least difference of its inside from that
#: of the other eye, as fractions of the difference between the other eye's inside and its surrounding fat.
_LIKE_FAT, _RIM_LIKE_FAT, _UNLIKE_OTHER = 0.2, 0.25, 0.6
#: MRI distinguishes vitreous and fat if they differ by at least this fraction of the difference between muscle and fat.
_LEAST_TELLING = 0.15
#: Fat that is not suppressed has at least this fraction of the signal of muscle or vitreous.
_BRIGHT_FAT = 0.35
#: Voxels give next to no signal if they are darker than this fraction of the way from air to the brighter of muscle and
#: fat. An eye in which at least the second fraction is that dark, and the other eye at most the third, is altered.
_DARK, _MOST_DARK, _MOST_DARK_OF_OTHER = 0.12, 0.3, 0.1
#: The inside of such an eye has at most this fraction of the other eye's signal.
_DARKER = 0.5


@dataclass(frozen=True)
class EyeLook:
    """Median grey values in and around the outline of an eye.

    :param inside: median in the middle of the outline.
    :param rim: median in the outermost 1.2 mm of the outline.
    :param fat, muscle: medians in the fat and the recti of the same orbit; NaN where none are outlined.
    :param air: grey value of the darkest part of the scan.
    :param dark_share: fraction of the inside that gives next to no signal, 0 to 1.
    """

    inside: float
    rim: float
    fat: float
    muscle: float
    air: float
    dark_share: float

    @classmethod
    def of(cls, grey: np.ndarray, depth: np.ndarray, fat: np.ndarray, muscle: np.ndarray, air: float) -> EyeLook:
        """Return the median grey values in and around an outline.

        :param grey: grey values (K, J, I) of a box around the outline.
        :param depth: depth inside the outline in mm, negative outside; same shape as ``grey``.
        :param fat, muscle: grey values (N,) of the fat and of the recti of the same orbit.
        :param air: grey value of the darkest part of the scan.
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

    :param own: grey values of this eye.
    :param other: grey values of the other eye, or ``None``. In MRI the result is False without it, and also where fat
        is suppressed, since blood and implants may be as dark.
    :param is_ct: whether the grey values are HU.
    """
    if is_ct:
        return FAT_HU[0] < own.inside < FAT_HU[1]
    if other is None or not looks_like_fat(own, other):
        return False
    return own.fat - own.air > _BRIGHT_FAT * (max(other.muscle, other.inside) - own.air)


def looks_like_fat(own: EyeLook, other: EyeLook) -> bool:
    """Return whether, in MRI, all of an eye is as bright as the fat around it while the other eye is not."""
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
