"""Export of the lesions of a FLAIR to the patient's study: a DICOM segmentation by region, and their measures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroDifferentialLib.dicom.content import LESIONS, lesion_groups
from NeuroDifferentialLib.lesions.contrast import CT_WORDS, check_flair
from NeuroDifferentialLib.lesions.fit import fit_notices
from NeuroDifferentialLib.lesions.masks import mask_on
from NeuroDifferentialLib.pipeline import measure
from NeuroOrbitLib.dicom.beside_series import checked_series, source_of, write_beside
from NeuroOrbitLib.dicom.export import MEASUREMENTS_NAME, REPORT_NAME, SEGMENTATION_NAME
from NeuroOrbitLib.dicom.flair_series import flair_headers
from NeuroOrbitLib.dicom.series import only_series
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.dicom.headers import Header


def export_lesions(series: str, lesions: str, anatomy: str, output: str, report: str | None = None,
                   observer: str = "", model: Mapping[str, str] | None = None, corrected: bool = False,
                   pseudonym: str | None = None, scan: str | None = None, replace: bool = False,
                   progress: Progress = silent) -> dict[str, Any]:
    """Measure and place lesions, and write them to a folder as DICOM files: all of them, or none if a part is missing.

    :param series: folder of the FLAIR's series, or of a study, whose FLAIR is used.
    :param lesions: file of the lesion mask on the FLAIR's grid.
    :param anatomy: file of the parts of the brain that ``segment`` wrote.
    :param output: folder to write to.
    :param report: PDF file to include; None for none.
    :param observer: name of the person responsible for the lesions.
    :param model: ``name`` and ``version`` of the model that found the lesions; None if they were drawn.
    :param corrected: whether the observer has corrected them.
    :param pseudonym: name under which everything is written de-identified, with a copy of the images; None to keep
        the identity.
    :param scan: file of the FLAIR in which the lesions were found, if it may be another one than the series.
    :param replace: whether the user agreed to replacing files that are no earlier export of the series.
    :param progress: receives the fraction done and a message.
    :return: ``files`` (paths), ``segments`` and ``measures`` (number of each), ``lesions`` (number) and ``notices``.
    :raises Problem: listing what is missing or does not fit; nothing has been written then.
    """
    from NeuroOrbitLib.dicom.derived import report_object
    from NeuroOrbitLib.dicom.measurement_report import measurement_report
    from NeuroOrbitLib.dicom.segmentation import segmentation_of

    notices: list[str] = []
    volume = checked_series(series, pseudonym, report, scan, progress, lambda folder: _flair_of(folder, notices),
                            output)
    mask, parts = (mask_on(load_image(path), volume.image, name)
                   for path, name in ((lesions, _("lesion mask")), (anatomy, _("anatomy"))))
    check_flair(volume.image, parts)
    progress(0.3, _("Measuring the lesions"))
    found = measure(mask, parts)
    if not found.lesions:
        raise Problem(_("There are no lesions: there is nothing to write into a DICOM segmentation."))
    source = source_of(found.region_map(), volume, pseudonym)
    progress(0.6, _("Writing the DICOM files"))
    segmentation = segmentation_of(list(source.images), source.labels, observer, model, corrected, LESIONS)
    groups = lesion_groups(found, str(segmentation.SOPInstanceUID))
    objects = {SEGMENTATION_NAME: segmentation, MEASUREMENTS_NAME: measurement_report(
        source.images, segmentation, groups, observer, model, LESIONS)}
    if report is not None:
        objects[REPORT_NAME] = report_object(source.images[0], Path(report).read_bytes(), "Brain lesion report",
                                             LESIONS)
    return {"files": write_beside(source, objects, output, replace), "segments": len(segmentation.SegmentSequence),
            "measures": sum(len(group.measures) for group in groups), "lesions": len(found.lesions),
            "notices": [*notices, *volume.notices, *fit_notices(volume.image, mask, parts), *found.notices]}


def _flair_of(folder: Path, notices: list[str]) -> list[Header]:
    """Return the files of a folder's only series, or of the FLAIR of a study; the choice is added to the notices.

    :raises Problem: if it is a CT.
    """
    headers, why = flair_headers(folder)
    notices.extend(filter(None, [why]))
    headers = headers or only_series(folder)
    if headers[0].text("Modality") == "CT":  # found by modality, as grey values may have been changed
        raise Problem(CT_WORDS.format(name="FLAIR"))
    return headers
