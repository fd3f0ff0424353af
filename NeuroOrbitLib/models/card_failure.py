"""Repeating a computation on the processor if the graphics card fails in the middle of it."""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from NeuroOrbitLib.models.device import given_up, release_card_memory
from NeuroOrbitLib.sentences import sentence as _

_Parameters = ParamSpec("_Parameters")
_Answer = TypeVar("_Answer")
#: Words of errors that CUDA and its libraries raise; of the last one, cuDNN is the source, mostly for lack of memory.
_OF_CARD = re.compile(r"\b(CUDA|cuDNN|CUDNN_\w+|cuBLAS|CUBLAS_\w+)\b|unable to find an engine", re.IGNORECASE)
_MEMORY = re.compile(r"out of memory|ALLOC_FAILED|unable to find an engine", re.IGNORECASE)


def card_is_full(failure: str) -> bool:
    """Return whether the text of an error says that the memory of a graphics card did not suffice."""
    return bool(_OF_CARD.search(failure) and _MEMORY.search(failure))


def repeated_on_cpu(compute: Callable[_Parameters, _Answer]) -> Callable[_Parameters, _Answer]:
    """Decorate a function with the parameter ``device`` so that "auto" withstands a failure of the graphics card.

    The function is then called a second time, in which :func:`~NeuroOrbitLib.models.device.choose_device` chooses the
    processor and says why. If the card failed for another reason than lack of memory, this process leaves it alone from
    then on, since CUDA does not recover from such failures.
    """
    signature = inspect.signature(compute)

    @functools.wraps(compute)
    def computed(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Answer:
        if signature.bind(*args, **kwargs).arguments.get("device", "auto") != "auto":
            return compute(*args, **kwargs)
        try:
            return compute(*args, **kwargs)
        except RuntimeError as error:
            failure = str(error)
            if not _OF_CARD.search(failure):
                raise
        # After the except block, which kept the failed computation's tensors on the card.
        return _computed_without_card(failure, lambda: compute(*args, **kwargs))

    return computed


def _computed_without_card(failure: str, compute: Callable[[], _Answer]) -> _Answer:
    gc.collect()
    with contextlib.suppress(RuntimeError):
        release_card_memory()
    if not card_is_full(failure):
        given_up.set(_("the graphics card failed ({reason}); restart the application to use it again").format(
            reason=failure.strip().splitlines()[0]))
        return compute()
    before = given_up.set(_("the memory of the graphics card did not suffice for this computation"))
    try:
        return compute()
    finally:
        given_up.reset(before)
