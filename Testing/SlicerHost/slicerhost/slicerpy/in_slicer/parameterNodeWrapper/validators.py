"""Checks that a value must pass before it is written into a parameter."""
from __future__ import annotations

import abc
from collections.abc import Container, Iterable
from typing import Any

__all__ = ["Choice", "Exclude", "IsInstance", "Maximum", "Minimum", "NotNone", "RangeBounds", "Validator",
           "WithinRange"]


class Validator(abc.ABC):
    """Base of all validators; used as ``Annotated[type, validator]``."""

    @abc.abstractmethod
    def validate(self, value: Any) -> None:
        """Raise (by convention a ValueError) if the value is not acceptable."""
        raise NotImplementedError

    def __repr__(self) -> str:
        arguments = ", ".join(str(argument) for argument in vars(self).values())
        return f"{type(self).__name__}({arguments})"


def extractValidators(annotations: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """Split annotations into (validators, others). A validator may be given as an object or as its class."""
    validators, others = [], []
    for annotation in annotations:
        kind = annotation if isinstance(annotation, type) else type(annotation)
        (validators if issubclass(kind, Validator) else others).append(annotation)
    return validators, others


class IsNone(Validator):
    """Nothing but None is accepted."""

    def validate(self, value: Any) -> None:
        if value is not None:
            raise ValueError(f"Expected None, got {value!r}")


class NotNone(Validator):
    """Anything but None is accepted."""

    def validate(self, value: Any) -> None:
        if value is None:
            raise ValueError("None is not an acceptable value")


class IsInstance(Validator):
    """Objects of a class (or of one class of a tuple) and None are accepted; anything else is a TypeError."""

    def __init__(self, classtype: type | tuple[type, ...]) -> None:
        self.classtype = classtype

    def validate(self, value: Any) -> None:
        if value is not None and not isinstance(value, self.classtype):
            raise TypeError(f"Expected {self.classtype}, got {value!r} of type {type(value)}")


class WithinRange(Validator):
    """Values from ``minimum`` to ``maximum`` are accepted, both included."""

    def __init__(self, minimum: Any, maximum: Any) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def validate(self, value: Any) -> None:
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"{value} is outside of the range from {self.minimum} to {self.maximum}")


class Minimum(Validator):
    """Values not below ``minimum`` are accepted."""

    def __init__(self, minimum: Any) -> None:
        self.minimum = minimum

    def validate(self, value: Any) -> None:
        if value < self.minimum:
            raise ValueError(f"{value} is below the minimum {self.minimum}")


class Maximum(Validator):
    """Values not above ``maximum`` are accepted."""

    def __init__(self, maximum: Any) -> None:
        self.maximum = maximum

    def validate(self, value: Any) -> None:
        if value > self.maximum:
            raise ValueError(f"{value} is above the maximum {self.maximum}")


class Choice(Validator):
    """Only the listed values are accepted."""

    def __init__(self, choices: Container[Any]) -> None:
        self.choices = choices

    def validate(self, value: Any) -> None:
        if value not in self.choices:
            raise ValueError(f"{value!r} is none of the choices {self.choices}")


class Exclude(Validator):
    """Every value but the listed ones is accepted."""

    def __init__(self, excludedValues: Container[Any]) -> None:
        self.excludedValues = excludedValues

    def validate(self, value: Any) -> None:
        if value in self.excludedValues:
            raise ValueError(f"{value!r} is one of the excluded values {self.excludedValues}")


class RangeBounds(Validator):
    """Bounds for a range (an object with ``minimum`` and ``maximum``).

    As in Slicer, a range is refused only if it starts below the bounds *and* ends within them: a range that
    overshoots at its upper end passes. The host keeps this, or a module could rely on a check Slicer does not make.
    """

    def __init__(self, minimum: float, maximum: float) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def validate(self, value: Any) -> None:
        starts_too_low = not self.minimum <= value.minimum
        if starts_too_low and value.maximum <= self.maximum:
            raise ValueError(f"The range from {value.minimum} to {value.maximum} leaves the bounds"
                             f" from {self.minimum} to {self.maximum}")
