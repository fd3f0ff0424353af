"""DICOM series with the damage that archives, disks and exports cause; each must be refused with a message."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from NeuroOrbitLib.imaging.files import load_image
from Testing.Attack.dicom_damage import REFUSED
from Testing.Attack.outcome import Attempt, Outcome
from Testing.dicom_series import evenly, write_series


def damaged_series(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield every kind of damage at random places."""
    for name in sorted(REFUSED):
        for number in range(seed, seed + repeats):
            yield Attempt("DICOM series", f"{name}, seed {number}", partial(_read, folder / "series", name, number))


def _read(folder: Path, name: str, seed: int) -> Outcome:
    shutil.rmtree(folder, ignore_errors=True)
    write_series(folder, evenly(12))
    REFUSED[name](folder, np.random.default_rng([seed, zlib.crc32(name.encode())]))
    load_image(folder)
    return Outcome.WRONG
