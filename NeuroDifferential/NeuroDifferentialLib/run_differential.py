"""The steps that the panel runs in the worker process: find lesions, estimate, explain, compare. Plain data only."""

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
from NeuroOrbitLib.models.card_failure import repeated_on_cpu
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroDifferentialLib.differential.patient import Patient


def find_lesions(scan: str, output: str, t1: str | None = None, model: str = LESION_MODEL,
                 model_folders: Sequence[str] = (), progress: Progress = silent) -> dict[str, Any]:
    """Find the lesions of a FLAIR and write them as image files.

    :param scan: file of the FLAIR.
    :param output: file for the regions of the lesions, see
        :meth:`~NeuroDifferentialLib.pipeline.LesionReport.region_map`; the parts of the brain are written beside it.
    :param t1: file of a T1 of the same visit.
    :param model: name of the model that finds lesions.
    :param model_folders: further folders with model packages.
    :param progress: receives the fraction done and a message.
    :return: ``labels`` and ``anatomy_file``, ``lesion_count``, ``model`` and ``anatomy_model`` (name, version, training
        data), ``notices``, ``versions``, ``seconds``.
    :raises Problem: when the scan is no FLAIR of a brain, or there is no such model.
    """
    from NeuroDifferentialLib.differential.patient import patient_of
    from NeuroDifferentialLib.differential.words import NO_LESIONS
    from NeuroDifferentialLib.t1 import read_t1
    from NeuroOrbitLib.imaging.files import save_image
    from NeuroOrbitLib.software import software_versions

    started = time.monotonic()
    progress(0.0, _("Reading the scan"))
    image, notes = read_checked(scan)
    second, more = read_t1(t1)
    patient = patient_of(image, second, progress=part(progress, 0.02, 0.95), model=model,
                         folders=model_folders)
    anatomy_file = Path(output).with_name("anatomy.nii")
    save_image(patient.report.region_map(), output)
    save_image(patient.anatomy, anatomy_file)
    notices = [*notes, *more, *patient.notices, *([] if patient.report.lesions else [NO_LESIONS])]
    return {"labels": str(output), "anatomy_file": str(anatomy_file), "lesion_count": len(patient.report.lesions),
            "model": described(model, model_folders), "anatomy_model": parts_described(), "notices": notices,
            "versions": software_versions(), "seconds": time.monotonic() - started}


@repeated_on_cpu
def classify_lesions(scan: str, output: str, lesions: str, anatomy: str, model: str, device: str = "auto",
                     model_folders: Sequence[str] = (), progress: Progress = silent) -> dict[str, Any]:
    """Return the measured lesions, as currently drawn, and the estimate of NMOSD against MS, as plain data.

    :param scan: file of the FLAIR.
    :param output: file for the lesion image.
    :param lesions: file of the lesion mask, on the scan's grid.
    :param anatomy: file of the parts of the brain that :func:`find_lesions` wrote.
    :param model: name of the model package that estimates, or its folder.
    :param device: "auto", "cpu" or "cuda".
    :param model_folders: further folders with model packages.
    :param progress: receives the fraction done and a message.
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


@repeated_on_cpu
def explain_lesions(scan: str, output: str, lesions: str, anatomy: str, model: str, device: str = "auto",
                    model_folders: Sequence[str] = (), progress: Progress = silent) -> dict[str, Any]:
    """Return the effect of each lesion on an answer as plain data; parameters as in :func:`classify_lesions`.

    :return: ``effects``, the largest change beyond the lesion's volume first; ``numbers_file``, a label map of the
        lesions' numbers on the scan's grid; ``heat_file``, Grad-CAM of networks, else None; and the provenance.
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
    """Return the changes of lesions between two visits, as plain data; lesions are found or taken as corrected.

    :param scan: file of the later visit's FLAIR.
    :param output: file for the map of changes on its grid, with
        :class:`~NeuroDifferentialLib.followup.changes.Fate` values. The earlier FLAIR, aligned, is written beside it.
    :param previous: file of the earlier visit's FLAIR.
    :param model: see :func:`find_lesions`.
    :param model_folders: see :func:`find_lesions`.
    :param lesions: file of the later visit's lesion mask, if it was corrected.
    :param previous_lesions: file of the earlier visit's lesion mask, if it was corrected.
    :param found: file of the later visit's lesions before correction, if it is known.
    :param previous_found: file of the earlier visit's lesions before correction, if it is known.
    :param progress: receives the fraction done and a message.
    :return: volumes with their noise, counts, ``lesions`` with places at the later visit, ``changes_file`` and
        ``earlier_file``, ``drawn_before`` and ``drawn_now`` (whether masks were given), ``notices``, ``versions``,
        ``seconds``.
    :raises Problem: when the scans do not show one head, are the same, or are no FLAIR of a brain.
    """
    from NeuroDifferentialLib.followup.compare import compare_visits, naming_visit, of_visits
    from NeuroDifferentialLib.followup.drawn import DrawnLesions
    from NeuroOrbitLib.imaging.files import load_image, save_image
    from NeuroOrbitLib.software import software_versions

    started = time.monotonic()
    progress(0.0, _("Reading the scans"))
    with naming_visit(0):
        earlier, more = read_checked(previous)
    with naming_visit(1):
        later, notes = read_checked(scan)
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
            "notices": [*of_visits(more, notes), *compared.notices],
            "versions": software_versions(),
            "model": described(model, model_folders), "seconds": time.monotonic() - started}


def _patient(scan: str, lesions: str, anatomy: str, progress: Progress) -> Patient:
    from NeuroDifferentialLib.differential.patient import patient_of
    from NeuroOrbitLib.imaging.files import load_image

    return patient_of(read_checked(scan)[0], None, load_image(lesions), load_image(anatomy), progress)
