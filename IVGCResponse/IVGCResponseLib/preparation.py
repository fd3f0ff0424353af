"""From a scan with its orbits to what the classifier sees: the box of the recti, z-scored, 32 x 128 x 128 voxels.

Zhang et al. 2026 crop the bounding box of all four recti of both orbits. The box of one group of muscles, and the box
of all with everything else masked, are offered beside it.
"""

from __future__ import annotations

import numpy as np

from IVGCResponseLib.muscle_groups import ALL_RECTI, values_of
from NeuroOrbitLib.anatomy.structures import RECTI, Side, label_value, structure
from NeuroOrbitLib.classifiers.prepared_image import PreparedImage
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.intensity import correct_bias_field
from NeuroOrbitLib.imaging.resampling import on_grid, resample
from NeuroOrbitLib.imaging.structure_box import coronal_box, masked, z_scores
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

SLICES, EDGE = 32, 128
#: What is added to the box of the muscles on every side (mm).
MARGIN = 2.0
BOX_OF_RECTI, BOX_OF_GROUP, MASKED = "four_recti", "group", "masked"
BOXES = (BOX_OF_RECTI, BOX_OF_GROUP, MASKED)
#: Voxels of a muscle below which it counts as missing.
FEWEST_VOXELS = 20


def require_recti(labels: Image) -> None:
    """Make sure that all recti of both orbits are segmented.

    :raises Problem: naming those that are missing.
    """
    missing = [f"{side.value} {structure(key).name}" for side in Side for key in RECTI
               if int((labels.array == label_value(key, side)).sum()) < FEWEST_VOXELS]
    if len(missing) == 2 * len(RECTI):
        raise Problem(_("No rectus muscle is segmented. Segment the orbits, or choose a scan that shows them."))
    if missing:
        raise Problem(_("The segmentation lacks the {missing}. The models look at the four recti of both orbits; "
                        "correct the segmentation, or choose a scan that shows both orbits.").format(missing=missing))


def box_grid(labels: Image, strategy: str = ALL_RECTI, box: str = BOX_OF_RECTI) -> Grid:
    """Return the grid of the classifier's image, along the axes of the scan.

    :param labels: label map with the recti, on any grid.
    :param strategy: a group of muscles, see :mod:`IVGCResponseLib.muscle_groups`.
    :param box: one of :data:`BOXES`.
    :raises Problem: for another box, or when muscles are missing.
    """
    if box not in BOXES:
        raise Problem(_("There is no box {box!r}. Choose one of {boxes}.").format(box=box, boxes=BOXES))
    group = strategy if box == BOX_OF_GROUP else ALL_RECTI
    found = coronal_box(labels, values_of(group), (SLICES, EDGE), MARGIN)
    if found is None:
        raise Problem(_("No rectus muscle is segmented. Segment the orbits, or choose a scan that shows them."))
    return found


def prepare(scan: Image, labels: Image, strategy: str = ALL_RECTI, box: str = BOX_OF_RECTI,
            corrected: Image | None = None, scale: tuple[float, float] | None = None) -> PreparedImage:
    """Return what the classifier sees: z-scores (32, 128, 128), slices backwards, rows downwards, columns leftwards.

    :param scan: grey values of the MRI.
    :param labels: label map of the orbits on any grid.
    :param strategy: the group of muscles of the box, or that is left by the mask.
    :param box: one of :data:`BOXES`.
    :param corrected: the scan after bias correction in the order of axes of :func:`reorient_to_ras`, if known.
    :param scale: mean and SD to take for the z-scores instead of the box's own.
    :raises Problem: when a rectus of either orbit is missing.
    """
    require_recti(labels)
    whole = correct_bias_field(reorient_to_ras(scan)) if corrected is None else corrected
    on_scan = on_grid(labels, whole.grid)
    grid = box_grid(labels, strategy, box)
    seen, here = resample(whole, grid, "linear", antialias=True), resample(labels, grid, "nearest")
    scored, scale = z_scores(seen.array, scale)
    if box == MASKED:
        scored = masked(scored, np.isin(here.array, values_of(strategy)))
    return PreparedImage(seen.with_array(scored), here.with_array(here.array.astype(np.uint8)), whole,
                    on_scan.with_array(on_scan.array.astype(np.uint8)), scale)
