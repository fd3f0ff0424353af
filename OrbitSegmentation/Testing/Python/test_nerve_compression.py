"""Signs of compression of the optic nerve in the report: limits, doubt, sides, what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.clinical_report.content import content_of
from NeuroOrbitLib.clinical_report.nerve_compression import compression_sentences, compression_signs
from NeuroOrbitLib.clinical_report.page import report_html
from NeuroOrbitLib.measurements.measure import measure
from NeuroOrbitLib.measurements.rows import Measured, Row
from NeuroOrbitLib.phantom.head.shape import random_head_shape
from Testing.Python.measurements.heads import label_map


def rows_of(index=41.0, upright=38.0, grade=1.0, angle=146.0, side=Side.RIGHT, spread=2.0):
    values = {("bony_orbit", "barrett_horizontal"): (index, spread),
              ("bony_orbit", "barrett_vertical"): (upright, spread),
              ("optic_nerve", "crowding_grade"): (grade, None), ("eyeball", "globe_tent_angle"): (angle, spread)}
    return [Row(structure, side, name, Measured.missing("it is cut.") if value is None else Measured(value, own))
            for (structure, name), (value, own) in values.items()]


def present(rows, side=Side.RIGHT):
    return [sign.present for sign in compression_signs(rows, side)]


def test_a_healthy_orbit_has_none_of_the_signs():
    assert compression_sentences(rows_of())[0] == (
        "Right: no sign. Measured: muscle index 41 ± 2 % (a sign from 50 % on), crowding near the apex of grade 1 (a "
        "sign: grade 3), angle of the globe's back 146 ± 2° (a sign below 130°).")


def test_the_larger_index_counts_whichever_direction_it_has():
    assert "muscle index 64 ± 2 %" in compression_sentences(rows_of(upright=64.0))[0]
    assert "muscle index 64 ± 2 %" in compression_sentences(rows_of(index=64.0))[0]
    assert present(rows_of(upright=64.0))[0] and present(rows_of(index=64.0))[0]


@pytest.mark.parametrize(("values", "expected"), [
    ({"index": 49.4}, [False, False, False]), ({"index": 49.6}, [True, False, False]),
    ({"grade": 2.0}, [False, False, False]), ({"grade": 3.0}, [False, True, False]),
    ({"angle": 130.0}, [False, False, False]), ({"angle": 129.0}, [False, False, True]),
])
def test_limits_hold_for_values_as_they_are_printed(values, expected):
    assert present(rows_of(**values)) == expected


def test_present_signs_come_first_and_a_doubtful_one_says_so():
    text = compression_sentences(rows_of(index=51.0, grade=3.0, spread=4.0))[0]
    assert text == ("Right: 2 of 3 measured: muscle index 51 ± 4 % (a sign from 50 % on), unclear within its "
                    "uncertainty, crowding near the apex of grade 3 (a sign: grade 3). Not present: angle of the "
                    "globe's back 146 ± 4° (a sign below 130°).")
    assert compression_sentences(rows_of(index=70.0, grade=3.0, angle=110.0))[0].startswith("Right: 3 of 3 measured: ")


def test_each_side_is_judged_by_its_own_values():
    rows = [*rows_of(index=65.0), *rows_of(side=Side.LEFT)]
    right, left, *_others = compression_sentences(rows)
    assert right.startswith("Right: 1 of 3 measured: muscle index 65")
    assert left.startswith("Left: no sign. Measured: ")


def test_what_could_not_be_measured_is_no_sign_and_none_that_is_absent():
    assert len(compression_signs(rows_of(index=None, upright=None), Side.RIGHT)) == 2
    assert "Right: no sign. Measured: crowding" in compression_sentences(rows_of(index=None, upright=None))[0]
    assert "muscle index 38" in compression_sentences(rows_of(index=None))[0]
    assert compression_sentences(rows_of(None, None, None, None)) == []


def test_the_report_says_that_signs_prove_nothing_and_leaves_the_part_out_without_any():
    page = report_html(content_of(rows_of(index=65.0), [None] * 4, None))
    assert "Signs of compression of the optic nerves" in page and "neither prove nor exclude" in page
    assert "compression" not in report_html(content_of(rows_of(None, None, None, None), [None] * 4, None))


def test_severe_disease_shows_signs_that_the_same_head_in_health_does_not():
    found = {}
    for severity in (0.0, 2.0):
        shape = random_head_shape(np.random.default_rng(22), severity=severity)
        found[severity] = present(measure(label_map(shape)))
    assert found[0.0] == [False, False, False]
    assert found[2.0][0], "muscles fill more than half of the orbit's width or height"
