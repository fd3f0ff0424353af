"""Damaged and malicious model packages: each must be refused with a message, or loaded exactly as it was written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from NeuroOrbitLib.models import ModelFacts, ModelPackage, write_package
from NeuroOrbitLib.models.package import METADATA_FILE
from Testing.Attack.outcome import Attempt, Outcome
from Testing.Attack.package_damage import UNUSABLE, damaged_copies

_FACTS = ModelFacts("attacked", "1.0.0", "Attacked", "MRI", ("no", "yes"), "synthetic", "Apache-2.0", "none")


def damaged_packages(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield descriptions and weights that must be refused, and random damage of both files."""
    torch.manual_seed(0)
    weights = nn.Conv2d(3, 4, 3).state_dict()
    for name in UNUSABLE:
        yield Attempt("packages made to harm", name, partial(_unusable, folder / "attacked", weights, name))
    whole = write_package(folder / "attacked", weights, _FACTS)
    for place in (whole.weights_path.relative_to(whole.folder), Path(METADATA_FILE)):
        content = (whole.folder / place).read_bytes()
        for number, (kind, changed) in enumerate(damaged_copies(content, 10 * repeats, seed)):
            yield Attempt("damaged packages", f"{place}, {kind}, number {number}",
                          partial(_damaged, folder / "attacked", weights, place, changed))


def _fresh(folder: Path, weights: dict[str, Tensor]) -> ModelPackage:
    shutil.rmtree(folder, ignore_errors=True)
    return write_package(folder, weights, _FACTS)


def _unusable(folder: Path, weights: dict[str, Tensor], name: str) -> Outcome:
    UNUSABLE[name](_fresh(folder, weights).folder)
    ModelPackage.open(folder).load_state_dict()
    return Outcome.WRONG


def _damaged(folder: Path, weights: dict[str, Tensor], place: Path, content: bytes) -> Outcome:
    (_fresh(folder, weights).folder / place).write_bytes(content)
    loaded = ModelPackage.open(folder).load_state_dict()
    same = set(loaded) == set(weights) and all(torch.equal(loaded[name], weights[name]) for name in weights)
    return Outcome.RIGHT if same else Outcome.WRONG
