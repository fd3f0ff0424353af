"""Many independent tasks, each with a result on disk: resumable, here, on local processes, or on a Dask cluster.

Folds of a cross-validation, cases of a cohort, scans of a batch: whatever takes long and falls into parts runs through
:func:`run_tasks`. A part that is done is never done again; a part that was interrupted is done from its beginning, or
from whatever its own work left in its folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from NeuroOrbitLib.files.checked_json import read_checked_json, write_checked_json
from NeuroOrbitLib.files.safe import write_text
from NeuroOrbitLib.jobs.folders import RUNNING_NAME, claimed
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import to_plain, with_sentences

if TYPE_CHECKING:
    from distributed import Client

RESULT_NAME = "result.json"
PLAN_NAME = "plan.json"
#: Key of a result that says why its task could not be done.
PROBLEM = "problem"

Item = TypeVar("Item")
#: Does one task in a folder of its own and returns plain data. Other processes import it, so it must be a function of a
#: module (or a ``functools.partial`` of one); it may be called again after an interruption.
Work = Callable[[Item, Path, Progress], dict[str, Any]]


def run_tasks(work: Work[Item], items: Mapping[str, Item], folder: Path, plan: Mapping[str, Any],
              scheduler: str | None = None, progress: Progress = silent, record_problems: bool = False) -> list[
              dict[str, Any]]:
    """Do every task that is not done yet and return the results of all, in the order of ``items``.

    :param items: what each task works on, by the task's name, which is also its folder below ``folder``.
    :param folder: of all tasks; a cluster's workers must see it under the same path.
    :param plan: plain data that says what is being computed; a folder that holds another plan is refused.
    :param scheduler: None does one task after the other in this process; ``local:N`` uses N processes of this machine;
        anything else is the address of a Dask scheduler.
    :param record_problems: keep the message of a :class:`~NeuroOrbitLib.problem.Problem` as the task's result, under
        the key :data:`PROBLEM`, and go on; by default the first problem ends the run.
    :raises Problem: when the folder holds other tasks or another process works in it, the scheduler cannot be used, or
        a task has a problem.
    """
    folder = Path(folder).resolve()
    with claimed(folder):
        check_plan(folder, plan)
        _run(work, items, folder, scheduler, progress, record_problems)
    return [read_result(folder, name) for name in items]


def _run(work: Work[Item], items: Mapping[str, Item], folder: Path, scheduler: str | None, progress: Progress,
         record_problems: bool) -> None:
    waiting = {name: item for name, item in items.items() if not result_path(folder, name).exists()}
    done = len(items) - len(waiting)
    if scheduler is None:
        for number, (name, item) in enumerate(waiting.items(), start=done):
            run_task(work, name, item, folder, record_problems,
                     part(progress, number / len(items), (number + 1) / len(items)))
    elif waiting:
        with pool(scheduler) as submit:
            _run_elsewhere(submit, work, waiting, folder, record_problems, part(progress, done / len(items), 1.0))


def run_task(work: Work[Item], name: str, item: Item, folder: Path, record_problems: bool = False,
             progress: Progress = silent) -> None:
    """Do one task and write its result as a whole."""
    place = result_path(folder, name).parent
    place.mkdir(parents=True, exist_ok=True)
    try:
        result = work(item, place, progress)
    except Problem as problem:
        if not record_problems:
            raise
        result = {PROBLEM: str(problem)}
    write_checked_json(place / RESULT_NAME, to_plain(result))


def result_path(folder: Path, name: str) -> Path:
    """Return the file of a task's result."""
    return folder / name / RESULT_NAME


def read_result(folder: Path, name: str) -> dict[str, Any]:
    """Return the result of a task that is done; its sentences can be translated still.

    :raises Problem: when its file is damaged.
    """
    return with_sentences(read_checked_json(result_path(folder, name), is_older=lambda _: True))


def forget(folder: Path, name: str) -> None:
    """Forget a task's result, so that the task is done again: what it made beside the result has been lost."""
    result_path(Path(folder), name).unlink(missing_ok=True)


def check_plan(folder: Path, plan: Mapping[str, Any]) -> None:
    """Write the plan into the folder, or make sure that the folder holds the same one.

    A plan of which nothing was done, as of a run that ended with a problem at once, gives way to another.

    :raises Problem: when it holds another.
    """
    path, text = folder / PLAN_NAME, json.dumps(plan, indent=2, sort_keys=True)
    if path.exists():
        if path.read_text(encoding="utf-8") == text:
            return
        if any(other.is_file() and other != path and other.name != RUNNING_NAME for other in folder.rglob("*")):
            raise Problem(f"{folder} holds results of other cases or settings. Choose another folder, or remove it.")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, text)


#: Hands a call to another process and returns its future.
Submit = Callable[..., Any]


def _run_elsewhere(submit: tuple[Submit, Callable[..., Iterator[Any]]], work: Work[Item], items: Mapping[str, Item],
                   folder: Path, record_problems: bool, progress: Progress) -> None:
    start, completed = submit
    futures = [start(run_task, work, name, item, folder, record_problems) for name, item in items.items()]
    try:
        for number, future in enumerate(completed(futures), start=1):
            future.result()
            progress(number / len(futures), f"{number} of {len(futures)} done")
    finally:
        for future in futures:
            future.cancel()


@contextmanager
def pool(scheduler: str) -> Iterator[tuple[Submit, Callable[..., Iterator[Any]]]]:
    """Yield what starts a call in another process, and what waits for such calls and yields each as it is done.

    :param scheduler: ``local:N``, or the address of a Dask scheduler.
    :raises Problem: when it cannot be used.
    """
    if scheduler.partition(":")[0] == "local":  # localhost:8786 is the address of a Dask scheduler
        # Fresh processes: threads of libraries that are already running do not survive a fork.
        with ProcessPoolExecutor(local_processes(scheduler), get_context("spawn"), end_with_parent) as executor:
            try:
                yield executor.submit, as_completed
            except BrokenProcessPool as error:
                raise Problem(f"A process of {scheduler} was ended from outside, as systems do where memory runs out. "
                              "Go on with fewer processes; what is done stays done.") from error
        return
    with dask_client(scheduler) as client:
        from distributed import as_completed as completed

        yield (lambda *call: client.submit(*call, pure=False)), completed


def end_with_parent() -> None:
    """End this process as soon as the one that started it is gone; otherwise it would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def local_processes(scheduler: str) -> int:
    """Return the N of ``local:N``, 2 without one.

    :raises Problem: when it is no number of processes.
    """
    count = scheduler.partition(":")[2] or "2"
    if not count.isdigit() or int(count) < 1:
        raise Problem(f"Write local:N with the number of processes; not {scheduler!r}.")
    return int(count)


@contextmanager
def dask_client(address: str) -> Iterator[Client]:
    """A client of the Dask scheduler at an address.

    :raises Problem: when Dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise Problem("A cluster needs the packages dask and distributed. Install the extra 'cluster'.") from error
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise Problem(f"No Dask scheduler answers at {address}. Start one, or leave --scheduler out.") from error
    with client:
        yield client
