"""The answer for a scan: what its table of signal ratios shows."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import RECTI, Side
from NeuroOrbitLib.imaging.resampling import on_grid
from NeuroOrbitLib.measurements.measure import measure
from NeuroOrbitLib.models import find_package
from NeuroOrbitLib.phantom.patients.patient import Scan
from TAOActivityLib.pipeline import Activity, classify_image
from TAOActivityLib.preparation import place_crop
from TAOActivityLib.synthetic.sample_patients import make_sample


@pytest.fixture(scope="module")
def scan() -> Scan:
    """A scan of active disease with slices above and below those that the classifier sees."""
    return make_sample("active")


@pytest.fixture(scope="module")
def answer(scan) -> Activity:
    return classify_image(scan.image, find_package("tao-b"), scan.labels)


def test_the_ratios_are_those_that_measure_reports(scan, answer):
    rows = measure(on_grid(scan.labels, scan.image.grid), scan.image, is_ct=False)
    measured = {(row.side, row.structure, row.quantity): row.measured.value for row in rows}
    assert {(muscle.side, muscle.muscle) for muscle in answer.ratios.muscles} == {
        (side, key) for side in Side for key in RECTI}
    for muscle in answer.ratios.muscles:
        for quantity, hottest in (("signal", False), ("hottest", True)):
            for reference in ("brain", "temporalis"):
                expected = measured[muscle.side, muscle.muscle, f"{quantity}_to_{reference}"]
                assert answer.ratios.ratio(muscle, reference, hottest) == pytest.approx(expected, rel=1e-3)


def test_an_answer_for_one_orbit_tells_of_that_orbit_alone(scan):
    crop = place_crop(scan.image.grid, scan.labels, "right")
    found = classify_image(scan.image, find_package("tao-b"), scan.labels, crop=crop)
    assert {muscle.side for muscle in found.ratios.muscles} == {Side.RIGHT}
    assert all(np.isfinite(found.ratios.ratio(muscle)) for muscle in found.ratios.muscles)
