"""Label maps from files, made ready for measuring."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.anatomy.structures import LABEL_VALUES
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def label_map_of(image: Image) -> Image:
    """Return the label map in an image as ``uint8``.

    :raises Problem: for grey values, and for values that the vocabulary does not have.
    """
    values = image.array
    rounded = np.rint(values) if values.dtype.kind == "f" else values
    low, high = (rounded.min(), rounded.max()) if rounded.size else (0, 0)
    if (rounded is not values and not np.array_equal(rounded, values)) or low < 0 or high > LABEL_VALUES[-1]:
        raise Problem(_("This is not a label map of the orbits: its values run from {min:g} to {max:g}, not whole "
                        "numbers from 0 to {label_values}. Choose the result of a segmentation.").format(
            min=values.min(), max=values.max(), label_values=LABEL_VALUES[-1]))
    return image.with_array(rounded.astype(np.uint8))
