"""The device to compute on, as a choice that parameter nodes store."""

from __future__ import annotations

import enum

from slicer.i18n import tr as _


class Device(enum.Enum):
    """Device to compute on; the value is the one that pipelines take."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"

    def label(self) -> str:
        """Return the name for the user."""
        return {"auto": _("Automatic"), "cpu": _("Processor (CPU)"), "cuda": _("Graphics card (CUDA)")}[self.value]
