"""The interface of serializers, their registry, and the serializer that validates."""
from __future__ import annotations

import abc
import logging
from collections.abc import Callable, Iterable
from typing import Any

from ..util import splitAnnotations
from ..validators import extractValidators

__all__ = ["Serializer", "ValidatedSerializer", "parameterNodeSerializer"]


class Serializer(abc.ABC):
    """Reads and writes values of one type. Serializers keep no state between calls."""

    @staticmethod
    @abc.abstractmethod
    def canSerialize(type_: Any) -> bool:
        """Return whether values of the type can be handled."""
        raise NotImplementedError

    @staticmethod
    @abc.abstractmethod
    def create(type_: Any) -> Serializer | None:
        """Return a serializer for the type (often wrapped into a ValidatedSerializer), or None for an unknown type."""
        raise NotImplementedError

    @abc.abstractmethod
    def default(self) -> Any:
        """Return the value of a parameter that was declared without a default."""
        raise NotImplementedError

    @abc.abstractmethod
    def isIn(self, parameterNode: Any, name: str) -> bool:
        """Return whether the node holds a value under this name."""
        raise NotImplementedError

    @abc.abstractmethod
    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        """Store the value. Names derived from ``name`` may be used in its place."""
        raise NotImplementedError

    @abc.abstractmethod
    def read(self, parameterNode: Any, name: str) -> Any:
        """Return the stored value."""
        raise NotImplementedError

    @abc.abstractmethod
    def remove(self, parameterNode: Any, name: str) -> None:
        """Take away everything that ``write`` stored."""
        raise NotImplementedError

    @staticmethod
    def supportsCaching() -> bool:
        """Return whether a value that was read may be kept until the node changes.

        True only for values that cannot be changed behind the node's back: immutable ones, and containers that write
        each change into the node.
        """
        return False


class ParameterTextSerializer(Serializer):
    """Base of the serializers that keep their value as the text of one parameter."""

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return parameterNode.HasParameter(name)

    def remove(self, parameterNode: Any, name: str) -> None:
        parameterNode.UnsetParameter(name)

    @staticmethod
    def supportsCaching() -> bool:
        return True


class ValidatedSerializer(Serializer):
    """Passes everything on to another serializer, after validators have accepted what is to be written.

    Around another ValidatedSerializer it becomes one with it; the inner validators are asked first.
    """

    def __init__(self, serializer: Serializer, validators: list[Any]) -> None:
        if isinstance(serializer, ValidatedSerializer):
            validators = [*serializer.validators, *(validators or [])]
            serializer = serializer.serializer
        self.serializer = serializer
        self.validators = validators

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return False  # it is never chosen by type

    @staticmethod
    def create(type_: Any) -> None:
        raise Exception("A ValidatedSerializer is made around another serializer, not from a type")

    def validate(self, value: Any) -> None:
        for validator in self.validators:
            validator.validate(value)

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        self.validate(value)
        self.serializer.write(parameterNode, name, value)

    def read(self, parameterNode: Any, name: str) -> Any:
        return self.serializer.read(parameterNode, name)

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return self.serializer.isIn(parameterNode, name)

    def remove(self, parameterNode: Any, name: str) -> None:
        self.serializer.remove(parameterNode, name)

    def default(self) -> Any:
        return self.serializer.default()

    def supportsCaching(self) -> bool:
        return self.serializer.supportsCaching()


_registry: list[type[Serializer]] = []


def parameterNodeSerializer(classtype: type[Serializer] | None = None) -> Callable[..., Any]:
    """Class decorator that makes a serializer known; usable with and without parentheses."""
    if classtype is None:
        return parameterNodeSerializer
    if not issubclass(classtype, Serializer):
        raise Exception(f"{classtype} is not a Serializer")
    _registry.append(classtype)
    return classtype


def extractSerializer(annotations: Iterable[Any]) -> tuple[Any, list[Any]]:
    """Take the serializer out of annotations: (the serializer or None, the other annotations)."""
    found, others = [], []
    for annotation in annotations:
        kind = annotation if isinstance(annotation, type) else type(annotation)
        (found if issubclass(kind, Serializer) else others).append(annotation)
    if len(found) > 1:
        raise Exception(f"A parameter may name one serializer, found {found}")
    return (found[0] if found else None), others


def _serializerForType(type_: Any) -> Serializer:
    for candidate in _registry:
        if candidate.canSerialize(type_):
            return candidate.create(type_)
    raise Exception(f"No serializer is registered for the type {type_}")


def createSerializer(type_: Any, annotations: Iterable[Any]) -> tuple[ValidatedSerializer, list[Any]]:
    """Return the serializer for a type with its annotations, and the annotations that were not used for it."""
    validators, others = extractValidators(annotations)
    serializer, others = extractSerializer(others)
    return ValidatedSerializer(serializer or _serializerForType(type_), validators), others


def createSerializerFromAnnotatedType(annotatedType: Any) -> ValidatedSerializer:
    """Return the serializer for a possibly annotated type; annotations without effect are reported in the log."""
    type_, annotations = splitAnnotations(annotatedType)
    serializer, unused = createSerializer(type_, annotations)
    if unused:
        logging.warning(f"Annotations without effect: {unused}")
    return serializer
