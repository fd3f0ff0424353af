"""A whole batch, from its source to its summary, for both the command line and the panel."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from NeuroOrbitLib.files.safe import STAGING_PREFIX
from NeuroOrbitLib.jobs.folders import claimed, keep_files_of_others, sweep
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import PLAN_NAME, PROBLEM, check_plan, forget, read_result, result_path, run_tasks
from NeuroOrbitLib.privacy import fingerprint
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.batch.cases import find_cases
from OrbitSegmentationLib.batch.summary import SUMMARY_NAMES, sentences_of_page, write_summary
from OrbitSegmentationLib.batch.work import MADE_FROM, MADE_NAMES, segment_case
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL, RULES_VERSION, require_orbits, segments_orbits


def run_batch(source: str, output: str, resume: bool = False, scheduler: str | None = None, model: str = DEFAULT_MODEL,
              device: str = "auto", views: int | None = None, model_folders: Sequence[str] = (),
              progress: Progress = silent) -> dict[str, Any]:
    """Segment and measure many scans; finished scans are kept if the run is interrupted.

    A resumed run repeats the scans that failed and those whose files were rewritten.

    :param source: folder or table of scans, see :func:`~OrbitSegmentationLib.batch.cases.find_cases`.
    :param output: folder of the results.
    :param resume: whether to continue a batch that was begun in this folder.
    :param scheduler: scheduler, as for :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param model, device, views, model_folders: as for :func:`OrbitSegmentationLib.pipeline.segment_file`.
    :param progress: receives the fraction done and a message.
    :return: ``scans``, ``failed`` and ``noticed`` (numbers; the latter of scans with notices), ``files`` (paths of the
        summary), and ``sentences`` of its page of pictures, which
        :func:`~OrbitSegmentationLib.batch.summary.write_overview` can write in another language.
    :raises Problem: if there are no scans, no such model or device, or the folder holds other files, another batch, a
        batch that was begun while ``resume`` is false, or one that another process works on.
    """
    from NeuroOrbitLib.models import choose_device, find_package

    folder = Path(output)
    if (folder / PLAN_NAME).exists() and not resume:
        raise Problem(_("{path} holds a batch that was begun. Go on with --resume, or choose another folder.").format(
            path=str(folder)))
    _check_apart(Path(source), folder)
    progress(0.0, _("Looking for scans"))
    cases = find_cases(Path(source))
    _check_place(folder, cases)
    package = find_package(model, model_folders, segments_orbits)
    require_orbits(package)
    if scheduler is None or scheduler.startswith("local:"):  # the machines of a cluster have cards of their own
        choose_device(device)
    plan = {"kind": "orbit batch", "scans": fingerprint(case.source for case in cases.values()), "count": len(cases),
            "model": model, "weights": package.sha256, "rules": RULES_VERSION, "views": views}
    work = partial(segment_case, model=model, device=device, views=views,
                   model_folders=tuple(model_folders))
    items = {name: {**asdict(case), MADE_FROM: case.fingerprint()} for name, case in cases.items()}
    with claimed(folder):
        check_plan(folder, plan)
        _sweep(folder)
        for name, item in items.items():
            if result_path(folder, name).exists() and not _is_done(item, folder / name):
                forget(folder, name)
        results = run_tasks(work, items, folder, plan, scheduler, progress, record_problems=True)
        files = write_summary(cases, results, folder)
    return {"scans": len(cases), "failed": sum(PROBLEM in result for result in results),
            "noticed": sum(bool(result.get("notices")) for result in results),
            "files": [str(path) for path in files], "sentences": sentences_of_page(cases, results)}


def _check_apart(source: Path, folder: Path) -> None:
    """Refuse an output folder among the scans, where results would be taken for scans when the batch continues."""
    if source.is_dir() and folder.resolve().is_relative_to(source.resolve()):
        raise Problem(_("The results would lie among the scans. Choose a folder outside of {path}.").format(
            path=str(source)))


def _check_place(folder: Path, cases: Iterable[str]) -> None:
    """Refuse a folder without a batch that holds files or folders with the names that a batch writes."""
    if not (folder / PLAN_NAME).exists():
        keep_files_of_others(folder, (*SUMMARY_NAMES, *cases))


def _is_done(item: Mapping[str, Any], folder: Path) -> bool:
    """Return whether the results of a case are complete and were made from its files as they are now.

    A failed case is not done, as the reason may have been a full disk or lack of memory.
    """
    result = read_result(folder.parent, folder.name)
    return (PROBLEM not in result and result.get(MADE_FROM) == item[MADE_FROM]
            and all((folder / name).is_file() for name in MADE_NAMES))


def _sweep(folder: Path) -> None:
    """Remove temporary folders of killed runs, both in this folder and in the system's temporary folder."""
    sweep(None)
    for path in folder.rglob(f"{STAGING_PREFIX}*") if folder.is_dir() else ():
        shutil.rmtree(path, ignore_errors=True)
