"""The user's choices as the parameter node stores them; the values are arguments of the worker."""

from __future__ import annotations

import enum

from slicer.i18n import tr as _


class Region(enum.Enum):
    """The region that the classifier looks at."""

    BOTH = "both"
    RIGHT = "right"
    LEFT = "left"

    def label(self) -> str:
        """Return the text that the user reads."""
        return {"both": _("Both orbits"), "right": _("Right orbit"), "left": _("Left orbit")}[self.value]


class Method(enum.Enum):
    """The method by which an answer is explained."""

    OCCLUSION = "occlusion"
    GRAD_CAM = "grad_cam"

    def label(self) -> str:
        """Return the text that the user reads."""
        return {"occlusion": _("Occlusion: cover the image patch by patch"),
                "grad_cam": _("Grad-CAM: coarse, at once")}[self.value]


class Fill(enum.Enum):
    """The grey value that covers a patch."""

    IMAGE_MEAN = "image mean"
    PATCH_MEAN = "patch mean"
    DARK = "dark"

    def label(self) -> str:
        """Return the text that the user reads."""
        return {"image mean": _("Mean of the image"), "patch mean": _("Mean of the patch"),
                "dark": _("Black")}[self.value]

    def argument(self) -> str | float:
        """Return the argument for the worker: a name, or a z-score."""
        return -3.0 if self is Fill.DARK else self.value
