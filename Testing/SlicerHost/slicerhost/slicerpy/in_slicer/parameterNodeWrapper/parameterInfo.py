"""What a wrapper or pack class knows about one of its parameters."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .serializers import Serializer

__all__: list[str] = []


@dataclass
class ParameterInfo:
    """``default`` is a Default in a wrapper, a plain value in a pack; ``unalteredType`` keeps the annotations."""

    basename: str
    serializer: Serializer
    default: Any
    unalteredType: Any
