"""Logarithms of numbers of either sign, by which skewed numbers are scaled."""

from __future__ import annotations

from types import ModuleType
from typing import TypeVar

import numpy as np

_Numbers = TypeVar("_Numbers")


def signed_logarithm(values: _Numbers, library: ModuleType = np) -> _Numbers:
    """Return the logarithm of 1 + the magnitude of each number, with the number's sign.

    :param values: array, or tensor. :param library: that computes with them: numpy, or torch.
    """
    return library.sign(values) * library.log1p(library.abs(values))
