"""Segmentation of a whole scan with the default model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.measurements.altered_eyes import darkest
from NeuroOrbitLib.models.inference import FastNetwork
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.any_contrast.blurred_face import blurred_face
from OrbitSegmentationLib.any_contrast.chiasm import find_chiasm
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence
from OrbitSegmentationLib.any_contrast.connected import connected_in_thick_slices
from OrbitSegmentationLib.any_contrast.doubt_map import DoubtMap
from OrbitSegmentationLib.any_contrast.empty_sockets import without_invented_eyes
from OrbitSegmentationLib.any_contrast.find_orbits import find_orbits, shows_other_eye
from OrbitSegmentationLib.any_contrast.muscle_or_fat import MuscleOrFat
from OrbitSegmentationLib.any_contrast.network import AnyContrastNetwork
from OrbitSegmentationLib.any_contrast.on_scan import WhatImageShows, chiasm_on_grid, is_structure, labels_on_grid
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit, refine_orbit
from OrbitSegmentationLib.any_contrast.views import DEFAULT_VIEWS
from OrbitSegmentationLib.impossible_places import emptiness, inside_eyes, taken_out
from OrbitSegmentationLib.muscle_pieces import PATHS, join_pieces
from OrbitSegmentationLib.postprocessing import clean_label_map


@dataclass(frozen=True)
class SegmentedScan:
    """The result of segmenting a scan.

    :param labels: label map on the scan's own grid.
    :param orbits: segmented orbits from which it was made, right before left.
    :param confidence: the network's confidence in each structure.
    :param blurred: sides on which the face was blurred to make it unrecognisable.
    :param impossible: number of voxels that were removed from each label because the image shows that the structure
        cannot be there, by label value; see :func:`~OrbitSegmentationLib.impossible_places.taken_out`.
    :param joined: number of interpolated voxels that were added to each label to join its pieces, by label value.
    :param doubt: probability in percent (0 to 100, uint8) that a voxel's label is wrong, in the box where it is not 0;
        see
        :class:`~OrbitSegmentationLib.any_contrast.doubt_map.DoubtMap`.
    :param without_eye: sides on which the scan shows fat instead of an eye.
    """

    labels: Image
    orbits: tuple[SegmentedOrbit, ...]
    confidence: ScanConfidence
    blurred: frozenset[Side] = frozenset()
    impossible: Mapping[int, int] = field(default_factory=dict)
    joined: Mapping[int, int] = field(default_factory=dict)
    doubt: Image | None = None
    without_eye: frozenset[Side] = frozenset()

    @property
    def side_is_unsure(self) -> bool:
        """Whether only anatomy tells the side of a lone orbit, as the scan is too narrow to show the other one."""
        return len(self.orbits) == 1 and not shows_other_eye(self.orbits[0].frame, self.labels.grid)


def segment_scan(image: Image, network: AnyContrastNetwork, is_ct: bool, label_of_class: Sequence[int],
                 progress: Progress = silent, views: int = DEFAULT_VIEWS) -> SegmentedScan:
    """Find and segment the orbits that a scan shows.

    :param image: a checked scan; CT in HU with its padding cleaned.
    :param network: networks of the default model.
    :param is_ct: whether the scan is a CT.
    :param label_of_class: right-eye label value of each class, 0 for classes that are not shown.
    :param views: number of slightly different views from which each orbit is segmented.
    """
    fast = FastNetwork(network.orbit, next(network.orbit.parameters()).device)
    orbits = find_orbits(image, network.locator, fast, is_ct, part(progress, 0.0, 0.4))
    refined = []
    for number, orbit in enumerate(orbits):
        report = part(progress, *(0.4 + 0.5 * done / len(orbits) for done in (number, number + 1)))
        refined.append(refine_orbit(orbit, image, fast, is_ct, views, report))
    progress(0.9, _("Drawing the outlines"))
    refined, without_eye = without_invented_eyes(refined, image, is_ct, darkest(image))
    labels, confidence = np.zeros(image.array.shape, dtype=np.uint8), ScanConfidence.of(image.grid)
    empty, blurred, doubt = emptiness(image, is_ct), set(), DoubtMap.of(image.array.shape)
    impossible = np.zeros(image.array.shape, dtype=bool)
    for orbit in refined:
        # A socket without an eye also has no edges in front.
        blur = None if orbit.frame.side in without_eye else blurred_face(image, orbit.frame, is_ct)
        blurred |= {orbit.frame.side} if blur else set()
        shown = WhatImageShows(image, is_ct, empty, blur, MuscleOrFat.of(orbit, image, is_ct))
        labels_on_grid(orbit, labels, image.grid, label_of_class, confidence, shown, impossible, doubt)
    if network.chiasm is not None and len(refined) == 2:
        behind = FastNetwork(network.chiasm, fast.device)
        chiasm = find_chiasm(image, [orbit.frame for orbit in refined], behind, is_ct)
        if chiasm is not None:
            chiasm_on_grid(chiasm, labels, image.grid, confidence, doubt)
    progress(0.95, _("Cleaning the outlines"))
    connected = connected_in_thick_slices(refined, image.grid, label_of_class)
    whole, joined = join_pieces(Image(labels, image.affine), impossible, connected)
    cleaned = Image(clean_label_map(whole.array, PATHS), image.affine)
    impossible &= ~inside_eyes(impossible, cleaned)
    # Last, so that a muscle that shares voxels with a thin bone does not fall into pieces there.
    lost = taken_out(cleaned, impossible)
    cleaned.array[impossible] = 0
    doubt.settle(is_structure(labels), is_structure(cleaned.array), impossible)
    return SegmentedScan(cleaned, tuple(refined), confidence, frozenset(blurred), lost, joined,
                         doubt.image(image.affine), without_eye)
