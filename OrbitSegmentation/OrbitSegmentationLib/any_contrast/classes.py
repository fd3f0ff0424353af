"""The classes of the default model's orbit network and their label values."""

from __future__ import annotations

import numpy as np

#: Right-eye label value of each class; class 0 is everything else. In left orbits the label value is one larger.
LABEL_OF_CLASS = (0, 1, 19, 3, 5, 7, 9, 11, 13, 15, 17, 21)
CLASS_COUNT = len(LABEL_OF_CLASS)


def class_table() -> np.ndarray:
    """Return the class of each right-eye label value, uint8 (values,), indexed by label value."""
    table = np.zeros(max(LABEL_OF_CLASS) + 3, dtype=np.uint8)
    for number, value in enumerate(LABEL_OF_CLASS):
        table[value] = number
    return table
