"""The annotation that gives a parameter its initial value."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Default"]


class Default:
    """Initial value of a parameter: a fixed ``value``, or what ``generator`` returns, called for every request."""

    def __init__(self, value: Any = None, *, generator: Callable[[], Any] | None = None) -> None:
        self._fixed = value
        self._generator = generator

    @property
    def value(self) -> Any:
        return self._generator() if self._generator else self._fixed

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Default)
                and (self._fixed, self._generator) == (other._fixed, other._generator))

    def __repr__(self) -> str:
        return f"Default(value={self._fixed}, generator={self._generator})"


def extractDefault(annotations: Iterable[Any]) -> tuple[Default | None, list[Any]]:
    """Take the ``Default`` out of a list of annotations: (the default or None, the other annotations)."""
    annotations = list(annotations)
    found = [annotation for annotation in annotations if isinstance(annotation, Default)]
    if len(found) > 1:
        raise Exception(f"A parameter may have one Default, found {found}")
    others = [annotation for annotation in annotations if not isinstance(annotation, Default)]
    return (found[0] if found else None), others
