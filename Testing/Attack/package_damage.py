"""Kinds of damage to a model package or a checkpoint, each a change of a copy on disk.

This file knows nothing of the product's response: the caller damages a good copy and judges the result.
"""

from __future__ import annotations

import hashlib
import json
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

METADATA, WEIGHTS = "configs/metadata.json", "models/model.safetensors"
#: Changes a copy of a package in the given folder.
Damage = Callable[[Path], None]


def _description(change: Callable[[dict[str, Any]], None]) -> Damage:
    """Damage that changes the package's description of itself."""

    def damage(folder: Path) -> None:
        path = folder / METADATA
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content["neuro_orbit"])
        path.write_text(json.dumps(content), encoding="utf-8")

    return damage


def _text(text: bytes) -> Damage:
    """Damage that replaces the description by a text."""
    return lambda folder: (folder / METADATA).write_bytes(text) and None


def _entry(*keys: str, value: Any) -> Damage:
    def change(section: dict[str, Any]) -> None:
        for key in keys[:-1]:
            section = section[key]
        section[keys[-1]] = value

    return _description(change)


def publish_weights(folder: Path, content: bytes) -> None:
    """Put other weights into a package as its author would, with the size and hash of the new file."""
    (folder / WEIGHTS).write_bytes(content)
    weights = {"file": WEIGHTS, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    _entry("weights", value=weights)(folder)


def safetensors(header: dict[str, Any], data: bytes = b"", length: int | None = None) -> bytes:
    """Return a safetensors file with any header, whose announced length may be wrong."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def _weights(content: bytes) -> Damage:
    return lambda folder: publish_weights(folder, content)


_HUGE = {"w": {"dtype": "F32", "shape": [10**6, 10**6, 10**3], "data_offsets": [0, 4]}}

#: Damages after which a package cannot be opened or its weights cannot be read.
UNUSABLE: dict[str, Damage] = {
    "description cut": _text(b'{"neuro_orbit": {"name"'),
    "description is a list": _text(b"[1, 2]"),
    "description of bytes": _text(bytes(range(256))),
    "description nested deeply": _text(b"[" * 200_000),
    "description of 5 MiB": _text(b'{"neuro_orbit": {}}' + b" " * (5 << 20)),
    "size infinite": _entry("weights", "size", value=float("inf")),
    "size of a petabyte": _entry("weights", "size", value=10**15),
    "weights without a name": _entry("weights", "file", value="models/\0.safetensors"),
    "weights elsewhere": _entry("weights", "file", value="../../../secret.safetensors"),
    "weights with a long name": _entry("weights", "file", value="a" * 5000 + ".safetensors"),
    "a network of a thousand million channels": _entry("network", "arguments", value={"width": 10**9}),
    "a network of a million numbers": _entry("network", "arguments", value={"widths": [1] * 10**5}),
    "a network of infinite size": _entry("network", "arguments", value={"width": float("inf")}),
    "weights cut": lambda folder: (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-3]) and None,
    "a header of exabytes": _weights(safetensors({}, length=2**63)),
    "a header longer than the file": _weights(safetensors({}, b"1234", length=10**6)),
    "no header": _weights(b""),
    "tensors of petabytes": _weights(safetensors(_HUGE, b"1234")),
    "tensors of negative size": _weights(safetensors({"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}},
                                                     b"1234")),
    "a million tensors": _weights(safetensors(
        {f"w{number}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for number in range(30_000)})),
    "a weight that is no number": _weights(safetensors(
        {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, struct.pack("<f", float("nan")))),
}


def damaged_copies(content: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield damaged copies of a file: cut, lengthened, a flipped bit, a zeroed, doubled or exchanged block.

    :return: pairs of a description and the damaged content, which always differs from the original.
    """
    chance = random.Random(seed)
    kinds = (_cut, _lengthened, _flipped, _zeroed, _doubled, _exchanged)
    made = 0
    while made < count:
        kind = kinds[made % len(kinds)]
        damaged = kind(content, chance)
        if damaged != content:
            yield kind.__name__.strip("_"), damaged
            made += 1


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _lengthened(content: bytes, chance: random.Random) -> bytes:
    return content + chance.randbytes(chance.randint(1, 64))


def _flipped(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]


def _block(content: bytes, chance: random.Random) -> tuple[int, int]:
    size = min(chance.choice([16, 64, 256]), len(content) // 2)
    start = chance.randrange(len(content) - size)
    return start, start + size


def _zeroed(content: bytes, chance: random.Random) -> bytes:
    start, end = _block(content, chance)
    return content[:start] + bytes(end - start) + content[end:]


def _doubled(content: bytes, chance: random.Random) -> bytes:
    start, end = _block(content, chance)
    return content[:end] + content[start:]


def _exchanged(content: bytes, chance: random.Random) -> bytes:
    start, end = _block(content, chance)
    return content[:start] + chance.randbytes(end - start) + content[end:]
