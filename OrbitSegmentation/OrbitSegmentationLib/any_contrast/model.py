"""A whole scan with the default model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from torch import nn

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.models.inference import FastNetwork
from OrbitSegmentationLib.any_contrast.chiasm import find_chiasm
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence
from OrbitSegmentationLib.any_contrast.locate import are_a_pair, find_globes
from OrbitSegmentationLib.any_contrast.network import AnyContrastNetwork
from OrbitSegmentationLib.any_contrast.on_scan import chiasm_on_grid, labels_on_grid
from OrbitSegmentationLib.any_contrast.segment import OrbitNetwork, SegmentedOrbit, refine_orbit, segment_orbit
from OrbitSegmentationLib.any_contrast.views import DEFAULT_VIEWS
from OrbitSegmentationLib.orbit_frame import OrbitFrame
from OrbitSegmentationLib.postprocessing import clean_label_map

#: So many times clearer the other side must be than the one that a lone eye's place in a scan speaks for that is wide
#: enough to show both.
OTHER_SIDE_MARGIN = 1.5
#: From eye to eye, mm.
_EYE_DISTANCE = 64.0


@dataclass(frozen=True)
class SegmentedScan:
    """The label map of a scan on its own grid, and the orbits it was made from (right before left)."""

    labels: Image
    orbits: tuple[SegmentedOrbit, ...]
    confidence: ScanConfidence


def segment_scan(image: Image, network: AnyContrastNetwork, is_ct: bool, label_of_class: Sequence[int],
                 progress: Progress = silent, views: int = DEFAULT_VIEWS) -> SegmentedScan:
    """Find and segment whichever orbits a scan shows.

    :param image: a checked scan; CT in HU with its padding cleaned.
    :param label_of_class: right-eye label value of each class, 0 for what is not shown.
    :param views: from how many slightly different views each orbit is segmented.
    """
    fast = FastNetwork(network.orbit, next(network.orbit.parameters()).device)
    orbits = find_orbits(image, network.locator, fast, is_ct, part(progress, 0.0, 0.4))
    refined = []
    for number, orbit in enumerate(orbits):
        report = part(progress, *(0.4 + 0.5 * done / len(orbits) for done in (number, number + 1)))
        refined.append(refine_orbit(orbit, image, fast, is_ct, views, report))
    progress(0.9, "Drawing the outlines")
    labels, confidence = np.zeros(image.array.shape, dtype=np.uint8), ScanConfidence.of(image.grid)
    for orbit in refined:
        labels_on_grid(orbit, labels, image.grid, label_of_class, confidence, image.array if is_ct else None)
    if network.chiasm is not None and len(refined) == 2:
        behind = FastNetwork(network.chiasm, fast.device)
        chiasm = find_chiasm(image, [orbit.frame for orbit in refined], behind, is_ct)
        if chiasm is not None:
            chiasm_on_grid(chiasm, labels, image.grid, confidence)
    progress(0.95, "Cleaning the outlines")
    return SegmentedScan(Image(clean_label_map(labels), image.affine), tuple(refined), confidence)


def find_orbits(image: Image, locator: nn.Module, network: OrbitNetwork, is_ct: bool,
                progress: Progress = silent) -> list[SegmentedOrbit]:
    """The orbits that a scan shows, right before left, each looked at once.

    What the locator takes for globes counts only if the orbit network sees an orbit around it.

    :param locator, network: the two networks of the default model; other arguments as :func:`segment_scan`.
    """
    progress(0.0, "Looking for the eyes")
    candidates = find_globes(image, locator, is_ct)
    # Candidates share globes: each is looked at once.
    look, best = cache(lambda frame: segment_orbit(image, frame, network, is_ct)), []
    for number, frames in enumerate(candidates):
        if len(frames) <= len(best):
            break
        progress(0.4 + 0.6 * number / len(candidates), "Looking at the orbits")
        best = max(best, orbits_at(frames, look, image.grid), key=len)
    return with_partner(best[0], look, image.grid) if len(best) == 1 else best


def orbits_at(frames: list[OrbitFrame], look: Callable[[OrbitFrame], SegmentedOrbit],
              scan: Grid) -> list[SegmentedOrbit]:
    """Those globes' orbits that are orbits; one alone has no other to tell its side by, and both sides are tried.

    :param look: segments the orbit at a place. :param scan: the grid of the whole scan.
    """
    looks = [look(frame) for frame in frames]
    orbits = [orbit for orbit in looks if orbit.is_orbit] if len(looks) == 2 else looks
    if len(orbits) == 1:
        orbits = [_surer_side(orbits[0], look, scan)]
    return [orbit for orbit in orbits if orbit.is_orbit]


def with_partner(orbit: SegmentedOrbit, look: Callable[[OrbitFrame], SegmentedOrbit],
                 scan: Grid) -> list[SegmentedOrbit]:
    """A lone orbit, and the other one of the head if it is where it should be although the locator did not see it.

    :return: right before left; arguments as for :func:`orbits_at`.
    """
    place = _other_eye(orbit.frame)
    if not _contains(scan, place):
        return [orbit]
    other = look(OrbitFrame(tuple(place.tolist()), orbit.frame.side.other))
    if not other.is_orbit or not are_a_pair(np.subtract(other.frame.center, orbit.frame.center)):
        return [orbit]
    return [orbit, other] if orbit.frame.side is Side.RIGHT else [other, orbit]


def _surer_side(orbit: SegmentedOrbit, look: Callable[[OrbitFrame], SegmentedOrbit], scan: Grid) -> SegmentedOrbit:
    """The other side of a lone eye, where its anatomy is recognised better than on the side of its place.

    Clearly better where the scan would show the other eye, too. In a narrow one, whose middle may be anywhere in a
    turned head, the place says nothing.
    """
    frame = orbit.frame
    other = look(replace(frame, side=frame.side.other))
    is_wide = _contains(scan, _other_eye(frame))
    return other if other.evidence > (OTHER_SIDE_MARGIN if is_wide else 1.0) * orbit.evidence else orbit


def _other_eye(frame: OrbitFrame) -> np.ndarray:
    """Where the other eye of an upright head is (RAS mm)."""
    return np.array(frame.center) - (frame.side.x_sign * _EYE_DISTANCE, 0.0, 0.0)


def _contains(scan: Grid, place: np.ndarray) -> bool:
    ijk = scan.ijk_from_ras(place)
    return bool(((ijk >= 0) & (ijk <= np.array(scan.shape[::-1]) - 1)).all())
