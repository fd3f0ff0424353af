"""The values of one wrapper object in one parameter node."""
from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

import slicer
import vtk

from .parameterInfo import ParameterInfo

__all__: list[str] = []


class _Refresh:
    """Observer of the node. The node may outlive the wrapper, so it must not keep the store alive.

    Not a nested function: the garbage collector may empty it while the node still calls it, which a function
    does not survive.
    """

    __slots__ = ("name", "store")

    def __init__(self, store: ParameterStore, name: str) -> None:
        self.store = weakref.ref(store)
        self.name = name

    def __call__(self, caller: Any, event: str) -> None:
        store = self.store() if hasattr(self, "store") else None
        if store is not None:
            store._refresh(self.name)


class ParameterStore:
    """Reads and writes parameters, and keeps the values of those that may be cached until the node changes."""

    def __init__(self, parameterNode: Any, parameters: Mapping[str, ParameterInfo], prefix: str) -> None:
        self._node = parameterNode
        self._parameters = parameters
        self._prefix = prefix
        self._cache: dict[str, Any] = {}
        self._beingWritten: set[str] = set()
        self._writeMissing()
        for name, info in parameters.items():
            if info.serializer.supportsCaching():
                self._cache[name] = self._readFromNode(name)
        self._observerTags = [self._observe(name) for name in self._cache]

    def _writeMissing(self) -> None:
        for name, info in self._parameters.items():
            if not info.serializer.isIn(self._node, self._prefix + name):
                info.serializer.write(self._node, self._prefix + name, info.default.value)

    def _observe(self, name: str) -> int:
        """Have one cached value follow the node. Each has an observer of its own, so that a value that cannot be read
        (its exception goes to the observer) does not keep the others from being refreshed."""
        return self._node.AddObserver(vtk.vtkCommand.ModifiedEvent, _Refresh(self, name))

    def _refresh(self, name: str) -> None:
        if name not in self._beingWritten:
            self._cache[name] = self._readFromNode(name)

    def __del__(self) -> None:
        for tag in getattr(self, "_observerTags", ()):
            self._node.RemoveObserver(tag)

    def _readFromNode(self, name: str) -> Any:
        info = self._parameters[name]
        if not info.serializer.isIn(self._node, self._prefix + name):
            info.serializer.write(self._node, self._prefix + name, info.default.value)
        return info.serializer.read(self._node, self._prefix + name)

    def isCached(self, name: str) -> bool:
        return name in self._cache

    def read(self, name: str) -> Any:
        return self._cache[name] if name in self._cache else self._readFromNode(name)

    def write(self, name: str, value: Any) -> None:
        """Write into the node; observers that are called then find the new value already."""
        serializer = self._parameters[name].serializer
        if name not in self._cache:
            serializer.write(self._node, self._prefix + name, value)
            return
        with self._writing(name), slicer.util.NodeModify(self._node):
            serializer.write(self._node, self._prefix + name, value)
            self._cache[name] = self._readFromNode(name)

    @contextlib.contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        """Spare the parameter the refresh that its own change calls for."""
        self._beingWritten.add(name)
        try:
            yield
        finally:
            self._beingWritten.discard(name)
