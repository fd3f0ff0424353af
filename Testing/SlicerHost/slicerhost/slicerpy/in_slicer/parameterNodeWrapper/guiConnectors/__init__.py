"""Adapters between widgets and the types of parameters; other modules may register more of them."""

from . import buttons, choices, colors, nodes, numbers, paths, ranges, texts
from .base import Decimals, GuiConnector, SingleStep, createGuiConnector, parameterNodeGuiConnector
from .packs import SlicerPackParameterNamePropertyName

# Importing these registers their connectors.
_REGISTERED = (buttons, choices, colors, nodes, numbers, paths, ranges, texts)

__all__ = [
    "Decimals",
    "GuiConnector",
    "SingleStep",
    "SlicerPackParameterNamePropertyName",
    "createGuiConnector",
    "parameterNodeGuiConnector",
]
