"""AutoCorrection: moves a rough outline to the border that the image shows, never further than the user allows."""

from __future__ import annotations

#: Name of the shipped model package, and name of its network in packages.
MODEL = "orbit-autocorrection"
NETWORK = "correction_unet"
