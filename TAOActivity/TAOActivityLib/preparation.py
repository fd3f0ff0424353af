"""Preparation of a scan with its orbits for the classifier: bias field, z-score, optic nerve plane, crop.

Lin et al. 2021 cropped by hand to 164 x 164 pixels and used five axial slices around the optic nerve; here the crop is
placed by the segmented eyes and optic nerves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.boxes import box_around, crop
from NeuroOrbitLib.imaging.geometry import grid_around, reorient_to_ras
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.intensity import correct_bias_field, foreground, z_score
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.measurements.signal_ratio import SignalRatios, measure_ratios
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

SLICES = 5
STORED, SEEN = 164, 128
#: Pixel size (mm) of a crop with both orbits and of one with a single orbit.
PIXEL_BOTH, PIXEL_ONE = 0.8, 0.45
#: Distance (mm) of the crop's middle behind the centres of the eyeballs.
BEHIND_EYES = 12.0
USUAL_STEP = 3.27
#: Slice steps (mm) that are used unchanged, and the largest one: thinner slices are averaged, thicker ones used with a
#: warning or, above the largest step, not at all.
STEP_RANGE, LARGEST_STEP = (2.5, 3.8), 5.0
REGIONS = ("both", "right", "left")


def sides_of(region: str) -> tuple[Side, ...]:
    """Return the sides whose orbits a crop of a region shows."""
    return tuple(Side) if region == "both" else (Side(region),)


@dataclass(frozen=True)
class Crop:
    """The place of the crop in the patient.

    :param grid: grid of 5 x 164 x 164 voxels: slices upwards, rows backwards, columns to the patient's left (to the
        right for a left orbit, which is thereby seen as a right one).
    :param region: one of :data:`REGIONS`.
    :param notices: notices for the user.
    """

    grid: Grid
    region: str
    notices: tuple[str, ...] = ()

    def moved(self, right_mm: float = 0.0, back_mm: float = 0.0, slices: int = 0) -> Crop:
        """Return the crop moved along its columns and rows (mm) and by whole slices upwards, as the user dragged it."""
        steps = np.array([right_mm, back_mm, slices * self.grid.spacing[2]]) / np.array(self.grid.spacing)
        affine = self.grid.affine.copy()
        affine[:3, 3] += affine[:3, :3] @ steps
        return replace(self, grid=Grid(self.grid.shape, affine))


@dataclass(frozen=True)
class Prepared:
    """The input of the classifier for one scan.

    :param image: z-scored grey values, float32 (5, 164, 164), at their place in the patient.
    :param labels: label map on the same grid, uint8.
    :param corrected: grey values after bias correction on the same grid, for signal ratios, which need unscaled values.
    :param crop: place of the crop.
    """

    image: Image
    labels: Image
    corrected: Image
    crop: Crop

    def signal_ratios(self) -> SignalRatios:
        """Return the signals of the recti and of the reference tissues within the crop, which cohorts store.

        Of a muscle that leaves the five slices, as the superior and inferior rectus do, only a part is measured, and
        the bias correction of the network's input takes away contrast of tissues in few slices; an answer therefore
        carries :func:`~NeuroOrbitLib.measurements.scan_ratios.scan_ratios` of another correction.
        """
        grid = self.crop.grid
        right, back, up = (grid.affine[:3, :3] / np.array(grid.spacing)).T
        return measure_ratios(self.corrected, self.labels, np.stack([right * np.sign(right[0]), -back, up]))


def place_crop(scan: Grid, labels: Image, region: str = "both") -> Crop:
    """Return the crop on the optic nerve plane, placed by the segmented orbits.

    :param scan: grid of the scan; its slices are kept if they are about 3 mm apart.
    :param labels: label map with eyeballs and optic nerves, on any grid.
    :param region: one of :data:`REGIONS`.
    :raises Problem: when the slices are not axial, too thick, or the eyes or nerves of the region are missing.
    """
    if region not in REGIONS:
        raise Problem(_("There is no region {region!r}. Choose {regions}.").format(region=region, regions=REGIONS))
    sides = sides_of(region)
    eyes, nerves = (np.array([_centroid(labels, key, side) for side in sides]) for key in ("eyeball", "optic_nerve"))
    axes, step, notices = slice_axes(scan)
    middle, plane = eyes.mean(axis=0), nerves.mean(axis=0)
    if region == "left":
        axes = axes * np.array([-1.0, 1.0, 1.0])
    up = axes[:, 2]
    center = middle + BEHIND_EYES * axes[:, 1]
    center += up * (_nearest_slice(scan, plane, up, step) - center @ up)
    pixel = PIXEL_BOTH if region == "both" else PIXEL_ONE
    grid = grid_around(center, (STORED * pixel, STORED * pixel, SLICES * step), (pixel, pixel, step), axes)
    return Crop(grid, region, tuple(notices + _coverage(scan, grid)))


def slice_axes(scan: Grid) -> tuple[np.ndarray, float, list[str]]:
    """Return the directions of the crop's columns, rows and slices (columns of a matrix (3, 3)), step (mm) and notices.

    :raises Problem: when slices are too thick, or not axial although they are thick.
    """
    spacing = np.array(scan.spacing)
    directions = scan.affine[:3, :3] / spacing
    thick = int(np.argmax(spacing))
    if spacing[thick] <= 1.6 or spacing[thick] < 1.3 * np.sort(spacing)[1]:
        return np.diag([-1.0, -1.0, 1.0]), USUAL_STEP, []
    normal = directions[:, thick] * np.sign(directions[2, thick] or 1.0)
    if normal[2] < np.cos(np.radians(30)):
        raise Problem(_("The slices of this scan are not axial. Choose an axial fat-suppressed T2 series."))
    step = float(spacing[thick])
    if step > LARGEST_STEP:
        raise Problem(_("The slices are {step:.1f} mm apart; the classifier needs about 3 mm. Choose a series with "
                        "thinner slices.").format(step=step))
    notices = []
    if step > STEP_RANGE[1]:
        notices = [_("The slices are {step:.1f} mm apart instead of about 3 mm: the result is less certain.").format(
            step=step)]
    back = np.array([0.0, -1.0, 0.0]) + normal * normal[1]
    back /= np.linalg.norm(back)
    return np.stack([np.cross(back, normal), back, normal], axis=1), step if step >= STEP_RANGE[0] else USUAL_STEP, \
        notices


def bias_corrected(scan: Image) -> Image:
    """Return an MRI after bias field correction, in the axis order right, front, up.

    The fixed axis order makes the result independent of how the voxels were stored.
    """
    return correct_bias_field(reorient_to_ras(scan))


def prepare(scan: Image, labels: Image, crop: Crop, corrected: Image | None = None) -> Prepared:
    """Return the classifier's input for a crop.

    :param scan: grey values of the MRI.
    :param labels: label map on any grid.
    :param crop: place of the crop.
    :param corrected: answer of :func:`bias_corrected`, if known; ``None`` to compute it.
    """
    whole = bias_corrected(scan) if corrected is None else corrected
    seen = resample(whole, crop.grid, "linear", antialias=True)
    body = foreground(seen.array)
    here = resample(labels, crop.grid, "nearest")
    image = seen.with_array(z_score(seen.array, body))
    return Prepared(image, here.with_array(here.array.astype(np.uint8)), seen, crop)


def _centroid(labels: Image, key: str, side: Side) -> np.ndarray:
    mask = labels.array == label_value(key, side)
    box = box_around(mask)
    if box is None:
        raise Problem(_("The {side} {replace} is not in the segmentation. Choose the other eye only, or segment "
                        "it.").format(side=side.value, replace=key.replace("_", " ")))
    part = crop(Image(mask, labels.affine), box)
    index = np.argwhere(part.array).mean(axis=0)[::-1]
    return part.grid.ras_from_ijk(index)


def _nearest_slice(scan: Grid, plane: np.ndarray, up: np.ndarray, step: float) -> float:
    """Return the height (mm along ``up``) of the slice nearest to ``plane`` where the crop's slices are the scan's."""
    thick = int(np.argmax(scan.spacing))
    if abs(scan.spacing[thick] - step) > 1e-3:
        return float(plane @ up)
    count = scan.shape[2 - thick]
    index = round(float(scan.ijk_from_ras(plane)[thick]))
    inside = min(max(index, SLICES // 2), max(count - 1 - SLICES // 2, SLICES // 2))
    at = scan.ijk_from_ras(plane)
    at[thick] = inside
    return float(scan.ras_from_ijk(at) @ up)


def _coverage(scan: Grid, grid: Grid) -> list[str]:
    """Return a notice if the scan does not cover the whole height of the crop."""
    middle = (np.array(grid.shape[::-1]) - 1) / 2
    ends = [scan.ijk_from_ras(grid.ras_from_ijk(np.array([*middle[:2], k]))) for k in (0, grid.shape[0] - 1)]
    outside = any(np.any(end < -0.6) or np.any(end > np.array(scan.shape[::-1]) - 0.4) for end in ends)
    return [_("The scan does not reach over all five slices about the optic nerves.")] if outside else []
