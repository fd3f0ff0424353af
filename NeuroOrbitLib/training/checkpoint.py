"""Checkpoints: everything that a training needs to continue as if it had never stopped.

A checkpoint is first written completely under a temporary name, starting with a hash of its content, and the previous
checkpoint is kept. A damaged checkpoint is detected by its hash; the training then continues from the previous one.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import random
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
import torch

from NeuroOrbitLib.files.replacing import replace_file
from NeuroOrbitLib.files.safe import NotWritten, why_not_written
from NeuroOrbitLib.models.torch_release import require_safe_unpickling
from NeuroOrbitLib.problem import Problem

_MARK = b"NeuroOrbit checkpoint 1\n"
_DIGEST_BYTES = hashlib.sha256().digest_size


def save_checkpoint(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint such that, whenever this is interrupted, :func:`load_newest` finds a complete one.

    The checkpoint that was at ``path`` is kept as the previous one.

    :param state: plain data and tensors, as :func:`torch.save` takes them.
    :param path: file of the checkpoint; its folder is created.
    :raises NotWritten: if it cannot be written; the existing checkpoints stay.
    """
    unfinished = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(state, unfinished)
        if path.exists():
            replace_file(path, previous_path(path))
        replace_file(unfinished, path)
    except (OSError, RuntimeError) as error:  # PyTorch's own writer reports a full disk as a RuntimeError
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise NotWritten(why_not_written(path, error)) from error


def _write(state: dict[str, Any], path: Path) -> None:
    with path.open("wb+") as file:
        file.write(_MARK + bytes(_DIGEST_BYTES))
        torch.save(state, file)
        file.seek(len(_MARK) + _DIGEST_BYTES)
        digest = _digest(file)
        file.seek(len(_MARK))
        file.write(digest)
        file.flush()
        os.fsync(file.fileno())


def previous_path(path: Path) -> Path:
    """Return the file in which the predecessor of the checkpoint at ``path`` is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def has_checkpoint(path: Path) -> bool:
    """Return whether a training can continue from the checkpoint at ``path`` or from its predecessor."""
    return path.exists() or previous_path(path).exists()


def remove_checkpoint(path: Path) -> None:
    """Remove the checkpoint at ``path`` and its predecessor, if they exist."""
    for place in (path, previous_path(path)):
        place.unlink(missing_ok=True)


def load_newest(path: Path) -> tuple[dict[str, Any], str]:
    """Read the checkpoint at ``path``, or its predecessor if it is damaged or missing.

    A damaged checkpoint is renamed to end in ``.damaged`` if its predecessor can be read.

    :return: the state, and a notice for the user if the predecessor was read (otherwise empty).
    :raises Problem: if neither can be read.
    :raises FileNotFoundError: if neither exists.
    """
    try:
        return load_checkpoint(path), ""
    except (Problem, FileNotFoundError) as error:
        before = previous_path(path)
        if not before.exists():
            raise
        state = load_checkpoint(before)
        if path.exists():
            with contextlib.suppress(OSError):
                os.replace(path, path.with_name(path.name + ".damaged"))
        reason = "is damaged" if isinstance(error, Problem) else "is missing"
        at = f" of step {state['step']}" if "step" in state else ""
        return state, f"The checkpoint {path} {reason}. The one before{at} is used instead."


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint on the CPU without unpickling code.

    :raises Problem: if the file is not a complete checkpoint, or the installed PyTorch cannot read it safely.
    :raises FileNotFoundError: if the file does not exist.
    """
    require_safe_unpickling(path)
    with path.open("rb") as file:
        mark, digest = file.read(len(_MARK)), file.read(_DIGEST_BYTES)
        content = io.BytesIO(file.read())
    if mark != _MARK or _digest(content) != digest:
        raise _unreadable(path)
    content.seek(0)
    try:
        return torch.load(content, map_location="cpu", weights_only=True)
    except (RuntimeError, UnpicklingError, BadZipFile, EOFError) as error:
        raise _unreadable(path) from error


def _digest(file: BinaryIO) -> bytes:
    """Return the SHA-256 of a file's content from the current position to its end."""
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.digest()


def _unreadable(path: Path) -> Problem:
    return Problem(f"{path} is not a readable checkpoint: it is damaged, or was written by another version. "
                   "Delete it to start the training anew.")


def random_state() -> dict[str, Any]:
    """Return the state of the global random generators of Python, NumPy and torch, as plain data and tensors."""
    version, words, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = np.random.get_state()
    state: dict[str, Any] = {
        "python": [version, list(words), gauss],
        "numpy": [kind, keys.tolist(), position, has_gauss, cached],
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state_all()
    return state


def restore_random_state(state: dict[str, Any]) -> None:
    """Set the global random generators to a state that :func:`random_state` returned."""
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    kind, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((kind, np.array(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])


def seed_everything(seed: int) -> None:
    """Seed the global random generators of Python, NumPy and torch."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
