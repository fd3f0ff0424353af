"""How large the parts of a model package may be: what announces more is refused before memory is taken for it."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.sentences import sentence as _

MIB = 2**20
#: The longest description of a package (the extension's own have 4 kB), and the longest document.
DESCRIPTION_BYTES, DOCUMENT_BYTES = 4 * MIB, 64 * MIB
#: The weights of a package: ten times those of the largest network that the modules know.
WEIGHTS_BYTES = 4096 * MIB
#: The list of tensors at the beginning of a safetensors file.
HEADER_BYTES = 16 * MIB
TENSORS = 20_000
#: The largest number among the arguments of a network (channels, layers, sizes), and how many there may be.
ARGUMENT, ARGUMENTS = 8192, 256
_LENGTH_BYTES = 8


def lies_inside(path: Path, folder: Path) -> bool:
    """Whether a path leads to a place in a folder; False also for one that no file can have."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a NUL in it, too long, or links in a circle
        return False


def read_text(path: Path, most: int) -> str:
    """The text of a file.

    :raises ModelProblem: if it is longer than ``most`` bytes; nothing of it is read then.
    """
    size = path.stat().st_size
    if size > most:
        raise ModelProblem(_("{path} has {size:.0f} MiB, and at most {most:.0f} MiB are read. Install the model "
                             "again.").format(path=path, size=size / MIB, most=most / MIB))
    return path.read_text(encoding="utf-8")


def check_arguments(arguments: Any) -> None:
    """Make sure that a network's arguments describe one that a computer can hold.

    :raises ValueError: if a number is too large, or there are too many of them.
    """
    values = list(_flat(arguments))
    if len(values) > ARGUMENTS:
        raise ValueError(f"its network has {len(values)} arguments, and at most {ARGUMENTS} are read")
    numbers = [value for value in values if isinstance(value, (int, float))]
    for number in numbers:
        if not abs(number) <= ARGUMENT:
            raise ValueError(f"an argument of its network is {number}, and at most {ARGUMENT} is possible")


def check_safetensors(path: Path) -> None:
    """Make sure that the tensors which a file announces are those that it holds.

    :raises ModelProblem: if not; only the list of tensors has been read then.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
        if not 2 <= length <= min(HEADER_BYTES, size - _LENGTH_BYTES):
            raise _unreadable(path, _("its list of tensors would have {length} bytes").format(length=length))
        header = stream.read(length)
    try:
        entries = {key: entry for key, entry in json.loads(header).items() if key != "__metadata__"}
        announced = sum(math.prod(map(_size, entry["shape"])) for entry in entries.values())
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise _unreadable(path, _("its list of tensors is damaged")) from error
    # At least half a byte an element (the smallest type); the library checks the exact sizes.
    if len(entries) > TENSORS or announced > 2 * (size - _LENGTH_BYTES - length):
        raise _unreadable(path, _("it announces {count} tensors with {announced} numbers in {size} bytes").format(
            count=len(entries), announced=announced, size=size))


def check_torch_archive(path: Path) -> None:
    """Make sure that a ``.pt`` file is an uncompressed archive, so that it takes no more memory than disk.

    :raises ModelProblem: if it is compressed, or of the form before archives, which announces sizes freely.
    :raises zipfile.BadZipFile: if it is no archive.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    announced = sum(entry.file_size for entry in entries)
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or announced > path.stat().st_size:
        raise _unreadable(path, _("it announces {announced} bytes in {st_size}").format(
            announced=announced, st_size=path.stat().st_size))


def check_tensors(tensors: Mapping[str, Any], path: Path) -> None:
    """Make sure that tensors hold the numbers they announce: one number can be shown as a million of them.

    :raises ModelProblem: if not.
    """
    for name, tensor in tensors.items():
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise _unreadable(path, _("{name} announces {numel} numbers and holds fewer").format(
                name=name, numel=tensor.numel()))


def _size(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no size")
    return value


def _flat(value: Any) -> list[Any]:
    """All values in nested tables and lists."""
    found, waiting = [], [value]
    while waiting and len(found) <= ARGUMENTS:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, (list, tuple)):
            waiting += one
        else:
            found.append(one)
    return found


def _unreadable(path: Path, reason: str) -> ModelProblem:
    return ModelProblem(_("The model's file {path} cannot be read ({reason}). Install the model again.").format(
        path=path, reason=reason))
