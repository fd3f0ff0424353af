"""GUI connectors for the Markups module's widgets."""

from .guiConnectors import qSlicerSimpleMarkupsWidgetToNodeConnector

__all__ = ["qSlicerSimpleMarkupsWidgetToNodeConnector"]
