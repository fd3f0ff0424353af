"""Numbers as people read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from NeuroOrbitLib.number_text import fixed, signed, unbroken, with_band, with_change

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCT = ("NeuroOrbitLib", "OrbitSegmentation", "TAOActivity", "IVGCResponse", "NeuroDifferential")
SIGNED_FORMAT = re.compile(r"\{[^{}]*:\+\d*\.")


@pytest.mark.parametrize(("value", "decimals", "plain", "difference"), [
    (-0.0004, 3, "0.000", "0.000"), (0.0004, 3, "0.000", "0.000"), (-0.0, 0, "0", "0"), (-0.04, 1, "0.0", "0.0"),
    (-0.06, 1, "-0.1", "-0.1"), (2.345, 1, "2.3", "+2.3"), (12, 2, "12.00", "+12.00"),
    (float("nan"), 1, "nan", "+nan")])
def test_what_is_rounded_to_nothing_has_no_sign(value, decimals, plain, difference):
    assert (fixed(value, decimals), signed(value, decimals)) == (plain, difference)


@pytest.mark.parametrize(("difference", "band", "texts"), [
    (0.0849, 0.08, ("+0.085", "0.080")), (-0.08004, 0.08003, ("-0.08004", "0.08003")), (0.5, 0.2, ("+0.50", "0.20")),
    (0.08, 0.0849, ("+0.08", "0.08")), (0.08, 0.08, ("+0.08", "0.08")), (0.004, 0.001, ("+0.004", "0.001")),
    (0.08, None, ("+0.08", "")), (0.1000000001, 0.1, ("+0.10000", "0.10000"))])
def test_a_difference_beyond_its_band_is_not_rounded_to_the_same_number(difference, band, texts):
    assert with_band(difference, band, 2) == texts


@pytest.mark.parametrize(("numbers", "texts"), [
    ((0.734, 3.366, 0.2), ("0.73", "3.37", "+2.64", "0.20")), ((3.366, 0.734, 0.2), ("3.37", "0.73", "-2.64", "0.20")),
    ((1.0, 1.084, 0.082), ("1.000", "1.084", "+0.084", "0.082")),
    ((1.004, 1.086, 0.084), ("1.004", "1.086", "+0.082", "0.084")),
    ((2.0, 2.0, 0.0), ("2.00", "2.00", "0.00", "0.00"))])
def test_two_numbers_and_their_change_agree_as_they_are_shown(numbers, texts):
    """The lesions of two visits, 0.73 and 3.37 ml, stood beside a change of +2.63 ml."""
    assert with_change(*numbers, 2) == texts


@pytest.mark.parametrize(("text", "kept"), [
    ("54 % to > 99 %", "54_% to > 99_%"), ("10 lesions, 1.78 ml", "10 lesions, 1.78_ml"),
    ("5.0 mm apart", "5.0_mm apart"),
    ("1.2 mm² and 3 mm³", "1.2_mm² and 3_mm³"), ("in 95 of 100 trainings", "in 95 of 100 trainings"),
    ("12 years", "12_years"), ("7 mmHg, 3 mlx", "7 mmHg, 3 mlx")])
def test_no_line_breaks_between_a_number_and_its_unit(text, kept):
    assert unbroken(text) == kept.replace("_", "\u00a0")


def test_differences_are_written_by_the_one_function_that_knows_this():
    found = [f"{path.name}:{number}" for folder in PRODUCT for path in (REPOSITORY / folder).rglob("*.py")
             if "Testing" not in path.parts and path.name != "number_text.py"
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
             if SIGNED_FORMAT.search(line)]
    assert not found, "use NeuroOrbitLib.number_text.signed"
