"""Which scan the labels of a case were drawn on, so that another scan of the same name is not taken for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Of the affine (mm): coarse enough for every file format, fine enough for the far corner of a large grid.
_DECIMALS = 6
_TOLERANCE_MM = 0.01


@dataclass(frozen=True)
class ScanFacts:
    """What tells a scan from other scans. Where it lies is not written down: paths may name patients.

    :param shape: number of voxels (K, J, I).
    :param affine: 4 rows, from voxel index (I, J, K, 1) to RAS mm.
    :param voxels: SHA-256 of the voxels as they were read; "" if nobody has noted it.
    """

    shape: tuple[int, ...]
    affine: tuple[tuple[float, ...], ...]
    voxels: str = ""

    @property
    def grid(self) -> Grid:
        """Where the voxels lie."""
        return Grid(self.shape, np.array(self.affine))


def facts_of(grid: Grid, voxels: str = "") -> ScanFacts:
    """What is written down of a scan, with the SHA-256 of its voxels."""
    return ScanFacts(grid.shape, _rows(grid), voxels)


def facts_from_json(content: Mapping[str, object] | None) -> ScanFacts | None:
    """What was written down; ``None`` if nothing was.

    :raises ValueError, KeyError, TypeError: if it makes no sense.
    """
    if content is None:
        return None
    grid = Grid(content["shape"], np.array(content["affine"]))
    return facts_of(grid, str(content.get("voxels", "")))


def check_same_scan(case: str, known: ScanFacts | None, grid: Grid) -> None:
    """Make sure that what was saved of a case belongs to the scan that is being opened; a moved file is the same scan.

    :raises Problem: saying what to do, if it was drawn on a scan whose voxels lie elsewhere.
    """
    if known is not None and not known.grid.same_as(grid, _TOLERANCE_MM):
        raise Problem(_("The folder for the annotations already holds {case} of another scan, whose voxels lie "
                        "elsewhere. Choose another folder in 'Save to', so that neither replaces the other.").format(
            case=case))


def other_voxels_notice(case: str, known: ScanFacts | None, voxels: str) -> str:
    """Return what the annotator should know where the scan on the same grid is not the one that was drawn on.

    Scans of many patients in one template's space share a grid; but a scan may also have been corrected or defaced.

    :param voxels: SHA-256 of the voxels of the scan that is being opened.
    :return: "" if it is the same, or if that is not known.
    """
    if known is None or not known.voxels or known.voxels == voxels:
        return ""
    return _("The labels of {case} were drawn on a scan with other voxels. If this one is of another patient, do not "
             "save: choose another folder in 'Save to' and open the case again. If it was only processed anew, check "
             "the labels.").format(case=case)


def _rows(grid: Grid) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in np.round(grid.affine, _DECIMALS).tolist())
