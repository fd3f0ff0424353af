"""Signal ratios of muscles: where the reference tissues lie, on which axes, and what is said without them."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.measure import Measuring
from NeuroOrbitLib.measurements.rows import by_key
from NeuroOrbitLib.measurements.scan_ratios import scan_ratios
from NeuroOrbitLib.measurements.signal import signal_measures
from NeuroOrbitLib.measurements.signal_ratio import (
    REFERENCES,
    corrected_for_ratios,
    measure_ratios,
    reference_signal,
    region_ratios,
)
from NeuroOrbitLib.phantom.patients.patient import make_patient
from Testing.Python.measurements.heads import head, label_map

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


@pytest.mark.parametrize(("protocol", "references"), [("mr-axial-spir", ("brain", "temporalis")),
                                                      ("mr-coronal-t2fs", ("temporalis",))])
def test_the_bias_correction_leaves_the_contrast_of_tissues_in_few_slices(protocol, references):
    """A finer correction raised ratios over brain by two thirds, and lowered those over temporal muscle by one."""
    scan = make_patient(5, 0.6, 0.8, protocols=(protocol,), positioning=0.5).scans[protocol]
    # The coil of the phantom changes its signals by 15 % at most.
    plain, corrected = (scan_ratios(image, scan.labels)
                        for image in (reorient_to_ras(scan.image), corrected_for_ratios(scan.image)))
    for reference in references:
        changes = [after.mean / corrected.references[reference] / (before.mean / plain.references[reference])
                   for before, after in zip(plain.muscles, corrected.muscles, strict=True)]
        assert len(changes) == 8 and 0.85 < min(changes) <= max(changes) < 1.15


@pytest.mark.parametrize("stored", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_the_hottest_spot_of_cubic_voxels_lies_in_an_axial_slice_however_they_are_stored(stored):
    values, mask = np.full((9, 9, 9), 100.0, np.float32), np.ones((9, 9, 9), bool)
    values[4, 3:6, 3:6] = 300.0  # a flat spot in one axial slice
    affine = np.eye(4)
    columns = [2 - axis for axis in stored][::-1]
    found = signal_measures(values.transpose(stored), mask, affine[:, [*columns, 3]])
    assert found["signal_hottest"].value == pytest.approx(300.0)
    assert found["signal_hottest"].place.points[0] == pytest.approx([4.0, 4.0, 4.0])


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


def test_ratios_do_not_depend_on_the_axis_order_in_which_the_voxels_are_stored():
    """The bias field, found in the scan's own axis order, made ratios of the same head differ by up to 4 %."""
    labels = label_map(head(3), (0.8, 0.8, 2.0))
    across, along, up = np.meshgrid(*[np.linspace(-1, 1, size) for size in labels.array.shape], indexing="ij")
    noise = np.random.default_rng(1).normal(1, 0.1, labels.array.shape)
    grey = np.where(labels.array, 200.0, 100.0) * noise * np.exp(0.4 * across + 0.3 * along * up - 0.5 * up**2)
    scan = labels.with_array(grey.astype(np.float32))
    ratios = [_ratios(*images) for images in ((scan, labels), (_stored_otherwise(scan), _stored_otherwise(labels)))]
    assert len(ratios[0]) >= 8
    assert ratios[1] == pytest.approx(ratios[0], rel=1e-3)


def _ratios(scan: Image, labels: Image) -> dict[tuple[str, str, str], float]:
    rows = by_key(Measuring(labels, scan).rows())
    return {key: row.value for key, row in rows.items() if key[2] == "signal_to_temporalis" and row.value is not None}


def _stored_otherwise(image: Image) -> Image:
    """The same image with I from front to back, J from bottom to top and K from left to right."""
    affine = image.affine[:, [1, 2, 0, 3]]
    affine[:, 3] += affine[:, 0] * (image.array.shape[1] - 1)
    affine[:, 0] *= -1
    return Image(np.ascontiguousarray(image.array.transpose(2, 0, 1)[:, :, ::-1]), affine)
