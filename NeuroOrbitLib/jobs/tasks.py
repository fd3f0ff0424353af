"""Many independent tasks, each with a result on disk; resumable, in this process, in others, or on a Dask cluster.

Long work that consists of parts (folds of a cross-validation, cases of a cohort, scans of a batch) runs through
:func:`run_tasks`. A finished task is never repeated; an interrupted one starts again from its beginning, or from what
its work has left in its folder.
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
#: Key of the message in the result of a task that could not be done.
PROBLEM = "problem"

Item = TypeVar("Item")
#: Function that does one task in the task's folder and returns plain data. Other processes import it, so it must be
#: defined at the top of a module (or be a ``functools.partial`` of such a function); after an interruption it is called
#: again.
Work = Callable[[Item, Path, Progress], dict[str, Any]]


def run_tasks(work: Work[Item], items: Mapping[str, Item], folder: Path, plan: Mapping[str, Any],
              scheduler: str | None = None, progress: Progress = silent, record_problems: bool = False) -> list[
              dict[str, Any]]:
    """Do every task that is not done yet and return the results of all tasks, in the order of ``items``.

    :param work: function that does one task.
    :param items: input of each task by the task's name, which is also the name of its folder inside ``folder``.
    :param folder: common folder of the tasks; the workers of a cluster must see it under the same path.
    :param plan: plain data that describes what is computed; a folder that holds results of another plan is refused.
    :param scheduler: None does one task after the other in this process; ``local:N`` uses N processes of this machine;
        anything else is the address of a Dask scheduler.
    :param progress: receives the fraction done and a message.
    :param record_problems: whether to keep the message of a :class:`~NeuroOrbitLib.problem.Problem` as the task's
        result, under the key :data:`PROBLEM`, and to continue; by default the first problem ends the run.
    :raises Problem: if the folder holds results of another plan, another process works in it, the scheduler cannot be
        used, a task has a problem, or a result is damaged.
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
    """Do one task and write its result, completely or not at all.

    :param work: function that does the task.
    :param name: name of the task and of its folder inside ``folder``.
    :param item: input of the task.
    :param folder: common folder of the tasks.
    :param record_problems: see :func:`run_tasks`.
    :raises Problem: if the task has a problem and ``record_problems`` is false, or the result cannot be written.
    """
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
    """Return the result of a finished task, with its sentences still translatable.

    :raises Problem: if its file is damaged or cannot be read.
    """
    return with_sentences(read_checked_json(result_path(folder, name), is_older=lambda _: True))


def forget(folder: Path, name: str) -> None:
    """Remove a task's result, so that the task is done again, e.g. because files that it made beside it were lost."""
    result_path(Path(folder), name).unlink(missing_ok=True)


def check_plan(folder: Path, plan: Mapping[str, Any]) -> None:
    """Write the plan into the folder, or make sure that the folder holds the same plan.

    Another plan is replaced if no task of it was begun, e.g. because its run ended at once with a problem.

    :raises Problem: if the folder holds another plan and files of its tasks.
    """
    path, text = folder / PLAN_NAME, json.dumps(plan, indent=2, sort_keys=True)
    if path.exists():
        if path.read_text(encoding="utf-8") == text:
            return
        if any(other.is_file() and other != path and other.name != RUNNING_NAME for other in folder.rglob("*")):
            raise Problem(f"{folder} holds results of other cases or settings. Choose another folder, or remove it.")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, text)


#: Function that submits a call to another process and returns its future.
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
    """Yield two functions: one submits a call to another process, one yields the submitted calls as they finish.

    :param scheduler: ``local:N``, or the address of a Dask scheduler.
    :raises Problem: if it cannot be used.
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
    """Let this process end as soon as its parent is gone; otherwise it would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def local_processes(scheduler: str) -> int:
    """Return the N of ``local:N``; 2 if it is left out.

    :raises Problem: if it is not a positive integer.
    """
    count = scheduler.partition(":")[2] or "2"
    if not count.isdigit() or int(count) < 1:
        raise Problem(f"Write local:N with the number of processes; not {scheduler!r}.")
    return int(count)


@contextmanager
def dask_client(address: str) -> Iterator[Client]:
    """Yield a client of the Dask scheduler at an address; it is closed at the end of the context.

    :raises Problem: if Dask is not installed or the scheduler does not answer.
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
