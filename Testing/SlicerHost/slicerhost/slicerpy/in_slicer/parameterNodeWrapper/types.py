"""Value types made for parameters."""
from __future__ import annotations

from .parameterPack import parameterPack

__all__ = ["FloatRange"]


@parameterPack
class FloatRange:
    """An interval whose minimum never exceeds its maximum."""

    _minimum: float
    _maximum: float

    def __init__(self, minimum: float = 0, maximum: float = 0) -> None:
        self.setRange(minimum, maximum)

    @staticmethod
    def checkRange(minimum: float, maximum: float) -> None:
        """ValueError unless ``minimum <= maximum``."""
        if not minimum <= maximum:
            raise ValueError(f"The minimum of a FloatRange may not exceed its maximum: {minimum} > {maximum}")

    def setRange(self, minimum: float, maximum: float) -> None:
        self.checkRange(minimum, maximum)
        self._minimum = minimum
        self._maximum = maximum

    @property
    def minimum(self) -> float:
        return self._minimum

    @minimum.setter
    def minimum(self, value: float) -> None:
        self.checkRange(value, self._maximum)
        self._minimum = value

    @property
    def maximum(self) -> float:
        return self._maximum

    @maximum.setter
    def maximum(self, value: float) -> None:
        self.checkRange(self._minimum, value)
        self._maximum = value

    def __str__(self) -> str:
        return f"FloatRange(minimum={self._minimum}, maximum={self._maximum})"

    __repr__ = __str__
