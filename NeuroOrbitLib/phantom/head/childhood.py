"""Heads of children, which are smaller than those of adults, with eyes nearer to their final size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.orbit.shape import GlobeShape, OrbitShape

#: Age in years; distance of the pupils (mm, Farkas 1994, Dekaban 1977); axial length of the eye (mm, Fledelius 1996).
_AGES = (0.0, 1.0, 3.0, 6.0, 10.0, 15.0)
_PUPILS = (39.0, 46.0, 49.0, 52.5, 56.0, 60.0)
_AXIAL_LENGTHS = (17.0, 20.6, 22.2, 22.7, 23.2, 23.6)
_ADULT_PUPILS, _ADULT_AXIAL_LENGTH = 62.0, 23.8
#: Share of the relative enlargement of the eye by which a child's orbits are wider for its head than an adult's.
_WIDER = 0.6


def as_child(head: HeadShape, age: float) -> tuple[HeadShape, float]:
    """Return a head with the eyes of a child, and the size of the child's head relative to the adult's.

    :param head: head of an adult, whose individual differences are kept.
    :param age: age in years, 0 to 15.
    :return: head in the dimensions of an adult, and the ``scale`` of the
        :class:`~NeuroOrbitLib.phantom.scanner.rendering.Pose` to scan it with.
    :raises ValueError: for any other age.
    """
    if not _AGES[0] <= age <= _AGES[-1]:
        raise ValueError(f"Ages of children run from {_AGES[0]:.0f} to {_AGES[-1]:.0f} years, not {age}.")
    scale = float(np.interp(age, _AGES, _PUPILS)) / _ADULT_PUPILS
    larger = float(np.interp(age, _AGES, _AXIAL_LENGTHS)) / _ADULT_AXIAL_LENGTH / scale
    return replace(head, right=_with_larger_eye(head.right, larger), left=_with_larger_eye(head.left, larger)), scale


def _with_larger_eye(orbit: OrbitShape, factor: float) -> OrbitShape:
    """Return the orbit with a larger eye, muscles that insert further out, and somewhat more room."""
    lengths = {name: factor * getattr(orbit.globe, name) for name in GlobeShape.__dataclass_fields__
               if name not in ("transverse_ratio", "vertical_ratio", "nerve_head")}
    head = tuple(factor * value for value in orbit.globe.nerve_head)
    muscles = tuple(replace(muscle, path=(*muscle.path[:-1], tuple(factor * value for value in muscle.path[-1])))
                    for muscle in orbit.muscles)
    cavity = replace(orbit.cavity, scale=orbit.cavity.scale * (1 + _WIDER * (factor - 1)))
    return replace(orbit, globe=replace(orbit.globe, **lengths, nerve_head=head), muscles=muscles, cavity=cavity)
