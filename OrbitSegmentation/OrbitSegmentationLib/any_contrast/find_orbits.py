"""Search for the orbits of a scan and the pose of the head."""

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

#: Ratio by which the evidence for the other side must exceed that for the side suggested by the place of a lone eye,
#: in a scan that is wide enough to show both.
OTHER_SIDE_MARGIN = 1.5
#: Poses of the head, and the size of a small one, that are tried if no pair of eyes is found in an upright adult head.
#: The locator knows turns of 25 degrees about every axis, so these reach beyond 45.
OTHER_POSES = (*(HeadPose.turned(**{axis: degrees}) for axis in ("roll", "yaw", "nod") for degrees in (35.0, -35.0)),
               HeadPose(scale=0.65))
#: Distance (mm) below which two globes are the same one.
_SAME_PLACE = 8.0
#: Largest number of corrections of the head's pose, which is estimated better in a better pose.
_MOST_CORRECTIONS = 3
#: Extent (mm) of a scan below which it cannot show both eyes.
_LEAST_WIDTH = 90.0

Look = Callable[[OrbitFrame], SegmentedOrbit]


def find_orbits(image: Image, locator: nn.Module, network: OrbitNetwork, is_ct: bool,
                progress: Progress = silent) -> list[SegmentedOrbit]:
    """Return the orbits that a scan shows, right before left, each segmented from one view in the pose of the head.

    Globes found by the locator count only if the orbit network recognises an orbit around them.

    :param image: a checked scan; CT in HU with its padding cleaned.
    :param locator, network: locator and orbit network of the default model.
    :param is_ct: whether the scan is a CT.
    """
    progress(0.0, _("Looking for the eyes"))
    # Candidates share globes, each of which is segmented only once.
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
    """Return the orbits around those globes that have one.

    The side of a single orbit cannot be told by another one, so that both sides are tried.

    :param frames: frames of one or two globes.
    :param look: function that segments the orbit at a frame.
    :param scan: grid of the whole scan.
    """
    looks = [look(frame) for frame in frames]
    orbits = [orbit for orbit in looks if orbit.is_orbit] if len(looks) == 2 else looks
    if len(orbits) == 1:
        orbits = [_alone(orbits[0], look, scan, len(frames) == 2)]
    return [orbit for orbit in orbits if orbit.is_orbit]


def with_partner(orbit: SegmentedOrbit, look: Look, scan: Grid) -> list[SegmentedOrbit]:
    """Return a lone orbit, with the other one of the head if that is where expected although the locator missed it.

    :param orbit: the lone orbit.
    :param look: function that segments the orbit at a frame.
    :param scan: grid of the whole scan.
    :return: one or two orbits, right before left.
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
    """Return two orbits that are only found assuming a turned, nodded or small head; none if there are none."""
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
    """Yield the most likely pair of globes in each of the other poses."""
    for pose in OTHER_POSES:
        pairs = [frames for frames in find_globes(image, locator, is_ct, pose) if len(frames) == 2]
        yield from pairs[:1]


def _same_pair(first: list[OrbitFrame], second: list[OrbitFrame]) -> bool:
    """Return whether two pairs are at the same places and in about the same pose."""
    near = all(np.linalg.norm(np.subtract(one.center, other.center)) < _SAME_PLACE
               for one, other in zip(first, second, strict=True))
    return near and first[0].pose.degrees_from(second[0].pose) < LEAST_TURN


def _levelled(orbits: list[SegmentedOrbit], look: Look) -> list[SegmentedOrbit]:
    """Return the two orbits segmented in the pose of the head; the same ones if they already were."""
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
    """Return the most likely side and pose of an orbit without another one.

    It may have been paired with something that is not an eye. The line between the two then gives neither its pose nor
    its side, and it is recognised better in an upright head.
    """
    paired = _surer_side(orbit, look, of_pair or shows_other_eye(orbit.frame, scan))
    if not of_pair or paired.frame.pose == UPRIGHT:
        return paired
    upright = look(replace(orbit.frame, pose=UPRIGHT))
    upright = _surer_side(upright, look, shows_other_eye(upright.frame, scan))
    return upright if upright.is_orbit and _recognised(upright) > _recognised(paired) else paired


def _recognised(orbit: SegmentedOrbit) -> float:
    """Return the evidence for an orbit in ml of the patient, independent of the scale of the assumed head."""
    return orbit.evidence * orbit.frame.pose.scale**3


def _surer_side(orbit: SegmentedOrbit, look: Look, place_tells: bool) -> SegmentedOrbit:
    """Return a lone orbit on the side on which its anatomy is recognised better.

    :param place_tells: whether the place of the orbit, beside another eye or in a scan that would show the other eye,
        too, suggests its side, so that the other side must be clearly better. In a narrow scan, whose middle may be
        anywhere in a turned head, it does not.
    """
    other = look(replace(orbit.frame, side=orbit.frame.side.other))
    return other if other.evidence > (OTHER_SIDE_MARGIN if place_tells else 1.0) * orbit.evidence else orbit


def _other_eye(frame: OrbitFrame) -> np.ndarray:
    """Return the expected position of the other eye of the head (RAS mm)."""
    distance = ADULT_EYE_DISTANCE * frame.pose.scale
    return np.array(frame.center) - frame.side.x_sign * distance * frame.pose.matrix[:, 0]


def _may_show_both(scan: Grid) -> bool:
    """Return whether a scan is large enough along any axis to show two eyes."""
    return max(np.array(scan.shape[::-1]) * scan.spacing) >= _LEAST_WIDTH
