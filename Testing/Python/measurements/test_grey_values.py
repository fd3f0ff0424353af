"""Grey values as they are measured: a number in every voxel, those of a CT in Hounsfield units."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.grey_values import grey_values_of
from Testing.Python.imaging.test_intensity import ct_head, head_of_three_tissues


def test_a_ct_without_sign_is_measured_in_hounsfield_units_even_if_it_is_padded():
    head = ct_head()
    stored = np.clip(head.array.astype(np.int32) + 1024, 0, 4095).astype(np.int16)
    given = grey_values_of(head.with_array(stored))
    assert given.is_ct and "1024 higher" in given.notices[0]
    np.testing.assert_array_equal(given.image.array, np.clip(head.array, -1024, 3071))
    stored[:, :6] = -2000
    given = grey_values_of(head.with_array(stored))
    assert given.is_ct and given.image.array.min() == -1024


def test_voxels_without_a_number_are_told_and_do_not_make_an_mri_of_a_ct():
    head = ct_head()
    array = head.array.astype(np.float32)
    array[:, :, :3] = np.nan
    given = grey_values_of(head.with_array(array))
    assert given.is_ct and np.isfinite(given.image.array).all() and "are not numbers" in given.notices[0]
    with pytest.raises(ImageProblem, match="not numbers"):
        grey_values_of(Image(np.full((4, 4, 4), np.nan, np.float32), np.eye(4)))


def test_ordinary_scans_are_left_as_they_are():
    mri = head_of_three_tissues()[0]
    for scan, is_ct in ((ct_head(), True), (mri, False)):
        given = grey_values_of(scan)
        assert given.image is scan and given.is_ct is is_ct and given.notices == ()


def test_a_ct_that_was_cut_to_a_window_is_told_with_its_limits():
    head = ct_head()
    cut = grey_values_of(head.with_array(np.clip(head.array, -160, 240)))
    assert cut.is_ct and "between -160 and 240 HU" in cut.notices[0]
    dense = grey_values_of(head.with_array(np.minimum(head.array, 240)))
    assert dense.is_ct and len(dense.notices) == 1
    padded = dense.image.array.copy()
    padded[:, :4] = -2000
    assert "between -1024 and 240 HU" in grey_values_of(head.with_array(padded)).notices[0]
    assert grey_values_of(head.with_array(np.clip(head.array, -450, 1050))).notices == ()
