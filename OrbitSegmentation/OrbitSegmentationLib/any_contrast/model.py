"""A whole scan with the default model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence
from OrbitSegmentationLib.any_contrast.locate import Globe, find_globes
from OrbitSegmentationLib.any_contrast.network import AnyContrastNetwork
from OrbitSegmentationLib.any_contrast.on_scan import labels_on_grid
from OrbitSegmentationLib.any_contrast.segment import OrbitNetwork, SegmentedOrbit, refine_orbit, segment_orbit
from OrbitSegmentationLib.any_contrast.views import DEFAULT_VIEWS
from OrbitSegmentationLib.inference import FastNetwork
from OrbitSegmentationLib.postprocessing import clean_label_map


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
    orbits = find_orbits(image, network, is_ct, part(progress, 0.0, 0.4))
    fast = _fast(network.orbit)
    refined = []
    for number, orbit in enumerate(orbits):
        report = part(progress, *(0.4 + 0.5 * done / len(orbits) for done in (number, number + 1)))
        refined.append(refine_orbit(orbit, image, fast, is_ct, views, report))
    progress(0.9, "Drawing the outlines")
    labels, confidence = np.zeros(image.array.shape, dtype=np.uint8), ScanConfidence.of(image.grid)
    for orbit in refined:
        labels_on_grid(orbit, labels, image.grid, label_of_class, confidence)
    progress(0.95, "Cleaning the outlines")
    return SegmentedScan(Image(clean_label_map(labels), image.affine), tuple(refined), confidence)


def find_orbits(image: Image, network: AnyContrastNetwork, is_ct: bool,
                progress: Progress = silent) -> list[SegmentedOrbit]:
    """The orbits that a scan shows, right before left, each looked at once; arguments as :func:`segment_scan`.

    What the locator takes for globes counts only if the orbit network sees an orbit around it.
    """
    progress(0.0, "Looking for the eyes")
    candidates = find_globes(image, network.locator, is_ct)
    fast, best = _fast(network.orbit), []
    for number, globes in enumerate(candidates):
        if len(globes) <= len(best):
            break
        progress(0.4 + 0.6 * number / len(candidates), "Looking at the orbits")
        best = max(best, _look(globes, image, fast, is_ct), key=len)
    return best


def _look(globes: list[Globe], image: Image, network: OrbitNetwork, is_ct: bool) -> list[SegmentedOrbit]:
    """Those globes' orbits that are orbits; one alone has no other to tell its side by, and both sides are tried."""
    looks = [segment_orbit(image, globe.frame, network, is_ct) for globe in globes]
    orbits = [orbit for orbit in looks if orbit.is_orbit] if len(looks) == 2 else looks
    if len(orbits) == 1:
        orbits = [_surer_side(orbits[0], image, network, is_ct)]
    return [orbit for orbit in orbits if orbit.is_orbit]


def _surer_side(orbit: SegmentedOrbit, image: Image, network: OrbitNetwork, is_ct: bool) -> SegmentedOrbit:
    """A single eye has no other one to tell its side by: take the side whose anatomy is recognised more clearly."""
    other = segment_orbit(image, replace(orbit.frame, side=orbit.frame.side.other), network, is_ct)
    return max(orbit, other, key=lambda candidate: candidate.evidence)


def _fast(network: nn.Module) -> FastNetwork:
    return FastNetwork(network, next(network.parameters()).device)
