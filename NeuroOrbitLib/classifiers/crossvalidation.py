"""Repeated cross-validation by patient: resumable, on this machine or on a Dask cluster."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.files.safe import write_text
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.folds import check_no_leak, patient_folds

if TYPE_CHECKING:
    from distributed import Client

RESULT_NAME = "result.json"
PLAN_NAME = "plan.json"


@dataclass(frozen=True)
class Fold:
    """One training of a repeated cross-validation.

    :param repeat: number of the repeat, from 1.
    :param number: number of the fold, from 1.
    :param train: positions of the cases to learn from.
    :param held_out: positions of the cases to judge on.
    :param seed: of everything random in this training.
    """

    repeat: int
    number: int
    train: tuple[int, ...]
    held_out: tuple[int, ...]
    seed: int

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"repeat-{self.repeat}/fold-{self.number}"


#: Trains and judges one fold in a folder of its own; must be importable by workers and return plain data. It may be
#: called again after an interruption and finds what it left there.
FoldJob = Callable[[Fold, Path, Progress], dict[str, Any]]


def repeated_folds(patients: Sequence[str], labels: Sequence[int], folds: int, repeats: int, seed: int = 0,
                   by_patient: bool = True) -> list[Fold]:
    """The folds of every repeat; each repeat deals the patients out anew.

    :param by_patient: False splits cases as if each were a patient of its own. That leaks; it exists to show by how
        much, and for nothing else.
    """
    groups = list(patients) if by_patient else [str(place) for place in range(len(patients))]
    found = []
    for repeat in range(1, repeats + 1):
        splits = patient_folds(groups, folds, seed + repeat - 1, labels)
        for number, split in enumerate(splits, start=1):
            check_no_leak([groups[i] for i in split.train], [groups[i] for i in split.held_out])
            found.append(Fold(repeat, number, split.train, split.held_out, 1000 * (seed + repeat) + number))
    return found


def run_folds(job: FoldJob, folds: Sequence[Fold], folder: Path, plan: Mapping[str, Any],
              scheduler: str | None = None, progress: Progress = silent) -> list[dict[str, Any]]:
    """Run every fold that is not done yet; the results of all, in the order of ``folds``.

    :param folder: each fold has a folder below it; a cluster's workers must see it under the same path.
    :param plan: plain data that says what is being computed; a folder with another plan is refused.
    :param scheduler: None computes here, one fold after the other; ``local:N`` on N processes of this machine;
        anything else is the address of a Dask scheduler.
    :raises Problem: when the folder holds another cross-validation, or the scheduler cannot be reached.
    """
    folder = Path(folder).resolve()
    check_plan(folder, plan)
    waiting = [fold for fold in folds if not (folder / fold.name / RESULT_NAME).exists()]
    done = len(folds) - len(waiting)
    if scheduler is None:
        for number, fold in enumerate(waiting, start=done):
            run_fold(job, fold, folder, part(progress, number / len(folds), (number + 1) / len(folds)))
    else:
        with dask_client(scheduler) as client:
            _run_on_cluster(client, job, waiting, folder, part(progress, done / len(folds), 1.0))
    return [json.loads((folder / fold.name / RESULT_NAME).read_text(encoding="utf-8")) for fold in folds]


def run_fold(job: FoldJob, fold: Fold, folder: Path, progress: Progress = silent) -> None:
    """Run one fold and write its result as a whole."""
    place = folder / fold.name
    place.mkdir(parents=True, exist_ok=True)
    result = job(fold, place, progress)
    write_text(place / RESULT_NAME, json.dumps(result))


def check_plan(folder: Path, plan: Mapping[str, Any]) -> None:
    """Write the plan into the folder, or make sure that it holds the same one.

    :raises Problem: when it holds another.
    """
    path, text = folder / PLAN_NAME, json.dumps(plan, indent=2, sort_keys=True)
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise Problem(f"{folder} holds a training of other cases or settings. Choose another folder, or remove it.")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, text)


@contextmanager
def dask_client(scheduler: str) -> Iterator[Client]:
    """A client of ``local:N`` or of the scheduler at an address.

    :raises Problem: when Dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise Problem("A cluster needs the packages dask and distributed. Install the extra 'cluster'.") from error
    if scheduler.startswith("local"):
        count = scheduler.partition(":")[2] or "2"
        if not count.isdigit():
            raise Problem(f"Write local:N with the number of processes; not {scheduler!r}.")
        with LocalCluster(n_workers=int(count), threads_per_worker=1, dashboard_address=None) as cluster, \
                Client(cluster) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise Problem(f"No Dask scheduler answers at {scheduler}. Start one, or leave --scheduler out.") from error
    with client:
        yield client


def _run_on_cluster(client: Client, job: FoldJob, folds: Sequence[Fold], folder: Path, progress: Progress) -> None:
    from distributed import as_completed

    futures = [client.submit(run_fold, job, fold, folder, pure=False) for fold in folds]
    try:
        for number, future in enumerate(as_completed(futures), start=1):
            future.result()
            progress(number / len(futures), f"{number} of {len(futures)} trainings done")
    finally:
        client.cancel(futures)
