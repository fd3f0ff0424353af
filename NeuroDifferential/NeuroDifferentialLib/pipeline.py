"""From scans to lesions, their table and the criteria: the entry point of command line, panel and experiments."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from NeuroDifferentialLib.anatomy.learned_parts import parts_described
from NeuroDifferentialLib.criteria import CriteriaSet, all_criteria
from NeuroDifferentialLib.lesions.classical import ClassicalSettings
from NeuroDifferentialLib.lesions.inventory import CLASSICAL, DEFAULT_MODEL, described
from NeuroDifferentialLib.lesions.masks import check_numbered, check_share, faint_voxels, lesion_voxels
from NeuroDifferentialLib.lesions.models import lesion_finder
from NeuroDifferentialLib.lesions.scan import prepare_scan
from NeuroDifferentialLib.places.measuring import Lesion, measure_lesions
from NeuroDifferentialLib.places.regions import Region
from NeuroDifferentialLib.places.splitting import split_lesions
from NeuroDifferentialLib.t1 import read_t1
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.dicom.flair_series import read_flair
from NeuroOrbitLib.dicom.scans import read_one, read_with_notices
from NeuroOrbitLib.imaging.files import check_output, load_image, save_image
from NeuroOrbitLib.imaging.geometry import reorient_to_ras, restore_orientation, stored_as
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Parts that every anatomy of a brain contains.
_NEEDED = {BrainPart.OUTSIDE, BrainPart.WHITE_MATTER, BrainPart.CORTEX, BrainPart.LATERAL_VENTRICLE}

#: Largest number of lesions whose numbers a notice lists.
_MOST_NUMBERS = 10


@dataclass(frozen=True)
class LesionSegmentation:
    """The lesions found in a scan; all maps are on the grid of the FLAIR as loaded.

    :param lesions: lesion mask, uint8, 1 in lesions.
    :param belief: belief in a lesion, 0 to 1, float32.
    :param anatomy: parts of the brain, :class:`BrainPart` values, uint8.
    :param intracranial_ml: volume (ml) inside the skull.
    """

    lesions: Image
    belief: Image
    anatomy: Image
    intracranial_ml: float


@dataclass(frozen=True)
class LesionReport:
    """Measured lesions and their criteria.

    :param numbers: label map with the number of each lesion, int16, on the mask's grid.
    :param lesions: measured lesions, in the order of their numbers.
    :param criteria: published sets of criteria.
    :param intracranial_ml: volume (ml) inside the skull.
    """

    numbers: Image
    lesions: tuple[Lesion, ...]
    criteria: tuple[CriteriaSet, ...]
    intracranial_ml: float

    @property
    def volume_ml(self) -> float:
        """Volume (ml) of all lesions."""
        return sum(lesion.volume for lesion in self.lesions) / 1000.0

    @property
    def notices(self) -> tuple[str, ...]:
        """Notices for the user about the lesions."""
        outside = [lesion for lesion in self.lesions if lesion.outside > 0.5]
        if not outside:
            return ()
        numbers = _few([str(lesion.number) for lesion in outside])
        return (_("{count} of the lesions ({volume} ml) lie mostly outside the brain: numbers {numbers}. They count, "
                  "and are assigned to the nearest part of the brain. Check them, and the anatomy there.").format(
                      count=len(outside), volume=f"{sum(each.volume for each in outside) / 1000:.2f}",
                      numbers=numbers),)

    def region_map(self) -> Image:
        """Return a map of the lesions' regions, uint8: the position in :class:`Region`, from 1, or 0."""
        values = {region: value for value, region in enumerate(Region, start=1)}
        table = np.zeros(int(self.numbers.array.max()) + 1, np.uint8)
        for lesion in self.lesions:
            table[lesion.number] = values[lesion.region]
        return self.numbers.with_array(table[self.numbers.array])

    def as_dict(self) -> dict[str, Any]:
        """Return plain data: totals, the table, regions and criteria."""
        return {
            "lesion_count": len(self.lesions), "volume_ml": round(self.volume_ml, 3),
            "intracranial_ml": round(self.intracranial_ml, 1),
            "percent_of_intracranial": round(100 * self.volume_ml / self.intracranial_ml, 3),
            "regions": {region.value: _total(self.lesions, region) for region in Region},
            "lesions": [lesion.as_row() for lesion in self.lesions],
            "criteria": [each.as_dict() for each in self.criteria],
        }


def segment_lesions(flair: Image, t1: Image | None = None, settings: ClassicalSettings | None = None,
                    progress: Progress = silent, model: str | Path = DEFAULT_MODEL, threshold: float | None = None,
                    smallest_mm3: float | None = None, folders: Sequence[str] = ()) -> LesionSegmentation:
    """Return the white-matter lesions of a FLAIR, alone or with a T1 of the same visit.

    :param flair: FLAIR in any axis order.
    :param t1: T1 of the same visit, on any grid.
    :param settings: settings of the classical method, which is then used instead of ``model``.
    :param progress: receives the fraction done and a message.
    :param model: name or folder of a model, or ``classical``.
    :param threshold: see :func:`NeuroDifferentialLib.lesions.models.lesion_finder`.
    :param smallest_mm3: volume (mm3) below which lesions are dropped.
    :param folders: further folders with model packages.
    :raises Problem: for images in which lesions cannot be searched for, an unknown model, or an invalid option.
    """
    finder = lesion_finder(model, threshold, smallest_mm3, settings, folders)
    progress(0.05, _("Brain and tissues"))
    scan = prepare_scan(flair, t1)
    progress(0.7, _("Lesions"))
    found = finder(scan)
    progress(0.85, _("Parts of the brain"))
    parts, back = scan.parts, scan.on_original
    return LesionSegmentation(
        flair.with_array(back(found.mask.astype(np.uint8))), flair.with_array(back(found.belief, nearest=False)),
        flair.with_array(back(parts)),
        float(np.count_nonzero(parts != BrainPart.OUTSIDE) * scan.flair.grid.voxel_volume / 1000.0))


