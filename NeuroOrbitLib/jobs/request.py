"""A request for a computation, as plain data that can travel to another process or machine."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from NeuroOrbitLib.sentences import from_plain, to_plain


@dataclass(frozen=True)
class JobRequest:
    """Name of a function to call, with its arguments.

    :param function: function as "package.module:name". It is called with ``arguments`` and the keyword ``progress``
        (:class:`NeuroOrbitLib.jobs.progress.Progress`) and returns plain data.
    :param arguments: keyword arguments of plain data (numbers, text, lists, dictionaries; paths become text).
    :raises ValueError: if the name has another form, or an argument is not plain data.
    """

    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        module, _, name = self.function.partition(":")
        if not module or not name:
            raise ValueError(f'Name a function as "package.module:name", not {self.function!r}.')
        object.__setattr__(self, "arguments", from_text(plain_text(dict(self.arguments))))

    def load(self) -> Callable[..., Any]:
        """Import the function and return it."""
        module, _, name = self.function.partition(":")
        return getattr(importlib.import_module(module), name)


def plain_text(data: Any) -> str:
    """Return plain data as one line of JSON, in which paths become text and sentences stay translatable.

    :func:`from_text` reads it.

    :raises ValueError: if it holds anything but plain data.
    """
    try:
        return json.dumps(to_plain(data), default=_path_text)
    except TypeError as error:
        raise ValueError(f"Only plain data can be sent to another process: {error}") from error


def from_text(text: str) -> Any:
    """Return the plain data that :func:`plain_text` wrote.

    :raises ValueError: if it is not JSON.
    """
    return json.loads(text, object_hook=from_plain)


def _path_text(value: Any) -> str:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"{type(value).__name__} is not plain data")
