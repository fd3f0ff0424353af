"""Several prepared cohorts as one, e.g. those of several hospitals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import (
    FACTS_NAME,
    SYNTHETIC_CASES,
    Cohort,
    CohortCase,
    arrays_path,
    read_cohort,
    write_case_arrays,
    write_cohort,
)
from NeuroOrbitLib.classifiers.column_file import COLUMNS
from NeuroOrbitLib.files.checked_json import CHECKSUM
from NeuroOrbitLib.imaging.file_names import file_name_key, safe_file_name
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

JOINED = "joined"
#: Fact of every imported cohort: the name of its table, which does not affect how it was prepared.
_TABLE = "table"


def join_cohorts(folders: Sequence[Path], output: Path, may_differ: Collection[str] = (),
                 progress: Progress = silent) -> Cohort:
    """Write the cases of several cohorts into one folder; names of cases and patients are prefixed with the cohort's.

    Facts that all cohorts share are kept, as are the arrays that all of them have; the numbers of patients are added.

    :param folders: prepared cohorts whose folders have different names.
    :param output: folder of the joined cohort; it must not hold another cohort.
    :param may_differ: names of text facts that may differ between the cohorts; their values are joined.
    :param progress: receives the fraction done and a message.
    :raises Problem: when the cohorts do not fit together (other columns, arrays or settings), or a scan is in two of
        them.
    """
    cohorts = [read_cohort(folder) for folder in folders]
    names = [Path(folder).resolve().name for folder in folders]
    facts = {**_common_facts(cohorts, names, may_differ), JOINED: dict(zip(names, map(Cohort.fingerprint, cohorts),
                                                                          strict=True))}
    _check_fit(cohorts, names, Path(output), facts)
    _refuse_doubles(cohorts, names)
    cases: list[CohortCase] = []
    total, arrays = sum(map(len, cohorts)), _shared_arrays(cohorts)
    for name, cohort in zip(names, cohorts, strict=True):
        for case in cohort.cases:
            progress(len(cases) / total, _("Copying {case}").format(case=case.case))
            cases.append(replace(case, case=_joined_name(name, case.case), patient=_joined_name(name, case.patient)))
            if arrays:
                write_case_arrays(Path(output), cases[-1].case, {key: cohort.array(key, case) for key in arrays})
    return write_cohort(Path(output), cases, facts)


def _check_fit(cohorts: Sequence[Cohort], names: Sequence[str], output: Path, facts: dict[str, Any]) -> None:
    if len(cohorts) < 2 or len(set(names)) < len(names):
        raise Problem(_("Name two or more cohorts whose folders have different names."))
    if any(output.resolve() == cohort.folder.resolve() for cohort in cohorts):
        raise Problem(_("Write the joined cohort into a folder of its own."))
    if (output / FACTS_NAME).exists() and _facts_without_checksum(read_cohort(output)) != facts:
        raise Problem(_("{folder} holds another cohort. Choose an empty folder.").format(folder=output))
    shared = _shared_arrays(cohorts)
    for name, cohort in zip(names[1:], cohorts[1:], strict=True):
        if _shape(cohort, shared) != _shape(cohorts[0], shared):
            raise Problem(_("{first} and {second} do not fit together: other columns or images. Prepare them by the "
                            "same version with the same settings.").format(first=names[0], second=name))


def _joined_name(cohort: str, name: str) -> str:
    return f"{cohort}-{name}"


def _refuse_doubles(cohorts: Sequence[Cohort], names: Sequence[str]) -> None:
    """Refuse cohorts in which a case would replace another, or a scan occurs twice and could leak between parts."""
    arrays = _shared_arrays(cohorts)
    places: set[str] = set()
    scans: dict[str, str] = {}
    for name, cohort in zip(names, cohorts, strict=True):
        for case in cohort.names:
            joined = _joined_name(name, case)
            place = file_name_key(safe_file_name(joined))
            if place in places:
                raise Problem(_("Two cases of these cohorts would have the same name, {case}. Rename one of the "
                                "folders.").format(case=joined))
            places.add(place)
            other = scans.setdefault(cohort.digest(case, arrays), joined) if arrays else joined
            if other != joined:
                raise Problem(_("{first} and {second} are the same scan. Keep it in one cohort.").format(
                    first=other, second=joined))


def _shared_arrays(cohorts: Sequence[Cohort]) -> list[str]:
    """Return the names of the arrays that the first case of every cohort has; none if a cohort has numbers only."""
    return sorted(set.intersection(*(set(_arrays(cohort)) for cohort in cohorts)))


def _shape(cohort: Cohort, shared: Sequence[str]) -> tuple[list[str], bool, list[tuple[int, ...]]]:
    """Return columns, whether arrays exist as in the other cohorts, and the first case's shapes of shared arrays."""
    arrays = _arrays(cohort)
    return cohort.columns, bool(arrays) == bool(shared), [arrays[name] for name in shared]


def _arrays(cohort: Cohort) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array of the first case, by name."""
    if not cohort.has_images or not len(cohort):
        return {}
    with np.load(arrays_path(cohort.folder, cohort.names[0])) as file:
        return {name: file[name].shape for name in file}


def _facts_without_checksum(cohort: Cohort) -> dict[str, Any]:
    return {name: value for name, value in cohort.facts.items() if name != CHECKSUM}


def _common_facts(cohorts: Sequence[Cohort], names: Sequence[str], may_differ: Collection[str]) -> dict[str, Any]:
    if any(each.facts.get(COLUMNS) != cohorts[0].facts.get(COLUMNS) for each in cohorts):
        raise Problem(_("The cohorts do not fit together: they were prepared with different lists of features. Prepare "
                        "them with the same one."))
    first = _facts_without_checksum(cohorts[0])
    facts = {key: value for key, value in first.items() if all(each.facts.get(key) == value for each in cohorts)}
    for key, value in first.items():
        values = [str(each.facts.get(key)) for each in cohorts]
        if key in (*may_differ, _TABLE):
            facts[key] = " and ".join(dict.fromkeys(values))
        elif isinstance(value, str) and key not in facts:
            raise Problem(_("The cohorts do not fit together: {key} is {values}.").format(
                key=key, values=", ".join(f"{own} in {name}" for own, name in zip(values, names, strict=True))))
    drawn, total = sum(each.synthetic_cases for each in cohorts), sum(map(len, cohorts))
    mixed = {SYNTHETIC_CASES: drawn} if 0 < drawn < total else {}
    return {**facts, **mixed, "synthetic": drawn == total,
            "patients": sum(len(set(each.patients)) for each in cohorts)}