def measure(lesions: Image, anatomy: Image) -> LesionReport:
    """Return the lesions of a mask from any tool, split, measured and placed, and the criteria.

    :param lesions: lesion mask, see :func:`~NeuroDifferentialLib.lesions.masks.lesion_voxels`.
    :param anatomy: :class:`BrainPart` values on the same grid, in any axis order.
    :raises Problem: if the grids differ, the anatomy contains no brain, or the mask is no lesion mask.
    """
    anatomy = stored_as(anatomy, lesions.grid)
    if not lesions.grid.same_as(anatomy.grid, 0.01):
        raise Problem(_("The lesion mask and the anatomy lie on different grids. Use both files of one segmentation, "
                        "or resample the mask to the FLAIR."))
    parts = np.rint(anatomy.array)
    named = set(np.unique(parts).tolist())
    if np.abs(parts - anatomy.array).max() > 0.01 or not _NEEDED <= named <= set(BrainPart):
        raise Problem(_("This is not an anatomy file of 'segment': its values are not the parts of a brain. Write one "
                        "with 'segment FLAIR --anatomy FILE'."))
    mask = lesion_voxels(lesions)
    check_share(faint_voxels(lesions), parts != BrainPart.OUTSIDE)
    check_numbered(lesions)
    oriented = reorient_to_ras(lesions.with_array(mask))
    parts = reorient_to_ras(anatomy.with_array(parts.astype(np.uint8))).array
    numbers = split_lesions(oriented.array, oriented.spacing[::-1])
    measured = tuple(measure_lesions(numbers, parts, oriented.grid))
    inside = float(np.count_nonzero(parts != BrainPart.OUTSIDE) * oriented.grid.voxel_volume / 1000.0)
    return LesionReport(_numbers_as_loaded(numbers, oriented, lesions), measured, tuple(all_criteria(measured)), inside)


def segment_file(flair: str, output: str, t1: str | None = None, anatomy: str | None = None,
                 settings: ClassicalSettings | None = None, progress: Progress = silent,
                 model: str | Path = DEFAULT_MODEL, threshold: float | None = None, smallest_mm3: float | None = None
                 ) -> dict[str, Any]:
    """Segment a FLAIR file, write the lesions (and the anatomy), and return the report as plain data.

    :param flair: image file, or folder of a DICOM series or a study, whose FLAIR is used.
    :param output: file for the lesion mask, which is 1 in lesions and 0 elsewhere.
    :param t1: file of a T1 of the same visit.
    :param anatomy: file for the parts of the brain; None for none.
    :param settings: see :func:`segment_lesions`.
    :param progress: receives the fraction done and a message.
    :param model: see :func:`segment_lesions`.
    :param threshold: see :func:`segment_lesions`.
    :param smallest_mm3: see :func:`segment_lesions`.
    :raises Problem: when something cannot be read, used or written; nothing is written then.
    """
    started = time.monotonic()
    for path in (output, anatomy):
        if path:
            check_output(path, flair)
    if anatomy and Path(anatomy).resolve() == Path(output).resolve():
        raise Problem(_("Lesions and anatomy would be written to the same file. Choose another name for one of them."))
    scan, notices = read_with_notices(flair, read_flair)
    second, more = read_t1(t1)
    result = segment_lesions(scan, second, settings, progress, model, threshold, smallest_mm3)
    report = measure(result.lesions, result.anatomy)
    save_image(result.lesions, output)
    if anatomy:
        save_image(result.anatomy, anatomy)
    progress(1.0, _("Done"))
    return {"flair": str(flair), "t1": t1, "lesions_file": str(output), "anatomy_file": anatomy, **report.as_dict(),
            "model": described(CLASSICAL if settings else model), "anatomy_model": parts_described(),
            "notices": [*notices, *more, *report.notices],
            "seconds": round(time.monotonic() - started, 1)}


def measure_files(lesions: str, anatomy: str, numbers: str | None = None) -> dict[str, Any]:
    """Measure a lesion mask with the anatomy that ``segment`` wrote, and return the report as plain data.

    :param lesions: file of a lesion mask.
    :param anatomy: file of the parts of the brain, on the same grid.
    :param numbers: file for a label map with the number of each lesion, confluent ones split; None for none.
    :raises Problem: when a file cannot be read, used or written.
    """
    if numbers:
        check_output(numbers, lesions)
    (mask, notices), parts = read_one(lesions), load_image(anatomy)
    report = measure(mask, parts)
    if numbers:
        save_image(report.numbers, numbers)
    return {"lesions_file": str(lesions), "numbers_file": numbers, **report.as_dict(),
            "notices": [*notices, *report.notices]}


def _few(numbers: list[str]) -> str:
    return ", ".join(numbers if len(numbers) <= _MOST_NUMBERS else [*numbers[:_MOST_NUMBERS], "…"])


def _total(lesions: tuple[Lesion, ...], region: Region) -> dict[str, float]:
    own = [lesion.volume for lesion in lesions if lesion.region is region]
    return {"count": len(own), "volume_ml": round(sum(own) / 1000.0, 3)}


def _numbers_as_loaded(numbers: np.ndarray, oriented: Image, original: Image) -> Image:
    return restore_orientation(Image(numbers.astype(np.int16), oriented.affine), original.grid)
