"""What a training run of the default model consists of, for the training and for the package made from it."""

from __future__ import annotations

#: Widths of the networks' resolution levels.
LOCATOR_WIDTHS = CHIASM_WIDTHS = (8, 16, 32, 48)
ORBIT_WIDTHS = (24, 48, 96, 112)
#: File of a run with the names of the label maps that it was trained on.
LABEL_MAPS_NAME = "label_maps.json"
