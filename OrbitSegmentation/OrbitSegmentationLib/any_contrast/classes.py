"""The classes of the default model's second network and the label values they stand for."""

from __future__ import annotations

import numpy as np

#: Right-eye label value of each class, class 0 being everything else (left orbits: value + 1).
LABEL_OF_CLASS = (0, 1, 19, 3, 5, 7, 9, 11, 13, 15, 17, 21)
CLASS_COUNT = len(LABEL_OF_CLASS)


def class_table() -> np.ndarray:
    """Class of each right-eye label value (uint8, indexed by value)."""
    table = np.zeros(max(LABEL_OF_CLASS) + 3, dtype=np.uint8)
    for number, value in enumerate(LABEL_OF_CLASS):
        table[value] = number
    return table
