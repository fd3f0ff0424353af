"""Weights on disk: read only as plain tensors, never by unpickling objects, and only if the hash is as published."""

from __future__ import annotations

import hashlib
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from NeuroOrbitLib.models.limits import WEIGHTS_BYTES, check_safetensors, check_tensors, check_torch_archive
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.models.torch_release import require_safe_unpickling
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import Tensor

_CHUNK = 1 << 20
SUFFIXES = (".safetensors", ".pt")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as lower-case hexadecimal text."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def check_file(path: Path, sha256: str, size: int) -> None:
    """Make sure that a file is the published one.

    :param path: the file.
    :param sha256: its published SHA-256, lower-case hexadecimal.
    :param size: its published size in bytes.
    :raises ModelProblem: if the file is missing, cannot be read, is too large, or its size or SHA-256 differs.
    """
    if size > WEIGHTS_BYTES:
        raise ModelProblem(_("The model's file {path} has {size:.0f} GiB; at most {weights_bytes:.0f} GiB are read. "
                             "Ask its author for a smaller model.").format(
            path=path, size=size / 2 ** 30, weights_bytes=WEIGHTS_BYTES / 2 ** 30))
    try:
        if not path.is_file():
            raise ModelProblem(_("The model's file {path} is missing. Install the model again.").format(path=path))
        is_published = path.stat().st_size == size and file_sha256(path) == sha256
    except OSError as error:
        raise ModelProblem(_("The model's file {path} cannot be read ({error}). Install the model again.").format(
            path=path, error=error)) from error
    if not is_published:
        raise ModelProblem(
            _("The model's file {path} is damaged or was changed (its SHA-256 is not the published one). It is not "
              "used. Install the model again.").format(path=path)
        )


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read the tensors, by name, of a ``.safetensors`` file or of a ``.pt`` file that holds only tensors.

    Half-precision tensors are returned as ``float32``, double precision is kept; all are on the CPU.

    :raises ModelProblem: if the file is damaged, holds anything else (e.g. a pickle with other objects), or has weights
        that are not finite.
    """
    tensors = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    check_tensors(tensors, path)
    single = {name: _single(tensor) for name, tensor in tensors.items()}
    if not all(tensor.isfinite().all() for tensor in single.values()):
        raise ModelProblem(_("The model's file {path} holds weights that are no numbers. Install the model "
                             "again.").format(path=path))
    return single


def write_weights(weights: Mapping[str, Tensor], path: Path, half: bool = False) -> None:
    """Write tensors by name as a safetensors file.

    :param weights: tensors by name.
    :param path: file to write; its folder is created.
    :param half: whether to store floating-point tensors as ``float16``, in half the space.
    :raises OSError: if the file cannot be written.
    """
    from safetensors.torch import save

    path.parent.mkdir(parents=True, exist_ok=True)
    # Written by Python, which says what is wrong with the disk; safetensors raises the same error for everything.
    path.write_bytes(save({name: _storable(tensor, half) for name, tensor in weights.items()}))


def is_as_stored(read: Tensor, written: Tensor, half: bool) -> bool:
    """Return whether a tensor read from a file equals the one that :func:`write_weights` was given.

    :param read: tensor as :func:`read_weights` returned it.
    :param written: tensor before writing.
    :param half: whether it was stored in half precision; the comparison is then made at that precision.
    """
    stored = _single(_storable(written, half))
    return read.shape == stored.shape and bool(((read == stored) | ((read != read) & (stored != stored))).all())


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    check_safetensors(path)
    try:
        return load_file(str(path))
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelProblem(_("The model's file {path} cannot be read ({error}). Install the model again.").format(
            path=path, error=error)) from error


def _read_torch(path: Path) -> dict[str, Tensor]:
    import torch

    require_safe_unpickling(path)
    try:
        check_torch_archive(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except ModelProblem:
        raise
    except (pickle.UnpicklingError, zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError) as error:
        raise ModelProblem(
            _("The model's file {path} holds more than weights, or is damaged. It is not opened, because that could "
              "run foreign code. Ask its author for a safetensors file.").format(path=path)
        ) from error
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise ModelProblem(_("The model's file {path} is not a list of weights. Ask its author for a safetensors "
                             "file.").format(path=path))
    return content


def _single(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() and tensor.itemsize < 4 else tensor


def _storable(tensor: Tensor, half: bool) -> Tensor:
    plain = tensor.detach().cpu()
    # A copy: safetensors refuses tensors that share memory.
    return (plain.half() if half and plain.is_floating_point() else plain).clone().contiguous()
