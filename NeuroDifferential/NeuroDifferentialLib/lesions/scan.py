"""A FLAIR scan, with or without T1, made ready: axes, size of voxels, registration, bias field, brain box."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.anatomy.alignment import align_rigidly
from NeuroDifferentialLib.anatomy.brain_mask import brain_mask
from NeuroDifferentialLib.anatomy.learned_parts import named_parts
from NeuroDifferentialLib.anatomy.priors import brain_priors
from NeuroDifferentialLib.anatomy.tissues import GREY, WHITE, BrainAnatomy, align_priors, placed_priors, segment_anatomy
from NeuroDifferentialLib.lesions.contrast import refuse_bright_fluid, refuse_ct, refuse_no_t1
from NeuroDifferentialLib.lesions.fit import LEAST_AGREEMENT, edge_agreement
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.checks import check_volume
from NeuroOrbitLib.imaging.geometry import Box, box_around, crop, reorient_to_ras, resample, restore_orientation
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.intensity import correct_bias_field
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Voxels are made no finer than this (mm).
FINEST = 0.7
_MARGIN_MM = 6.0
#: Brain where the morphological mask and the place say so: probabilities of being in the head's inside.
_INSIDE, _SURELY_OUTSIDE = 0.3, 0.05
_THICKEST_GAP_MM = 12.0
#: Coils change brightness over half a head. A field that bends within less takes confluent lesions for the coil's work
#: and halves their contrast.
_BIAS_LEVELS = 3
_SMALLEST_EXTENT_MM = 60.0
#: Ends of a scan along K, J, I in RAS axis order, and how much of the largest section of the brain may lie in one: few
#: thick slices may leave out the vertex.
_SIDES = (((_("lower end"), _("upper end")), 0.75), ((_("back"), _("front")), 0.3),
          ((_("left side"), _("right side")), 0.3))


@dataclass(frozen=True)
class PreparedScan:
    """What lesions are looked for in.

    :param flair: bias-corrected FLAIR in RAS axis order, cut to the brain, median of the brain 1.
    :param channels: FLAIR and, if there is one, T1, float32 (K, J, I).
    :param anatomy: tissues, and parts that are good enough to look for lesions by, but see :attr:`parts`.
    :param priors: (parts, K, J, I) probabilities by place. :param box: of the brain in the working grid.
    :param working: the grid that was cut. :param original: grid of the scan as it was loaded.
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
        """The part of every voxel, :class:`BrainPart` values, uint8 (K, J, I), as a network names them."""
        return named_parts(self.flair.array, self.spacing, self.priors)

    def on_original(self, array: np.ndarray, nearest: bool = True) -> np.ndarray:
        """Return a map of the brain's box (K, J, I) on the voxels of the scan as it was loaded."""
        whole = np.zeros(self.working.shape, dtype=array.dtype)
        whole[self.box.slices] = array
        oriented = reorient_to_ras(Image(np.zeros(self.original.shape, np.uint8), self.original.affine)).grid
        image = Image(whole, self.working.affine)
        if not self.working.same_as(oriented):
            image = resample(image, oriented, "nearest" if nearest else "linear")
        return restore_orientation(Image(image.array, oriented.affine), self.original).array


def prepare_scan(flair: Image, t1: Image | None = None, bias_levels: int = _BIAS_LEVELS) -> PreparedScan:
    """Make a FLAIR scan of any resolution and axis order ready, with or without the skull.

    :param t1: a T1 of the same visit on any grid; it is registered rigidly unless it lies on the FLAIR's grid.
    :param bias_levels: see :func:`~NeuroOrbitLib.imaging.intensity.correct_bias_field`.
    :raises Problem: for images that are no FLAIR of a brain.
    """
    flair = check_volume(flair)
    refuse_ct(flair, "FLAIR")
    original = flair.grid
    image = _working(reorient_to_ras(flair))
    _check_extent(image.grid)
    mask = brain_mask(image)
    _refuse_cut_brain(mask)
    box = box_around(mask).grown(tuple(int(np.ceil(_MARGIN_MM / step)) for step in image.spacing[::-1])
                                 ).inside(mask.shape)
    brain, mask = crop(image, box), mask[box.slices]
    brain = levelled(correct_bias_field(brain, mask, levels=bias_levels), mask)
    channels = [brain.array]
    if t1 is not None:
        aligned = _on(brain, t1, image.grid)
        _refuse_another_head(brain, aligned, mask)
        channels.append(levelled(correct_bias_field(aligned, mask, levels=bias_levels), mask).array)
    priors = placed_priors(brain_priors(), align_priors(brain_priors(), brain, mask), brain.grid)
    inside = 1.0 - priors[BrainPart.OUTSIDE]
    mask = (_grown(mask, brain.spacing[::-1]) & (inside > _INSIDE)) | (mask & (inside > _SURELY_OUTSIDE))
    anatomy = segment_anatomy(channels, priors, mask, brain.spacing[::-1])
    refuse_bright_fluid(anatomy.ventricle_level, float(anatomy.tissues[WHITE].mean[0]))
    if t1 is not None:
        refuse_no_t1(*(float(anatomy.tissues[tissue].mean[1]) for tissue in (WHITE, GREY)))
    return PreparedScan(brain, tuple(channels), anatomy, priors, box, image.grid, original)


def _working(image: Image) -> Image:
    """The image with no voxels finer than :data:`FINEST` mm."""
    steps = np.maximum(np.array(image.spacing), FINEST)
    if np.allclose(steps, image.spacing, atol=0.02):
        return image.with_array(image.array.astype(np.float32))
    factors = steps / np.array(image.spacing)
    count = np.maximum(np.ceil(np.array(image.array.shape[::-1]) / factors - 1e-6).astype(int), 1)
    affine = image.affine.copy()
    affine[:3, :3] = image.affine[:3, :3] * factors
    affine[:3, 3] = image.grid.ras_from_ijk((factors - 1) / 2)
    return resample(image, Grid(tuple(count[::-1]), affine), antialias=True)


def _on(flair: Image, t1: Image, whole: Grid) -> Image:
    """The T1 on the grid of the FLAIR's brain box."""
    t1 = check_volume(t1)
    refuse_ct(t1, "T1")
    t1 = reorient_to_ras(t1)
    if t1.grid.same_as(whole, 0.01):
        return resample(t1, flair.grid)
    return align_rigidly(flair, t1)


def _refuse_another_head(flair: Image, t1: Image, mask: np.ndarray) -> None:
    if edge_agreement(flair.array, t1.array, mask, flair.spacing[::-1]) < LEAST_AGREEMENT:
        raise Problem(_("The T1 does not fit the FLAIR: after registration the edges of the brain's tissues lie in "
                        "other places. Choose the T1 of the same patient and visit, or leave it out."))


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
    """A brain that fills the scan's first or last layer goes on beyond it; neck and vertex may."""
    for axis, (sides, most) in enumerate(_SIDES):
        area = np.count_nonzero(mask, axis=tuple({0, 1, 2} - {axis}))
        for side, last in zip(sides, (area[0], area[-1]), strict=True):
            if last > most * area.max():
                raise Problem(_("The brain is cut off at the scan's {side}: lesions beyond it would be missed and "
                                "shares of the brain's volume be wrong. Choose a FLAIR series that covers the whole "
                                "brain.").format(side=side))
