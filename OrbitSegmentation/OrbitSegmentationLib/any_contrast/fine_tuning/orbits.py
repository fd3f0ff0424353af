"""The orbits of a user's cohort as training samples of the default model's orbit network."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroOrbitLib.anatomy.structures import Side, mirror_label_array
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.resampling import resample_labels
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.scanner.randomised_image import scale_for_network
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.cohorts import LabelledCase
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS, class_table
from OrbitSegmentationLib.any_contrast.fine_tuning.losses import possible_classes
from OrbitSegmentationLib.any_contrast.sampling import scan_on_grid
from OrbitSegmentationLib.any_contrast.segment import SPACING
from OrbitSegmentationLib.any_contrast.training.label_bank import BANK_HIGH, BANK_LOW
from OrbitSegmentationLib.any_contrast.training.orbit_samples import BOX_SHAPE, OrbitSamples
from OrbitSegmentationLib.any_contrast.training.poses import (
    PoseSpread,
    anatomy_points,
    pick_nearest,
    random_bend,
    random_linear,
)
from OrbitSegmentationLib.orbit_frame import BOX_LOW, OrbitFrame
from OrbitSegmentationLib.paper_networks.preprocessing import eye_centers
from OrbitSegmentationLib.paper_networks.training.samples import is_stored, mark_stored, state_of_files
from OrbitSegmentationLib.pipeline import prepare_scan

#: Voxel size (mm) of stored orbits: finer than that of the network, as turning them reduces sharpness.
STORED_SPACING = 0.8
#: Smaller than in the training of the default model, since real orbits already differ from each other.
_SPREAD = PoseSpread(rotation_degrees=(6.0, 3.0, 4.0), scale=0.08, single_axis_scale=0.02, shear=0.02, shift_mm=2.0,
                     bend_mm=0.8)
_GAMMA_SD, _MOST_NOISE = 0.15, 0.04


class CohortOrbits:
    """Orbits stored by :func:`store_orbits`; every draw has another pose and slightly different grey values.

    :param cases: cases whose orbits are used.
    :param folder: folder of the stored orbits.
    """

    def __init__(self, cases: Sequence[LabelledCase], folder: Path) -> None:
        self.stems = [stem for case in cases for stem in _stems(folder / case.name)]

    def __len__(self) -> int:
        return len(self.stems)

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return image (1, K, J, I) and target (K, J, I), see :func:`~.losses.possible_classes`, of a varied orbit."""
        linear, bend = random_linear(_SPREAD, random), random_bend(_SPREAD, random)
        image, target = self._at(index, linear, np.clip(random.normal(0, _SPREAD.shift_mm, 3), -5, 5), bend)
        return _varied(image, random)[None], target

    def plain(self, index: int) -> tuple[Tensor, Tensor]:
        """Return image and target of an orbit without variation, as :meth:`sample`."""
        image, target = self._at(index, np.eye(3), np.zeros(3), None)
        return image[None], target

    def _at(self, index: int, linear: np.ndarray, shift: np.ndarray, bend: Tensor | None) -> tuple[Tensor, Tensor]:
        stem = self.stems[index]
        voxels, target = (torch.from_numpy(np.load(f"{stem}_{what}.npy")) for what in ("image", "target"))
        points = anatomy_points(np.array(BOX_LOW), BOX_SHAPE, SPACING, linear, shift, bend)
        image = scale_for_network(_interpolated(voxels, points), Path(f"{stem}_is_ct").exists())
        return image, pick_nearest(target, np.array(BANK_LOW), STORED_SPACING, points).long()


class MixedSamples:
    """A cohort's orbits mixed with the synthetic ones that the model has learned from.

    :param orbits: orbits of the cohort.
    :param synthetic: samples of the default model's own training; None for none.
    :param share: share of synthetic samples, from 0 to less than 1.
    """

    def __init__(self, orbits: CohortOrbits, synthetic: OrbitSamples | None, share: float) -> None:
        self.orbits, self.synthetic = orbits, synthetic
        self.extra = round(share / (1 - share) * len(orbits)) if synthetic else 0

    def __len__(self) -> int:
        return len(self.orbits) + self.extra

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return image and target of an orbit of the cohort or, for a larger index, of a random synthetic one."""
        if index < len(self.orbits):
            return self.orbits.sample(index, random)
        return self.synthetic.sample(int(random.integers(len(self.synthetic))), random)


def store_orbits(cases: Sequence[LabelledCase], folder: Path, progress: Progress = silent) -> None:
    """Cut the orbits out of the scans and store them in ``folder``, unless they are stored and their files unchanged.

    :raises Problem: if a case has no eyeball or cannot be read; the message names it.
    """
    for number, case in enumerate(cases):
        progress(number / len(cases), f"Preparing {case.name}")
        if not is_stored(case, folder / case.name):
            _store(case, folder / case.name)


def _store(case: LabelledCase, folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    state, labels = state_of_files(case), reorient_to_ras(case.load_labels())
    scan, is_ct = prepare_scan(load_image(case.image))
    centers = eye_centers(labels)
    if not centers:
        raise Problem(f"{case.name}: no eyeball is labelled, which says where each orbit is. Label it first.")
    for side, center in centers.items():
        drawn = set(np.unique(mirror_label_array(labels.array) if side is Side.LEFT else labels.array).tolist())
        labelled = [number for number, value in enumerate(LABEL_OF_CLASS) if value in drawn and number]
        grid = OrbitFrame(tuple(center), side).grid(STORED_SPACING, BANK_LOW, BANK_HIGH)
        stem = folder / side.value
        np.save(f"{stem}_image.npy", scan_on_grid(scan, grid, is_ct).astype(np.float32))
        values = resample_labels(labels, grid).array
        values = mirror_label_array(values) if side is Side.LEFT else values
        np.save(f"{stem}_target.npy", possible_classes(_classes(values), labelled))
        if is_ct:
            Path(f"{stem}_is_ct").touch()
    mark_stored(folder, state)


def _classes(values: np.ndarray) -> np.ndarray:
    """Return the classes of right-eye label values; labels of the other orbit and the chiasm become background."""
    table = np.zeros(256, dtype=np.uint8)
    table[:len(class_table())] = class_table()
    return table[values]


def _stems(folder: Path) -> list[Path]:
    return [folder / side.value for side in Side if (folder / f"{side.value}_image.npy").exists()]


def _interpolated(voxels: Tensor, points: Tensor) -> Tensor:
    """Return interpolated values of a stored box (K, J, I) at points (..., 3; x y z mm); edges are repeated."""
    low = torch.tensor(BANK_LOW, dtype=torch.float32)
    extent = STORED_SPACING * torch.tensor(voxels.shape[::-1], dtype=torch.float32)
    places = 2 * (points - low) / extent - 1
    return functional.grid_sample(voxels[None, None], places[None], "bilinear", "border", align_corners=False)[0, 0]


def _varied(image: Tensor, random: np.random.Generator) -> Tensor:
    """Return an image (0 to 1) with a random change of contrast and some noise."""
    noise = torch.from_numpy(random.normal(0, _MOST_NOISE * random.random(), image.shape).astype(np.float32))
    return (image ** float(np.exp(random.normal(0, _GAMMA_SD))) + noise).clamp(0.0, 1.0)
