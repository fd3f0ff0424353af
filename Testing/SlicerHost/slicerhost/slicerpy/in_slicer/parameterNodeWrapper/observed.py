"""Lists and dictionaries that write each change into the parameter node they were read from."""
from __future__ import annotations

import collections.abc
from collections.abc import ItemsView, Iterable, Iterator, KeysView, ValuesView
from typing import Any

__all__: list[str] = []


class _ObservedContainer:
    """Holds the plain container, and where it is stored."""

    def __init__(self, parameterNode: Any, serializer: Any, name: str, content: Any) -> None:
        self._parameterNode = parameterNode
        self._serializer = serializer
        self._name = name
        self._content = content

    def _save(self) -> None:
        """Write the content and take back what is stored then.

        Taking it back makes observed containers of plain members (a list appended to a list of lists), and undoes the
        change if the serializer refused it.
        """
        try:
            self._serializer.write(self._parameterNode, self._name, self._content)
        finally:
            self._content = self._serializer.read(self._parameterNode, self._name)._content

    def __eq__(self, other: object) -> bool:
        return self._content == (other._content if isinstance(other, type(self)) else other)

    __hash__ = None

    def __len__(self) -> int:
        return len(self._content)

    def __getitem__(self, key: Any) -> Any:
        return self._content[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._content[key] = value
        self._save()

    def __delitem__(self, key: Any) -> None:
        del self._content[key]
        self._save()

    def clear(self) -> None:
        self._content.clear()
        self._save()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._content})"

    __str__ = __repr__


class ObservedList(_ObservedContainer, collections.abc.MutableSequence):
    """A list in a parameter node.

    It changes in place only. What would make another list out of it (``+``, ``*``) is refused, because changes of that
    other list would get lost; ``list(observed)`` says explicitly that a copy is wanted.
    """

    def insert(self, index: int, item: Any) -> None:
        self._content.insert(index, item)
        self._save()

    def append(self, item: Any) -> None:
        self._content.append(item)
        self._save()

    def extend(self, other: Iterable[Any]) -> None:
        self._content.extend(other)
        self._save()

    def remove(self, item: Any) -> None:
        self._content.remove(item)
        self._save()

    def pop(self, i: int = -1) -> Any:
        item = self._content.pop(i)
        self._save()
        return item

    def sort(self, *args: Any, **kwargs: Any) -> None:
        self._content.sort(*args, **kwargs)
        self._save()

    def reverse(self) -> None:
        self._content.reverse()
        self._save()

    def __iadd__(self, other: Iterable[Any]) -> ObservedList:
        self._content += other
        self._save()
        return self

    def __imul__(self, other: int) -> ObservedList:
        self._content *= other
        self._save()
        return self

    def _refuse(self, other: object) -> None:
        raise NotImplementedError("An ObservedList changes in place (+=, *=); use list(...) to make a copy")

    __add__ = __radd__ = __mul__ = __rmul__ = _refuse


class ObservedDict(_ObservedContainer, collections.abc.MutableMapping):
    """A dictionary in a parameter node. As in Slicer, ``get`` and ``pop`` take no value for a missing key."""

    def __contains__(self, key: object) -> bool:
        return key in self._content

    def __iter__(self) -> Iterator[Any]:
        return iter(self._content)

    def keys(self) -> KeysView:
        return self._content.keys()

    def values(self) -> ValuesView:
        return self._content.values()

    def items(self) -> ItemsView:
        return self._content.items()

    def get(self, key: Any) -> Any:
        return self._content.get(key)

    def pop(self, key: Any) -> Any:
        value = self._content.pop(key)
        self._save()
        return value

    def popitem(self) -> tuple[Any, Any]:
        item = self._content.popitem()
        self._save()
        return item
