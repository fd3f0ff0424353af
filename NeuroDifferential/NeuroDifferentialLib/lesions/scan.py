"""Preparation of a FLAIR scan, with or without T1: axes, voxel size, registration, bias field, brain box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.anatomy.alignment import align_rigidly
from NeuroDifferentialLib.anatomy.brain_mask import brain_mask
from NeuroDifferentialLib.anatomy.learned_parts import named_parts
from NeuroDifferentialLib.anatomy.priors import brain_priors
from NeuroDifferentialLib.anatomy.tissues import GREY, WHITE, BrainAnatomy, align_priors, placed_priors, segment_anatomy
from NeuroDifferentialLib.lesions.contrast import refuse_bright_fluid, refuse_ct, refuse_cut, refuse_no_t1
from NeuroDifferentialLib.lesions.fit import LEAST_AGREEMENT, edge_agreement
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.checks import check_grey_values, check_volume
from NeuroOrbitLib.imaging.geometry import (
    Box,
    box_around,
    crop,
    reorient_to_ras,
    resample,
    restore_orientation,
    without_header_noise,
)
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.intensity import correct_bias_field, without_offset
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Smallest voxel size (mm) of the prepared scan.
FINEST = 0.7
_MARGIN_MM = 6.0
#: Probability of being inside the head from which on voxels beside, and in, the morphological mask count as brain.
_INSIDE, _SURELY_OUTSIDE = 0.3, 0.05
_THICKEST_GAP_MM = 12.0
#: Distance (mm) of the middles of FLAIR and T1 from which on the T1 is also searched for with both in one place.
_FAR_MM = 10.0
#: Levels of the bias field. Coils change the brightness over half a head; a field that varies over less mistakes
#: confluent lesions for such a change and halves their contrast.
_BIAS_LEVELS = 3
_SMALLEST_EXTENT_MM = 60.0
#: Ends of a scan along K, J, I in RAS axis order, and largest share of the brain's largest section that may be in the
#: last layer: few thick slices may leave out the vertex.
_SIDES = (((_("lower end"), _("upper end")), 0.75), ((_("back"), _("front")), 0.3),
          ((_("left side"), _("right side")), 0.3))


@dataclass(frozen=True)
class PreparedScan:
    """A scan prepared for the search for lesions.

    :param flair: bias-corrected FLAIR in RAS axis order, cropped to the brain, with a median of 1 in the brain.
    :param channels: FLAIR and, if there is one, T1, float32 (K, J, I).
    :param anatomy: tissues, and parts of the brain that suffice for the search for lesions; see also :attr:`parts`.
    :param priors: prior probabilities of the parts, (parts, K, J, I).
    :param box: box of the brain in the working grid.
    :param working: grid before it was cropped to the box.
    :param original: grid of the scan as loaded.
    """

    flair: Image
    channels: tuple[np.ndarray, ...]
    anatomy: BrainAnatomy
    priors: np.ndarray
    box: Box
    working: Grid
    original: Grid

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel size along K, J, I (mm)."""
        return self.flair.spacing[::-1]

    @cached_property
    def parts(self) -> np.ndarray:
        """Part of every voxel according to a network, :class:`BrainPart` values, uint8 (K, J, I)."""
        return named_parts(self.flair.array, self.spacing, self.priors)

    def on_original(self, array: np.ndarray, nearest: bool = True) -> np.ndarray:
        """Return a map of the brain's box (K, J, I) on the grid of the scan as loaded.

        :param array: map on the grid of the box.
        :param nearest: whether to interpolate by the nearest voxel instead of linearly.
        """
        whole = np.zeros(self.working.shape, dtype=array.dtype)
        whole[self.box.slices] = array
        oriented = reorient_to_ras(Image(np.zeros(self.original.shape, np.uint8), self.original.affine)).grid
        steady, image = Grid(oriented.shape, without_header_noise(oriented.affine)), Image(whole, self.working.affine)
        if not self.working.same_as(steady):
            image = resample(image, steady, "nearest" if nearest else "linear")
        return restore_orientation(Image(image.array, oriented.affine), self.original).array


def prepare_scan(flair: Image, t1: Image | None = None, bias_levels: int = _BIAS_LEVELS) -> PreparedScan:
    """Return a prepared FLAIR scan of any resolution and axis order, with or without the skull.

    :param flair: FLAIR as loaded.
    :param t1: T1 of the same visit on any grid; it is registered rigidly unless it is on the FLAIR's grid and fits.
    :param bias_levels: see :func:`~NeuroOrbitLib.imaging.intensity.correct_bias_field`.
    :raises Problem: for an image that is no FLAIR of a whole brain, or a T1 that does not fit it.
    """
    flair = check_grey_values(check_volume(flair))
    refuse_ct(flair, "FLAIR")
    refuse_cut(flair)
    original = flair.grid
    image = _working(_steady(without_offset(flair)))
    _check_extent(image.grid)
    mask = brain_mask(image)
    _refuse_cut_brain(mask)
    box = box_around(mask).grown(tuple(int(np.ceil(_MARGIN_MM / step)) for step in image.spacing[::-1])
                                 ).inside(mask.shape)
    brain, mask = crop(image, box), mask[box.slices]
    brain = levelled(correct_bias_field(brain, mask, levels=bias_levels), mask)
    channels = [brain.array]
    if t1 is not None:
        aligned = _fitting(brain, t1, image.grid, mask)
        channels.append(levelled(correct_bias_field(aligned, mask, levels=bias_levels), mask).array)
    priors = placed_priors(brain_priors(), align_priors(brain_priors(), brain, mask), brain.grid)
    inside = 1.0 - priors[BrainPart.OUTSIDE]
    mask = (_grown(mask, brain.spacing[::-1]) & (inside > _INSIDE)) | (mask & (inside > _SURELY_OUTSIDE))
    anatomy = segment_anatomy(channels, priors, mask, brain.spacing[::-1])
    refuse_bright_fluid(anatomy.ventricle_level, float(anatomy.tissues[WHITE].mean[0]))
    if t1 is not None:
        refuse_no_t1(*(float(anatomy.tissues[tissue].mean[1]) for tissue in (WHITE, GREY)))
    return PreparedScan(brain, tuple(channels), anatomy, priors, box, image.grid, original)


