"""Finds the orbits of a scan, and how the head lies that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from torch import nn

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.any_contrast.locate import are_a_pair, find_globes
from OrbitSegmentationLib.any_contrast.nod import nod_of
from OrbitSegmentationLib.any_contrast.segment import OrbitNetwork, SegmentedOrbit, segment_orbit
from OrbitSegmentationLib.head_pose import ADULT_EYE_DISTANCE, LEAST_TURN, UPRIGHT, HeadPose, pose_of_eyes
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: So many times clearer the other side must be than the one that a lone eye's place in a scan speaks for that is wide
#: enough to show both.
OTHER_SIDE_MARGIN = 1.5
#: How a head may lie, and how small it may be, if no pair of eyes is found in an upright adult one. The locator knows
#: turns of 25 degrees about every axis, so these reach beyond 45.
OTHER_POSES = (*(HeadPose.turned(**{axis: degrees}) for axis in ("roll", "yaw", "nod") for degrees in (35.0, -35.0)),
               HeadPose(scale=0.65))
#: Globes nearer to each other than this (mm) are the same one.
_SAME_PLACE = 8.0
#: The head's pose is corrected so many times at most: what is seen in a better pose tells the pose better.
_MOST_CORRECTIONS = 3
#: A scan that reaches less far (mm) around a lone eye cannot show the other one.
_LEAST_WIDTH = 90.0

Look = Callable[[OrbitFrame], SegmentedOrbit]


def find_orbits(image: Image, locator: nn.Module, network: OrbitNetwork, is_ct: bool,
                progress: Progress = silent) -> list[SegmentedOrbit]:
    """Return the orbits that a scan shows, right before left, each looked at once in the pose of the head.

    What the locator takes for globes counts only if the orbit network sees an orbit around it.

    :param image: a checked scan; CT in HU with its padding cleaned.
    :param locator, network: the two networks of the default model.
    """
    progress(0.0, _("Looking for the eyes"))
    # Candidates share globes: each is looked at once.
    look = cache(lambda frame: segment_orbit(image, frame, network, is_ct))
    best: list[SegmentedOrbit] = []
    candidates = find_globes(image, locator, is_ct)
    for number, frames in enumerate(candidates):
        if len(frames) <= len(best):
            break
        progress(0.4 + 0.6 * number / len(candidates), _("Looking at the orbits"))
        best = max(best, orbits_at(frames, look, image.grid), key=len)
    if len(best) == 1:
        best = with_partner(best[0], look, image.grid)
    if len(best) < 2 and _may_show_both(image.grid):
        best = max(best, _in_other_poses(image, locator, is_ct, look, candidates), key=len)
    return _levelled(best, look) if len(best) == 2 else best


def orbits_at(frames: list[OrbitFrame], look: Look, scan: Grid) -> list[SegmentedOrbit]:
    """Return the orbits of those globes that have one.

    One alone has no other to tell its side by, and both sides are tried.

    :param look: segments the orbit at a place. :param scan: the grid of the whole scan.
    """
    looks = [look(frame) for frame in frames]
    orbits = [orbit for orbit in looks if orbit.is_orbit] if len(looks) == 2 else looks
    if len(orbits) == 1:
        orbits = [_alone(orbits[0], look, scan, len(frames) == 2)]
    return [orbit for orbit in orbits if orbit.is_orbit]


def with_partner(orbit: SegmentedOrbit, look: Look, scan: Grid) -> list[SegmentedOrbit]:
    """Return a lone orbit, and the other one of the head if it is where it should be although the locator missed it.

    :return: right before left; arguments as for :func:`orbits_at`.
    """
    if not shows_other_eye(orbit.frame, scan):
        return [orbit]
    frame = orbit.frame
    other = look(replace(frame, center=tuple(_other_eye(frame).tolist()), side=frame.side.other))
    if not other.is_orbit or not are_a_pair(np.subtract(other.frame.center, frame.center), frame.pose):
        return [orbit]
    return [orbit, other] if frame.side is Side.RIGHT else [other, orbit]


def shows_other_eye(frame: OrbitFrame, scan: Grid) -> bool:
    """Return whether a scan is wide enough to show the eye of the other side as well."""
    ijk = scan.ijk_from_ras(_other_eye(frame))
    return bool(((ijk >= 0) & (ijk <= np.array(scan.shape[::-1]) - 1)).all())


def _in_other_poses(image: Image, locator: nn.Module, is_ct: bool, look: Look,
                    known: Sequence[list[OrbitFrame]]) -> list[SegmentedOrbit]:
    """Two orbits that are only found if the scan is looked at as one of a turned, nodded or small head; else none."""
    tried = [frames for frames in known if len(frames) == 2]
    for frames in _pairs_in_other_poses(image, locator, is_ct):
        if any(_same_pair(frames, others) for others in tried):
            continue
        tried.append(frames)
        found = [orbit for orbit in map(look, frames) if orbit.is_orbit]
        if len(found) == 2:
            return found
    return []


def _pairs_in_other_poses(image: Image, locator: nn.Module, is_ct: bool) -> Iterator[list[OrbitFrame]]:
    """The likeliest pair of globes in each of the other poses."""
    for pose in OTHER_POSES:
        pairs = [frames for frames in find_globes(image, locator, is_ct, pose) if len(frames) == 2]
        yield from pairs[:1]


def _same_pair(first: list[OrbitFrame], second: list[OrbitFrame]) -> bool:
    """Whether two pairs are at the same places and in about the same pose."""
    near = all(np.linalg.norm(np.subtract(one.center, other.center)) < _SAME_PLACE
               for one, other in zip(first, second, strict=True))
    return near and first[0].pose.degrees_from(second[0].pose) < LEAST_TURN


def _levelled(orbits: list[SegmentedOrbit], look: Look) -> list[SegmentedOrbit]:
    """The two orbits in the pose of the head; the same ones where that is the pose in which they were looked at."""
    for _attempt in range(_MOST_CORRECTIONS):
        before = orbits[0].frame.pose
        eyes = (np.array(orbit.frame.center) for orbit in orbits)
        level, nod = pose_of_eyes(*eyes, before), nod_of(orbits)
        pose = level.nodded(nod) if nod else level
        if pose == before:
            break
        again = [look(replace(orbit.frame, pose=pose)) for orbit in orbits]
        if not all(orbit.is_orbit for orbit in again):
            break
        orbits = again
    return orbits


def _alone(orbit: SegmentedOrbit, look: Look, scan: Grid, of_pair: bool) -> SegmentedOrbit:
    """The likeliest side and pose of an orbit without another.

    What it was paired with need not be an eye. Then the line between the two tells neither its pose nor its side, and
    it is better recognised in an upright head.
    """
    paired = _surer_side(orbit, look, of_pair or shows_other_eye(orbit.frame, scan))
    if not of_pair or paired.frame.pose == UPRIGHT:
        return paired
    upright = look(replace(orbit.frame, pose=UPRIGHT))
    upright = _surer_side(upright, look, shows_other_eye(upright.frame, scan))
    return upright if upright.is_orbit and _recognised(upright) > _recognised(paired) else paired


def _recognised(orbit: SegmentedOrbit) -> float:
    """The evidence for an orbit in ml of the patient, whatever the size of the head that it was looked at in."""
    return orbit.evidence * orbit.frame.pose.scale**3


def _surer_side(orbit: SegmentedOrbit, look: Look, place_tells: bool) -> SegmentedOrbit:
    """The other side of a lone eye, where its anatomy is recognised better than on the side of its place.

    :param place_tells: its place beside another eye, or in a scan that would show the other eye, too, speaks for its
        side, so that the other one must be clearly better. In a narrow scan, whose middle may be anywhere in a turned
        head, the place says nothing.
    """
    other = look(replace(orbit.frame, side=orbit.frame.side.other))
    return other if other.evidence > (OTHER_SIDE_MARGIN if place_tells else 1.0) * orbit.evidence else orbit


def _other_eye(frame: OrbitFrame) -> np.ndarray:
    """Where the other eye of the head is (RAS mm)."""
    distance = ADULT_EYE_DISTANCE * frame.pose.scale
    return np.array(frame.center) - frame.side.x_sign * distance * frame.pose.matrix[:, 0]


def _may_show_both(scan: Grid) -> bool:
    """Whether two eyes may be in a scan whichever way it lies."""
    return max(np.array(scan.shape[::-1]) * scan.spacing) >= _LEAST_WIDTH
