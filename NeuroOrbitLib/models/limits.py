"""Size limits of the parts of a model package; a part that announces more is refused before memory is allocated."""

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
#: Largest description of a package (those of the extension have 4 kB) and largest document.
DESCRIPTION_BYTES, DOCUMENT_BYTES = 4 * MIB, 64 * MIB
#: Largest file of weights: ten times that of the largest network of the modules.
WEIGHTS_BYTES = 4096 * MIB
#: Largest list of tensors at the beginning of a safetensors file, and largest number of tensors.
HEADER_BYTES = 16 * MIB
TENSORS = 20_000
#: Largest value among the arguments of a network (channels, layers, sizes), and largest number of arguments.
ARGUMENT, ARGUMENTS = 8192, 256
_LENGTH_BYTES = 8


def lies_inside(path: Path, folder: Path) -> bool:
    """Return whether a path leads to a place inside a folder; False also for a path that cannot exist."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a NUL in it, too long, or links in a circle
        return False


def read_text(path: Path, most: int) -> str:
    """Read a text file in UTF-8.

    :param path: the file.
    :param most: largest size in bytes.
    :raises ModelProblem: if the file is larger; nothing of it is read then.
    :raises OSError: if it cannot be opened.
    :raises UnicodeDecodeError: if it is not UTF-8.
    """
    size = path.stat().st_size
    if size > most:
        raise ModelProblem(_("{path} has {size:.0f} MiB, and at most {most:.0f} MiB are read. Install the model "
                             "again.").format(path=path, size=size / MIB, most=most / MIB))
    return path.read_text(encoding="utf-8")


def check_arguments(arguments: Any) -> None:
    """Make sure that the arguments of a network describe one that fits into a computer's memory.

    :param arguments: plain data, e.g. nested lists and dictionaries.
    :raises ValueError: if a number is larger than :data:`ARGUMENT`, or there are more than :data:`ARGUMENTS` values.
    """
    values = list(_flat(arguments))
    if len(values) > ARGUMENTS:
        raise ValueError(f"its network has {len(values)} arguments, and at most {ARGUMENTS} are read")
    numbers = [value for value in values if isinstance(value, (int, float))]
    for number in numbers:
        if not abs(number) <= ARGUMENT:
            raise ValueError(f"an argument of its network is {number}, and at most {ARGUMENT} is possible")


def check_safetensors(path: Path) -> None:
    """Make sure that a safetensors file is large enough for the tensors that it announces; read only its list of them.

    :raises ModelProblem: if it is not, or the list is damaged.
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
    # Each element takes at least half a byte (the smallest type); the library checks the exact sizes.
    if len(entries) > TENSORS or announced > 2 * (size - _LENGTH_BYTES - length):
        raise _unreadable(path, _("it announces {count} tensors with {announced} numbers in {size} bytes").format(
            count=len(entries), announced=announced, size=size))


def check_torch_archive(path: Path) -> None:
    """Make sure that a ``.pt`` file is an uncompressed archive, so that it takes no more memory than disk space.

    :raises ModelProblem: if it is compressed, or announces more bytes than the file has.
    :raises zipfile.BadZipFile: if it is not an archive, e.g. a file in PyTorch's older format.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    announced = sum(entry.file_size for entry in entries)
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or announced > path.stat().st_size:
        raise _unreadable(path, _("it announces {announced} bytes in {st_size}").format(
            announced=announced, st_size=path.stat().st_size))


def check_tensors(tensors: Mapping[str, Any], path: Path) -> None:
    """Make sure that tensors store as many numbers as they announce: strides can show one number as a million.

    :param tensors: tensors by name.
    :param path: file they were read from, for the message.
    :raises ModelProblem: if a tensor stores fewer.
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
    """Return the values in nested mappings and lists, at most a few more than :data:`ARGUMENTS`."""
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
