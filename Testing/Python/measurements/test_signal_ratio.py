"""Signal ratios of muscles: where the reference tissues lie, on which axes, and what is said without them."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.signal_ratio import (
    REFERENCES,
    measure_ratios,
    reference_signal,
    region_ratios,
)

_SHAPE, _STEP = (20, 100, 100), (2.0, 2.0, 2.0)


def _head(side: Side = Side.RIGHT) -> tuple[Image, Image]:
    """One eye and one muscle; 300 in the muscle, 150 beside the orbit and 100 in the temporal lobe, elsewhere 7."""
    affine = np.diag([*_STEP, 1.0])
    affine[:3, 3] = (-100.0, -150.0, -20.0)
    labels = Image(np.zeros(_SHAPE, np.uint8), affine)
    ijk = np.stack(np.meshgrid(*[np.arange(size) for size in _SHAPE], indexing="ij"), axis=-1)[..., ::-1]
    right, ahead, up = np.moveaxis(labels.grid.ras_from_ijk(ijk), -1, 0)
    lateral = right * side.x_sign - 30.0
    labels.array[lateral**2 + ahead**2 + up**2 < 12.0**2] = label_value("eyeball", side)
    muscle = (np.abs(lateral + 10.0) < 4.0) & (np.abs(ahead + 24.0) < 8.0) & (np.abs(up) < 6.0)
    labels.array[muscle] = label_value("medial_rectus", side)
    values = np.full(_SHAPE, 7.0, np.float32)
    values[(lateral > 23) & (ahead < -10) & (ahead > -34)] = 150.0
    values[(np.abs(lateral - 10) < 12) & (ahead < -56) & (ahead > -78)] = 100.0
    values[muscle] = 300.0
    return Image(values, affine), labels


@pytest.mark.parametrize("side", list(Side))
def test_a_muscle_is_compared_with_temporal_muscle_and_brain_of_its_side(side):
    ratios = measure_ratios(*_head(side))
    (muscle,) = ratios.muscles
    assert (muscle.side, muscle.muscle) == (side, "medial_rectus")
    assert ratios.ratio(muscle, "brain") == pytest.approx(3.0)
    assert ratios.ratio(muscle, "temporalis") == pytest.approx(2.0)
    assert ratios.ratio(muscle, "temporalis", hottest=True) == pytest.approx(2.0)
    assert ratios.highest("brain") == pytest.approx(3.0)


def test_the_reference_turns_with_the_head_and_is_unknown_outside_of_the_field_of_view():
    scan, labels = _head()
    turned = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    affine = np.eye(4)
    affine[:3] = turned @ scan.affine[:3]
    place = REFERENCES["temporalis"]
    moved = (Image(scan.array, affine), Image(labels.array, affine))
    assert reference_signal(*moved, place, turned.T) == pytest.approx(150.0)
    assert reference_signal(*moved, place) != pytest.approx(150.0)
    cut_affine = scan.affine.copy()
    cut_affine[:3, 3] = scan.grid.ras_from_ijk(np.array([0, 60, 0]))  # without what lies farther back
    cut = (Image(image.array[:, 60:], cut_affine) for image in (scan, labels))
    assert np.isnan(reference_signal(*cut, REFERENCES["brain"]))


def test_voxels_that_were_never_measured_are_no_reference():
    """Zeros stand for what lies outside of the field of view, or was cut off to make a face unrecognisable."""
    scan, labels = _head()
    grey = scan.array.copy()
    place = np.argwhere(grey == 150.0)[:, 2]
    grey[:, :, np.quantile(place, 0.35, method="nearest") + 1:] = 0.0
    found = measure_ratios(scan.with_array(grey), labels)
    assert found.ratio(found.muscles[0], "temporalis") == pytest.approx(2.0)
    nothing = scan.with_array(np.where(scan.array == 150.0, 0, scan.array) * (scan.array != 7.0))
    found = measure_ratios(nothing, labels)
    assert np.isnan(found.ratio(found.muscles[0], "temporalis")) and np.isnan(found.highest("temporalis"))
    assert np.isnan(region_ratios(nothing, labels, {"muscle": (9, 10)}, "temporalis")["muscle"])
