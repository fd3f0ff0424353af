"""Contributions of a few inputs: exact Shapley values (Shapley 1953) over all coalitions of the inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

from NeuroOrbitLib.problem import Problem

#: Largest number n of inputs; there are 2**n coalitions to compute.
MOST = 12


def shapley_values(inputs: Sequence[str], value: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Return the contribution of each input; their sum is ``value`` of all inputs minus that of none.

    :param inputs: names of the inputs, at most :data:`MOST`.
    :param value: function that returns the performance with a set of inputs; it is called once for every subset,
        including the empty one.
    :raises Problem: if there are too many inputs.
    """
    count = len(inputs)
    if count > MOST:
        raise Problem(f"Shapley values of {count} inputs need 2^{count} answers. Join some: {MOST} are the most.")
    reached = {frozenset(chosen): 0.0 for size in range(count + 1) for chosen in combinations(inputs, size)}
    reached = {chosen: float(value(chosen)) for chosen in reached}
    found = dict.fromkeys(inputs, 0.0)
    for chosen, without in reached.items():
        share = factorial(len(chosen)) * factorial(count - len(chosen) - 1) / factorial(count) if (
            len(chosen) < count) else 0.0
        for name in set(inputs) - chosen:
            found[name] += share * (reached[chosen | {name}] - without)
    return found
