"""Facts that identify the scan of a case, so that another scan with the same name is not mistaken for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Decimals kept of the affine (mm), coarse enough for every file format, fine enough for the far corner of a large
#: grid.
_DECIMALS = 6
_TOLERANCE_MM = 0.01


@dataclass(frozen=True)
class ScanFacts:
    """Facts that identify a scan, without its path, as paths may name patients.

    :param shape: number of voxels (K, J, I).
    :param affine: four rows of the matrix from voxel index (I, J, K, 1) to RAS (mm).
    :param voxels: SHA-256 of the voxels as they were read; "" if it was not recorded.
    """

    shape: tuple[int, ...]
    affine: tuple[tuple[float, ...], ...]
    voxels: str = ""

    @property
    def grid(self) -> Grid:
        """Grid of the scan's voxels."""
        return Grid(self.shape, np.array(self.affine))


def facts_of(grid: Grid, voxels: str = "") -> ScanFacts:
    """Return the facts of a scan with this grid and this SHA-256 of its voxels ("" if unknown)."""
    return ScanFacts(grid.shape, _rows(grid), voxels)


def facts_from_json(content: Mapping[str, object] | None) -> ScanFacts | None:
    """Return the facts from the content of a state file; ``None`` if there are none.

    :raises ValueError, KeyError, TypeError: if the content is not valid.
    """
    if content is None:
        return None
    grid = Grid(content["shape"], np.array(content["affine"]))
    return facts_of(grid, str(content.get("voxels", "")))


def check_same_scan(case: str, known: ScanFacts | None, grid: Grid) -> None:
    """Refuse to open a case on a scan with another grid than the one it was drawn on; moved files are accepted.

    :param case: name of the case.
    :param known: facts of the scan that the case was drawn on; ``None`` if they are unknown, which is accepted.
    :param grid: grid of the scan that is being opened.
    :raises Problem: if the grids differ; the message says what to do.
    """
    if known is not None and not known.grid.same_as(grid, _TOLERANCE_MM):
        raise Problem(_("The folder for the annotations already holds {case} of another scan, whose voxels lie "
                        "elsewhere. Choose another folder in 'Save to', so that neither replaces the other.").format(
            case=case))


def other_voxels_notice(case: str, known: ScanFacts | None, voxels: str) -> str:
    """Return a notice if the scan has the grid, but not the voxels, of the scan that the labels were drawn on.

    Scans of many patients in the space of one template share a grid; but a scan may also have been corrected or
    defaced.

    :param case: name of the case.
    :param known: facts of the scan that the labels were drawn on; ``None`` if unknown.
    :param voxels: SHA-256 of the voxels of the scan that is being opened.
    :return: the notice; "" if the voxels are the same, or those of the earlier scan are unknown.
    """
    if known is None or not known.voxels or known.voxels == voxels:
        return ""
    return _("The labels of {case} were drawn on a scan with other voxels. If this one is of another patient, do not "
             "save: choose another folder in 'Save to' and open the case again. If it was only processed anew, check "
             "the labels.").format(case=case)


def _rows(grid: Grid) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in np.round(grid.affine, _DECIMALS).tolist())
