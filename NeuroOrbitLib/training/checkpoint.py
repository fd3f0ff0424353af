"""Checkpoints: all that a training needs to continue as if it had never stopped.

A checkpoint is written as a whole beside its place, with a hash of its content in front, and the one before is kept.
A damaged one is detected by its hash, and the training continues from the one before.
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
    """Write ``state``; there is always a complete checkpoint for :func:`load_newest`, whenever this is interrupted.

    The checkpoint that was at ``path`` is kept as the one before.

    :raises NotWritten: if it cannot be written; the checkpoints that are there stay.
    """
    unfinished = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(state, unfinished)
        if path.exists():
            replace_file(path, previous_path(path))
        replace_file(unfinished, path)
    except (OSError, RuntimeError) as error:  # PyTorch's own writer tells of a full disk by a RuntimeError
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
    """Where the checkpoint before the one at ``path`` is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def has_checkpoint(path: Path) -> bool:
    """Return whether a training can continue from ``path``, from its checkpoint or the one before."""
    return path.exists() or previous_path(path).exists()


def remove_checkpoint(path: Path) -> None:
    """Remove the checkpoint at ``path`` and the one before, if there are any."""
    for place in (path, previous_path(path)):
        place.unlink(missing_ok=True)


def load_newest(path: Path) -> tuple[dict[str, Any], str]:
    """The checkpoint at ``path``, or, if it is damaged or missing, the one before.

    A damaged one is set aside with the ending ``.damaged``.

    :return: its state, and what to tell the user about it ("" if all is well).
    :raises Problem: if neither can be read.
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

    :raises Problem: when the file is not a whole checkpoint, or the installed PyTorch does not read it safely.
    :raises FileNotFoundError: when there is none.
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
    """SHA-256 of what follows in a file."""
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.digest()


def _unreadable(path: Path) -> Problem:
    return Problem(f"{path} is not a readable checkpoint: it is damaged, or was written by another version. "
                   "Delete it to start the training anew.")


def random_state() -> dict[str, Any]:
    """State of Python's, NumPy's and torch's global generators, as plain data and tensors."""
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
    """Put the global generators back to what :func:`random_state` returned."""
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    kind, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((kind, np.array(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])


def seed_everything(seed: int) -> None:
    """Seed the global generators of Python, NumPy and torch."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
