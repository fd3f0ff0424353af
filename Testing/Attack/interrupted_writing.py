"""Disks that fill up and programs that are killed while a second version of a file replaces the first.

Afterwards either the first or the second version must be there, complete, and a full disk must give a message.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np

from NeuroOrbitLib.problem import Problem
from Testing.Attack.outcome import Attempt, Outcome
from Testing.Attack.products import Product, products

#: System calls before or after which a program may be killed.
_STEPS = ("fsync", "replace", "link", "rename", "mkdir", "rmdir", "unlink")
_MOST_STEPS = 12


class Killed(BaseException):
    """Stands for the end of the process; the product must not catch it."""


def full_disks(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield every product on a disk that becomes full while a file is written."""
    if sys.platform == "win32":
        return
    for product, place, number in _tries(folder / "full", repeats):
        size = int(np.random.default_rng([seed, number, len(product.name)]).integers(1, 40_000))
        yield Attempt("full disks", f"{product.name}, {size} bytes", partial(_on_full_disk, product, place, size))


def killed_programs(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield every product with its writer killed before or after one of its first system calls."""
    for product, place, number in _tries(folder / "killed", repeats):
        if product.in_one_step:
            step = (seed + number) % (2 * _MOST_STEPS)
            yield Attempt("killed programs", f"{product.name}, half step {step}",
                          partial(_killed, product, place, step))


def _tries(folder: Path, repeats: int) -> Iterator[tuple[Product, Path, int]]:
    for product in products():
        for number in range(repeats):
            yield product, folder, number


def _on_full_disk(product: Product, place: Path, size: int) -> Outcome:
    first = _first_version(product, place)
    before = _contents(place)
    try:
        with _disk_that_takes(size):
            product.write(place, 2)
    except Problem:
        if _contents(place) != before or product.read(place) != first:
            raise RuntimeError("the first version is lost, or something was left behind") from None
        raise
    return _second_version(product, place, first)


def _killed(product: Product, place: Path, half_step: int) -> Outcome:
    first = _first_version(product, place)
    try:
        with _kill_at(half_step):
            product.write(place, 2)
    except Killed:
        if product.read(place) == first:
            return Outcome.RIGHT
    return _second_version(product, place, first)


def _first_version(product: Product, place: Path) -> object:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    product.write(place, 1)
    return product.read(place)


def _second_version(product: Product, place: Path, first: object) -> Outcome:
    """Judge the content: right if it is the second version, as a write without a fault leaves it."""
    found = product.read(place)
    product.write(place, 2)
    return Outcome.RIGHT if found == product.read(place) != first else Outcome.WRONG


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def _disk_that_takes(size: int) -> Iterator[None]:
    """Limit the size of files inside the ``with`` block, so that writing more fails as on a full disk."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@contextmanager
def _kill_at(half_step: int) -> Iterator[None]:
    """Raise :class:`Killed` before (even number) or after (odd number) a system call."""
    done = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **names: object) -> object:
            nonlocal done
            done += 1
            if done == half_step // 2 + 1 and half_step % 2 == 0:
                raise Killed
            result = real(*arguments, **names)
            if done == half_step // 2 + 1:
                raise Killed
            return result

        return step

    with mock.patch.multiple(os, **{name: counted(getattr(os, name)) for name in _STEPS}):
        yield
