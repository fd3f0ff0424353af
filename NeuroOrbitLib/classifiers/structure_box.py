"""Preparation of a classifier's input from a scan with its segmentation: the z-scored box of some structures.

Three boxes exist: that of all structures, that of one group, and that of all with everything outside a group masked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.groups import StructureGroups
from NeuroOrbitLib.anatomy.structures import Side, label_value, structure
from NeuroOrbitLib.classifiers.prepared_image import PreparedImage
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.intensity import correct_bias_field
from NeuroOrbitLib.imaging.resampling import on_grid, resample
from NeuroOrbitLib.imaging.structure_box import coronal_box, masked, z_scores
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

GROUP, MASKED = "group", "masked"


@dataclass(frozen=True)
class StructureBox:
    """Coronal slices over the box of structures of both sides.

    :param groups: groups of the structures, including the group of all of them.
    :param slices: number of slices.
    :param edge: number of rows and of columns.
    :param whole: name of the box of all structures, beside :data:`GROUP` and :data:`MASKED`.
    :param lacking: message for a segmentation in which some structures are missing, with the field ``missing``.
    :param nothing: message for a segmentation in which all structures are missing.
    :param margin: margin (mm) that is added to the box on every side.
    :param fewest: smallest number of voxels of a structure; with fewer it counts as missing.
    """

    groups: StructureGroups
    slices: int
    edge: int
    whole: str
    lacking: str
    nothing: str
    margin: float = 2.0
    fewest: int = 20

    @property
    def names(self) -> tuple[str, str, str]:
        """Names of the boxes."""
        return self.whole, GROUP, MASKED

    def require(self, labels: Image) -> None:
        """Refuse a segmentation in which a structure of either side is missing.

        :param labels: label map on any grid.
        :raises Problem: naming the missing structures.
        """
        keys = self.groups.keys
        missing = [_("{side} {structure}").format(side=side.word, structure=structure(key).name)
                   for side in Side for key in keys
                   if int((labels.array == label_value(key, side)).sum()) < self.fewest]
        if len(missing) == len(Side) * len(keys):
            raise Problem(self.nothing)
        if missing:
            raise Problem(self.lacking.format(missing=missing))

    def grid(self, labels: Image, group: str | None = None, box: str | None = None) -> Grid:
        """Return the grid of the classifier's image, along the axes of the scan.

        :param labels: label map with the structures, on any grid.
        :param group: name of a group of structures; all structures by default.
        :param box: one of :attr:`names`; the box of all structures by default.
        :raises Problem: for an unknown box, or when no structure is found.
        """
        if box not in (None, *self.names):
            raise Problem(_("There is no box {box!r}. Choose one of {boxes}.").format(box=box, boxes=self.names))
        values = self.groups.values_of(group or self.groups.whole) if box == GROUP else self._values
        found = coronal_box(labels, values, (self.slices, self.edge), self.margin)
        if found is None:
            raise Problem(self.nothing)
        return found

    def prepare(self, scan: Image, labels: Image, group: str | None = None, box: str | None = None,
                corrected: Image | None = None, scale: tuple[float, float] | None = None) -> PreparedImage:
        """Return the classifier's input: z-scores, slices backwards, rows downwards, columns leftwards.

        :param scan: grey values of the MRI.
        :param labels: label map on any grid.
        :param group: name of the group of the box or of the mask; all structures by default.
        :param box: one of :attr:`names`; the box of all structures by default.
        :param corrected: scan after bias correction, in the axis order of :func:`reorient_to_ras`, if it is known.
        :param scale: mean and SD for the z-scores; those of the box by default.
        :raises Problem: when a structure of either side is missing.
        """
        self.require(labels)
        whole = correct_bias_field(reorient_to_ras(scan)) if corrected is None else corrected
        on_scan = on_grid(labels, whole.grid)
        grid = self.grid(labels, group, box)
        seen, here = resample(whole, grid, "linear", antialias=True), resample(labels, grid, "nearest")
        scored, scale = z_scores(seen.array, scale)
        if box == MASKED:
            scored = masked(scored, np.isin(here.array, self.groups.values_of(group or self.groups.whole)))
        return PreparedImage(seen.with_array(scored), here.with_array(here.array.astype(np.uint8)), whole,
                             on_scan.with_array(on_scan.array.astype(np.uint8)), scale)

    @property
    def _values(self) -> tuple[int, ...]:
        return self.groups.values_of(self.groups.whole)