def _steady(image: Image) -> Image:
    """Return an image in RAS axis order whose copies in files of other axis orders give the same result."""
    oriented = reorient_to_ras(image)
    return Image(oriented.array, without_header_noise(oriented.affine))


def _working(image: Image) -> Image:
    """Return the image with voxels of at least :data:`FINEST` mm."""
    steps = np.maximum(np.array(image.spacing), FINEST)
    if np.allclose(steps, image.spacing, atol=0.02):
        return image.with_array(image.array.astype(np.float32))
    factors = steps / np.array(image.spacing)
    count = np.maximum(np.ceil(np.array(image.array.shape[::-1]) / factors - 1e-6).astype(int), 1)
    affine = image.affine.copy()
    affine[:3, :3] = image.affine[:3, :3] * factors
    affine[:3, 3] = image.grid.ras_from_ijk((factors - 1) / 2)
    return resample(image, Grid(tuple(count[::-1]), affine), antialias=True)


def _fitting(flair: Image, t1: Image, whole: Grid, mask: np.ndarray) -> Image:
    """Return the T1 on the grid of the FLAIR's brain box, where it shows the same head.

    :param flair: FLAIR, cropped to the brain.
    :param t1: T1 as loaded.
    :param whole: grid of the FLAIR before it was cropped.
    :param mask: brain, bool (K, J, I).
    :raises Problem: if the T1 is of another head.
    """
    t1 = check_grey_values(check_volume(t1))
    refuse_ct(t1, "T1")
    for placed in _placements(flair, _steady(without_offset(t1)), whole):
        if edge_agreement(flair.array, placed.array, mask, flair.spacing[::-1]) >= LEAST_AGREEMENT:
            return placed
    raise Problem(_("The T1 does not fit the FLAIR: after registration the edges of the brain's tissues lie in "
                    "other places. Choose the T1 of the same patient and visit, or leave it out."))


def _placements(flair: Image, t1: Image, whole: Grid) -> Iterator[Image]:
    """Yield the T1 on the grid of the FLAIR's brain box: as it lies, if both have one grid, then registered.

    The head may have moved between two sequences of one grid, and a program may have given the T1 another origin.
    """
    if t1.grid.same_as(whole, 0.01):
        yield resample(t1, flair.grid)
    apart = t1.grid.center - whole.center
    for start in (np.zeros(3), apart)[: 1 + (np.linalg.norm(apart) > _FAR_MM)]:
        try:
            registered = align_rigidly(flair, t1, start)
        except RuntimeError:  # they do not overlap there
            continue
        yield registered


def levelled(image: Image, mask: np.ndarray) -> Image:
    """Return the image in multiples of its median inside the mask."""
    middle = float(np.median(image.array[mask]))
    return image.with_array((image.array / max(middle, 1e-6)).astype(np.float32))


def _grown(mask: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    flat = np.zeros((3, 3, 3), bool)
    flat[1] = ndimage.generate_binary_structure(2, 1)
    return ndimage.binary_dilation(mask, flat if spacing[0] > 2 else None)


def _check_extent(grid: Grid) -> None:
    extent = np.array(grid.shape[::-1]) * np.array(grid.spacing)
    if min(extent) < _SMALLEST_EXTENT_MM:
        raise Problem(_("The scan covers only {min:.0f} mm in one direction: too little of a brain. Choose a FLAIR "
                        "series that covers the whole brain.").format(min=min(extent)))
    if max(grid.spacing) > _THICKEST_GAP_MM:
        raise Problem(_("The slices are {max:.0f} mm apart: lesions between them would be missed. Choose a FLAIR "
                        "whose slices are at most {thickest_gap_mm:.0f} mm apart.").format(
            max=max(grid.spacing), thickest_gap_mm=_THICKEST_GAP_MM))


def _refuse_cut_brain(mask: np.ndarray) -> None:
    """Refuse a brain that extends beyond the scan, filling its first or last layer more than neck and vertex do."""
    for axis, (sides, most) in enumerate(_SIDES):
        area = np.count_nonzero(mask, axis=tuple({0, 1, 2} - {axis}))
        for side, last in zip(sides, (area[0], area[-1]), strict=True):
            if last > most * area.max():
                raise Problem(_("The brain is cut off at the scan's {side}: lesions beyond it would be missed and "
                                "shares of the brain's volume be wrong. Choose a FLAIR series that covers the whole "
                                "brain.").format(side=side))
