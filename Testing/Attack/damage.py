"""Kinds of damage to the bytes of a file, as caused by disks, networks and interrupted copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

#: Function that changes bytes from a position on: (content, first byte that may change, chance) -> content.
Damage = Callable[[bytes, int, np.random.Generator], bytes]


def cut_off(content: bytes, start: int, rng: np.random.Generator) -> bytes:
    """Return the content as after an interrupted copy."""
    return content[: int(rng.integers(start, len(content)))]


def last_bytes_missing(content: bytes, start: int, rng: np.random.Generator) -> bytes:
    """Return the content without its last few bytes, where compressed streams keep their checksum."""
    return content[: max(start, len(content) - int(rng.integers(1, 9)))]


def zeroed_block(content: bytes, start: int, rng: np.random.Generator) -> bytes:
    """Return the content with a block of zeros, as if the disk had never written it."""
    return _replaced(content, start, rng, lambda old: bytes(len(old)))


def random_block(content: bytes, start: int, rng: np.random.Generator) -> bytes:
    """Return the content with a block of another file."""
    return _replaced(content, start, rng, lambda old: rng.bytes(len(old)))


def flipped_bit(content: bytes, start: int, rng: np.random.Generator) -> bytes:
    """Return the content with one flipped bit, as by bad memory."""
    changed = bytearray(content)
    changed[int(rng.integers(start, len(content)))] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def missing_block(content: bytes, start: int, rng: np.random.Generator) -> bytes:
    """Return the content without a block; the rest follows directly."""
    first, last = _block(content, start, rng)
    return content[:first] + content[last:]


def repeated_block(content: bytes, start: int, rng: np.random.Generator) -> bytes:
    """Return the content with a block sent twice."""
    first, last = _block(content, start, rng)
    return content[:last] + content[first:]


def longer(content: bytes, _start: int, rng: np.random.Generator) -> bytes:
    """Return the content with additional bytes."""
    return content + b"\x01" + rng.bytes(int(rng.integers(1, 3000)))


KINDS: Mapping[str, Damage] = MappingProxyType({
    function.__name__.replace("_", " "): function
    for function in (cut_off, last_bytes_missing, zeroed_block, random_block, flipped_bit, missing_block,
                     repeated_block, longer)
})


def _block(content: bytes, start: int, rng: np.random.Generator) -> tuple[int, int]:
    length = int(rng.integers(1, max(2, (len(content) - start) // 3)))
    first = int(rng.integers(start, len(content) - length + 1))
    return first, first + length


def _replaced(content: bytes, start: int, rng: np.random.Generator, new: Callable[[bytes], bytes]) -> bytes:
    first, last = _block(content, start, rng)
    return content[:first] + new(content[first:last]) + content[last:]
