"""Damaged series are refused in words; never read as something else."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.files import load_image
from Testing.Attack.dicom_damage import REFUSED
from Testing.dicom_series import evenly, write_series


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_damaged_series_are_refused(tmp_path, name, seed):
    write_series(tmp_path / "series", evenly(12))
    REFUSED[name](tmp_path / "series", np.random.default_rng([seed, zlib.crc32(name.encode())]))
    with pytest.raises(ImageProblem, match=r"\. .*[.]$|Export|Copy"):
        load_image(tmp_path / "series")
