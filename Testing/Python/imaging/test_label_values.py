"""Which values a label map holds."""

import numpy as np
import pytest

from NeuroOrbitLib.imaging.label_values import values_in


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int64])
def test_all_values_are_found_wherever_they_stand(dtype):
    labels = np.zeros((3, 5, 7), dtype)
    labels[0, 0, 0], labels[1, 2, 3], labels[-1, -1, -1] = 25, 1, 13
    assert values_in(labels) == {0, 1, 13, 25}
    assert values_in(labels[:, :, 1:5]) == {0, 1}


def test_values_of_a_part_that_is_not_contiguous_are_its_own():
    labels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert values_in(labels[:, ::2]) == set(range(0, 256, 2))


def test_a_map_without_background_or_without_voxels():
    assert values_in(np.full((2, 2), 255, np.uint8)) == {255}
    assert values_in(np.zeros(0, np.int16)) == set()
