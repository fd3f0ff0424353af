"""Signed logarithms, by which skewed numbers of either sign are scaled."""

from __future__ import annotations

from types import ModuleType
from typing import TypeVar

import numpy as np

_Numbers = TypeVar("_Numbers")


def signed_logarithm(values: _Numbers, library: ModuleType = np) -> _Numbers:
    """Return the logarithm of 1 plus the magnitude of each number, with the number's sign.

    :param values: array or tensor, of any shape.
    :param library: module that computes with them: numpy or torch.
    """
    return library.sign(values) * library.log1p(library.abs(values))
