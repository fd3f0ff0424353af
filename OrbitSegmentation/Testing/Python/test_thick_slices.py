"""What the default model makes of thick slices: looked at as thin ones, and labelled by what fills most of a slice."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import resample
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence
from OrbitSegmentationLib.any_contrast.on_scan import WhatImageShows, labels_on_grid
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit, refine_orbit, segment_orbit
from OrbitSegmentationLib.orbit_frame import OrbitFrame

FRAME = OrbitFrame((32.0, 40.0, 5.0), Side.RIGHT)
RECTUS = LABEL_OF_CLASS.index(11)
FAT_HU, MUSCLE_HU = -100.0, 60.0


def sees_muscle(image: torch.Tensor) -> torch.Tensor:
    """An orbit network that takes for lateral rectus what is nearer to muscle than to fat."""
    logits = torch.full((1, CLASS_COUNT, *image.shape[2:]), -50.0)
    logits[:, RECTUS] = 40.0 * (image[:, 0] - ((FAT_HU + MUSCLE_HU) / 2 + 200.0) / 500.0)
    logits[:, 0] = -logits[:, RECTUS]
    return logits


def oblique_sheet(grid: Grid) -> Image:
    """A muscle of 3 mm that rises obliquely through fat, HU."""
    kji = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    local = grid.ras_from_ijk(kji[..., ::-1]) - FRAME.center
    muscle = np.abs(local[..., 2] - 0.4 * local[..., 1]) < 1.5
    return Image(np.where(muscle, MUSCLE_HU, FAT_HU).astype(np.float32), grid.affine)


def thick_slices(thin: Image, parts: int) -> Image:
    """The means of so many axial slices."""
    array = thin.array.reshape(-1, parts, *thin.array.shape[1:]).mean(axis=1)
    affine = thin.affine.copy()
    affine[:3, 3] += affine[:3, 2] * (parts - 1) / 2
    affine[:3, 2] *= parts
    return Image(array, affine)


@pytest.mark.parametrize("views", [1, 4])
def test_an_oblique_muscle_in_thick_slices_is_seen_as_in_thin_ones(views: int) -> None:
    affine = np.eye(4)
    affine[:3, 3] = np.array(FRAME.center) - 45
    thin = oblique_sheet(Grid((92, 92, 92), affine))
    thick = thick_slices(thin, 4)
    once = segment_orbit(thick, FRAME, sees_muscle, True)
    refined = refine_orbit(once, thick, sees_muscle, True, views)

    def dice(orbit: SegmentedOrbit) -> float:
        truth = resample(thin, orbit.grid, "nearest", FAT_HU).array == MUSCLE_HU
        found = orbit.classes == RECTUS
        return 2 * (truth & found).sum() / (truth.sum() + found.sum())

    assert dice(refined) > dice(once) + 0.1


def fills(share_from: float, share_to: float, is_ct: bool, chance: float = 1.0,
          confidence: ScanConfidence | None = None) -> np.ndarray:
    """The labels of three slices of 5 mm around a structure that fills these parts of the middle one by a chance."""
    affine = np.diag([2.0, 2.0, 5.0, 1.0])
    affine[:3, 3] = np.array(FRAME.center) - (4, 4, 5)
    grid = Grid((3, 5, 5), affine)
    probabilities = np.zeros((CLASS_COUNT, *FRAME.grid(1.0).shape), np.float32)
    kji = np.stack(np.meshgrid(*[np.arange(n) for n in probabilities.shape[1:]], indexing="ij"), axis=-1)
    height = FRAME.grid(1.0).ras_from_ijk(kji[..., ::-1])[..., 2] - FRAME.center[2]
    probabilities[RECTUS] = chance * ((height > 5 * share_from - 2.5) & (height < 5 * share_to - 2.5))
    probabilities[0] = 1 - probabilities[RECTUS]
    labels = np.zeros(grid.shape, np.uint8)
    image = Image(np.zeros(grid.shape, np.float32), affine)
    labels_on_grid(SegmentedOrbit(FRAME, probabilities, 1.0), labels, grid, LABEL_OF_CLASS,
                   confidence, WhatImageShows(image, is_ct, -2000.0))
    return labels[:, 2, 2]


@pytest.mark.parametrize(("part", "is_ct", "drawn"), [
    ((0.0, 0.4), False, False), ((0.0, 0.62), False, True), ((0.3, 0.7), False, False), ((0.3, 0.7), True, False),
    ((0.0, 1.0), False, True),
])
def test_a_thick_slice_shows_what_fills_most_of_it(part: tuple[float, float], is_ct: bool, drawn: bool) -> None:
    assert fills(*part, is_ct).tolist() == [0, 11 if drawn else 0, 0]


def test_in_thick_slices_of_ct_a_little_less_than_an_even_chance_is_enough() -> None:
    assert fills(-0.4, 1.4, True, chance=0.46)[1] == 11
    assert fills(-0.4, 1.4, True, chance=0.38)[1] == 0
    assert fills(-0.4, 1.4, False, chance=0.46)[1] == 0


@pytest.mark.parametrize(("chance", "expected"), [(1.0, 1.0), (0.7, 0.781), (0.5, 0.5)])
def test_a_share_of_a_thick_slice_makes_its_label_surer_than_a_probability_does(chance: float,
                                                                                 expected: float) -> None:
    confidence = ScanConfidence.of(Grid((3, 5, 5), np.diag([2.0, 2.0, 5.0, 1.0])))
    fills(-0.9, 1.9, True, chance, confidence)
    assert confidence.structures[11].by_slice[1] == pytest.approx(2 * expected / (1 + expected), abs=0.01)
