"""What the panel lets the worker process do: find lesions, estimate NMOSD or MS, explain. Plain data in and out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroDifferentialLib.anatomy.learned_parts import parts_described
from NeuroDifferentialLib.differential.inventory import DIFFERENTIAL_MODEL
from NeuroDifferentialLib.lesions.inventory import DEFAULT_MODEL as LESION_MODEL
from NeuroDifferentialLib.lesions.inventory import described
from NeuroOrbitLib.classifiers.steps import provenance, read_checked
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroDifferentialLib.differential.patient import Patient


def find_lesions(scan: str, output: str, t1: str | None = None, model: str = LESION_MODEL,
                 model_folders: Sequence[str] = (), progress: Progress = silent) -> dict[str, Any]:
    """Find the lesions of a FLAIR.

    :param scan: file of the FLAIR. :param t1: file of a T1 of the same visit.
    :param output: where the regions of the lesions go, see
        :meth:`~NeuroDifferentialLib.pipeline.LesionReport.region_map`; the parts of the brain go beside it.
    :param model: what finds lesions, by name. :param model_folders: further folders with model packages.
    :return: ``labels`` and ``anatomy_file``, ``lesion_count``, ``model`` and ``anatomy_model`` (name, version, training
        data), ``notices``, ``versions``, ``seconds``.
    :raises Problem: when the scan is no FLAIR of a brain, or there is no such model.
    """
    from NeuroDifferentialLib.differential.patient import patient_of
    from NeuroDifferentialLib.differential.words import NO_LESIONS
    from NeuroOrbitLib.imaging.files import load_image, save_image
    from NeuroOrbitLib.software import software_versions

    started = time.monotonic()
    progress(0.0, _("Reading the scan"))
    image, notes = read_checked(scan)
    patient = patient_of(image, load_image(t1) if t1 else None, progress=part(progress, 0.02, 0.95), model=model,
                         folders=model_folders)
    anatomy_file = Path(output).with_name("anatomy.nii")
    save_image(patient.report.region_map(), output)
    save_image(patient.anatomy, anatomy_file)
    notices = [*notes, *patient.notices, *([] if patient.report.lesions else [NO_LESIONS])]
    return {"labels": str(output), "anatomy_file": str(anatomy_file), "lesion_count": len(patient.report.lesions),
            "model": described(model, model_folders), "anatomy_model": parts_described(), "notices": notices,
            "versions": software_versions(), "seconds": time.monotonic() - started}


def classify_lesions(scan: str, output: str, lesions: str, anatomy: str, model: str, device: str = "auto",
                     model_folders: Sequence[str] = (), progress: Progress = silent) -> dict[str, Any]:
    """Measure the lesions as they are drawn now and estimate NMOSD against MS.

    :param output: where the lesion image goes. :param lesions: mask on the scan's grid. :param anatomy: as
        :func:`find_lesions` wrote it.
    :return: :func:`~NeuroDifferentialLib.differential.answers.differential_data`, the report, ``seen_file``,
        ``model``, ``device``, ``versions``, ``seconds``.
    """
    from NeuroDifferentialLib.differential.answers import classify_patient, differential_data
    from NeuroOrbitLib.imaging.files import save_image

    started = time.monotonic()
    progress(0.0, _("Measuring the lesions"))
    package, choice = DIFFERENTIAL_MODEL.tools(model, model_folders, device)
    patient = _patient(scan, lesions, anatomy, part(progress, 0.0, 0.6))
    found = classify_patient(patient, package, choice.device)
    save_image(patient.lesions.image, output)
    return {**differential_data(found, package), **patient.report.as_dict(), "seen_file": str(output),
            **provenance(package, choice, started)}


def explain_lesions(scan: str, output: str, lesions: str, anatomy: str, model: str, device: str = "auto",
                    model_folders: Sequence[str] = (), progress: Progress = silent) -> dict[str, Any]:
    """Leave out every lesion in turn; parameters as for :func:`classify_lesions`.

    :return: ``effects``, the largest change beyond the lesion's volume first; ``numbers_file``, the number of each
        lesion on the scan's grid; ``heat_file``, Grad-CAM of networks, else None; and as for :func:`find_lesions`.
    """
    from NeuroDifferentialLib.differential.explanation import explain
    from NeuroOrbitLib.imaging.files import save_image

    started = time.monotonic()
    package, choice = DIFFERENTIAL_MODEL.tools(model, model_folders, device)
    patient = _patient(scan, lesions, anatomy, part(progress, 0.0, 0.3))
    found = explain(patient, package, choice.device, part(progress, 0.3, 1.0))
    numbers_file, heat_file = (str(Path(output).with_name(name)) for name in ("numbers.nii", "heat.nii"))
    save_image(patient.report.numbers, numbers_file)
    if found.heat is not None:
        save_image(found.heat, heat_file)
    regions = {lesion.number: lesion for lesion in patient.report.lesions}
    rows = [{**effect.as_data(), "region": regions[effect.number].region.value,
             "center": list(regions[effect.number].center)} for effect in found.effects]
    return {"effects": rows, "numbers_file": numbers_file, "heat_file": heat_file if found.heat is not None else None,
            **provenance(package, choice, started)}


def compare_lesions(scan: str, output: str, previous: str, model: str = LESION_MODEL,
                    model_folders: Sequence[str] = (), lesions: str | None = None,
                    previous_lesions: str | None = None, found: str | None = None,
                    previous_found: str | None = None, progress: Progress = silent) -> dict[str, Any]:
    """Find the lesions of two visits, or take those that were corrected, and say what became of each.

    :param scan: file of the later visit's FLAIR. :param output: where the map of what changed goes, on its grid:
        values of :class:`~NeuroDifferentialLib.followup.changes.Fate`. The earlier FLAIR, aligned, goes beside it.
    :param previous: file of the earlier visit's FLAIR. :param model, model_folders: as for :func:`find_lesions`.
    :param lesions, previous_lesions: files of the lesion masks of both visits, where they were corrected.
    :param found, previous_found: files of what had been found before, where that is known.
    :return: volumes with their noise, counts, ``lesions`` with places at the later visit, ``changes_file`` and
        ``earlier_file``, ``drawn_before`` and ``drawn_now`` (whether masks were given), ``notices``, ``versions``,
        ``seconds``.
    :raises Problem: when the scans do not show one head, are one and the same, or are no FLAIR of a brain.
    """
    from NeuroDifferentialLib.followup.compare import compare_visits
    from NeuroDifferentialLib.followup.drawn import DrawnLesions
    from NeuroOrbitLib.imaging.files import load_image, save_image
    from NeuroOrbitLib.software import software_versions

    started = time.monotonic()
    progress(0.0, _("Reading the scans"))
    (later, notes), (earlier, more) = read_checked(scan), read_checked(previous)
    drawn = tuple(DrawnLesions(load_image(mask), load_image(before) if before else None) if mask else None
                  for mask, before in ((previous_lesions, previous_found), (lesions, found)))
    compared = compare_visits(earlier, later, model, part(progress, 0.02, 0.95), model_folders, drawn)
    earlier_file = str(Path(output).with_name("earlier.nii"))
    save_image(later.with_array(compared.space.onto_second(compared.changes.map, later.grid)), output)
    save_image(later.with_array(compared.space.first_on_second(earlier, later.grid)), earlier_file)
    rows = [{**lesion.as_row(), "center": list(compared.space.place_at_second(lesion.center))}
            for lesion in compared.changes.lesions]
    return {**compared.changes.as_dict(), "lesions": rows, "changes_file": str(output), "earlier_file": earlier_file,
            "drawn_before": drawn[0] is not None, "drawn_now": drawn[1] is not None,
            "notices": [*notes, *(text for text in more if text not in notes), *compared.notices],
            "versions": software_versions(),
            "model": described(model, model_folders), "seconds": time.monotonic() - started}


def _patient(scan: str, lesions: str, anatomy: str, progress: Progress) -> Patient:
    from NeuroDifferentialLib.differential.patient import patient_of
    from NeuroOrbitLib.imaging.files import load_image

    return patient_of(read_checked(scan)[0], None, load_image(lesions), load_image(anatomy), progress)
