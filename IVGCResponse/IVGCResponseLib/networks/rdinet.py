"""RDINet (Zhang et al. 2026) and its baseline: ResNet-50 whose features interact with radiomics and clinical features.

The supplement of the published network is not available; the widths, which it may state, are ours: d = 64, and
128-64-64 for the numbers.
"""

from __future__ import annotations

from NeuroOrbitLib.classifiers.networks.resnet50 import resnet50_features
from NeuroOrbitLib.classifiers.networks.with_numbers import (
    DROPOUT,
    FEATURES,
    ITERATIONS,
    Concatenation,
    DynamicInteraction,
)


class RDINet(DynamicInteraction):
    """ResNet-50 whose features interact with numbers in ``iterations`` steps; "(clinical)" adds clinical features."""

    def __init__(self, radiomics: int = 10, clinical: int = 0, iterations: int = ITERATIONS, features: int = FEATURES,
                 dimensions: int = 3, width: int = 64, edge: int = 128, dropout: float = DROPOUT) -> None:
        super().__init__({"radiomics": radiomics, "clinical": clinical}, resnet50_features(dimensions, width, edge),
                         width * 32, iterations, features, dropout)


class EarlyConcatenation(Concatenation):
    """The baseline: the image's features and the numbers are concatenated for fully connected layers."""

    def __init__(self, radiomics: int = 10, clinical: int = 0, features: int = FEATURES, dimensions: int = 3,
                 width: int = 64, edge: int = 128, dropout: float = DROPOUT) -> None:
        super().__init__({"radiomics": radiomics, "clinical": clinical}, resnet50_features(dimensions, width, edge),
                         width * 32, features, dropout)
