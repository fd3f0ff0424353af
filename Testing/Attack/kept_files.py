"""Damage to the product's internal files: checkpoints, progress of cases, results of tasks, messages of workers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch

from NeuroOrbitLib.jobs import JobFailed, JobRequest, JobRunner
from NeuroOrbitLib.jobs.protocol import Garbage, read_event
from NeuroOrbitLib.jobs.tasks import RESULT_NAME, read_result, run_task
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.checkpoint import load_newest, save_checkpoint
from OrbitSegmentationLib.annotation.progress import STATE_ENDING, load_state, save_state
from Testing.Attack.damage import KINDS, Damage
from Testing.Attack.outcome import Attempt, Outcome
from Testing.Attack.pipe_damage import GARBAGE, false_worker, random_garbage

_RESULT = {"auc": 0.8125, "cases": ["a", "b"], "probabilities": [[0.25, 0.75], [0.5, 0.5]]}


def damaged_checkpoints(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield damaged newest checkpoints, with and without an earlier one."""
    for with_one_before in (True, False):
        yield from _damages("damaged checkpoints", f"one before: {with_one_before}", seed, repeats,
                            partial(_checkpoint, folder / "checkpoints", with_one_before))


def damaged_progress(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield damaged JSON files of cases and tasks."""
    yield from _damages("damaged progress (JSON)", "case", seed, repeats, partial(_state, folder / "progress"))
    yield from _damages("damaged progress (JSON)", "task", seed, repeats, partial(_result, folder / "progress"))


def garbage_of_workers(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield lines on a worker's pipe: all known kinds of garbage, and good lines with exchanged bytes."""
    for number, line in enumerate(random_garbage(20 * repeats, seed)):
        yield Attempt("worker pipes", f"seeded line {number}", partial(_line, line))
    for name, content in GARBAGE.items():
        yield Attempt("worker pipes", name, partial(_worker, folder / "worker", content))


def _damages(area: str, what: str, seed: int, repeats: int,
             attempt: Callable[[Damage, np.random.Generator], Outcome]) -> Iterator[Attempt]:
    for number, (kind, damage) in enumerate(KINDS.items()):
        for repeat in range(repeats):
            yield Attempt(area, f"{what}, {kind}, {repeat}",
                          partial(attempt, damage, np.random.default_rng([seed, number, repeat])))


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _damage(path: Path, damage: Damage, rng: np.random.Generator) -> None:
    path.write_bytes(damage(path.read_bytes(), 0, rng))


def _checkpoint(folder: Path, with_one_before: bool, damage: Damage, rng: np.random.Generator) -> Outcome:
    path = _fresh(folder) / "checkpoint.pt"
    for step in (1, 2) if with_one_before else (2,):
        save_checkpoint({"step": step, "w": torch.full((30, 30), float(step))}, path)
    _damage(path, damage, rng)
    state, notice = load_newest(path)
    if not torch.equal(state["w"], torch.full((30, 30), float(state["step"]))):
        return Outcome.WRONG
    if state["step"] == 2:
        return Outcome.RIGHT
    return Outcome.TOLD if "is damaged" in notice else Outcome.WRONG


def _state(folder: Path, damage: Damage, rng: np.random.Generator) -> Outcome:
    state = load_state(_fresh(folder), "case")
    for value in (1, 4, 9):
        state = state.marked(value, True)
    written = save_state(folder, state, "Ann", {})
    _damage(folder / f"case{STATE_ENDING}", damage, rng)
    return Outcome.RIGHT if load_state(folder, "case") == written else Outcome.WRONG


def _result(folder: Path, damage: Damage, rng: np.random.Generator) -> Outcome:
    run_task(lambda *_: _RESULT, "task", None, _fresh(folder))
    _damage(folder / "task" / RESULT_NAME, damage, rng)
    found = read_result(folder, "task")
    return Outcome.RIGHT if {name: found.get(name) for name in _RESULT} == _RESULT else Outcome.WRONG


def _line(line: bytes) -> Outcome:
    """Judge how a damaged line is read. Lines have no checksum: a changed letter gives another valid message."""
    try:
        event = read_event(line.decode("utf-8", "replace"), {})
    except Garbage as garbage:
        raise Problem(str(garbage)) from garbage
    known = event["event"] == "progress" and isinstance(event["fraction"], float | int)
    return Outcome.UNSEEN if known else Outcome.WRONG


def _worker(folder: Path, content: bytes) -> Outcome:
    """Judge a whole run whose worker sends nothing but ``content``."""
    _fresh(folder)
    with JobRunner(python=false_worker(folder, content), temporary_folder=folder) as runner:
        job = runner.start(JobRequest("none:none", {}))
        try:
            job.wait(timeout=60)
        except JobFailed as failed:
            return Outcome.TOLD if failed.failure.kind == "crash" and not job.folder.exists() else Outcome.WRONG
    return Outcome.WRONG
