"""Outlines with islands, gaps, holes and merged muscles: the value stays right and is told of, or there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.compare import compare
from NeuroOrbitLib.measurements.measure import Measuring, measure
from NeuroOrbitLib.measurements.rows import Row, by_key, notes_of
from NeuroOrbitLib.measurements.tables import rows_as_csv, rows_as_text
from Testing.Python.measurements.heads import head, label_map

FAT = label_value("orbital_fat", Side.RIGHT)
CORNER = (6, 6, 6)
ALL = ("eyeball", "lens", "optic_nerve", "lacrimal_gland", "medial_rectus", "superior_oblique")


@pytest.fixture(scope="module")
def labels() -> Image:
    return label_map(head(5, 0.6))


@pytest.fixture(scope="module")
def whole(labels):
    return by_key(measure(labels))


def right(key: str) -> int:
    return label_value(key, Side.RIGHT)


def middle(labels: Image, key: str) -> np.ndarray:
    return np.argwhere(labels.array == right(key)).mean(axis=0).round().astype(int)


def with_cube(labels: Image, key: str, center, half: int) -> Image:
    """The label map with a cube of (2 half + 1)^3 voxels more of a structure."""
    array = labels.array.copy()
    array[tuple(slice(index - half, index + half + 1) for index in center)] = right(key)
    return labels.with_array(array)


def with_gap(labels: Image, key: str, share: float, width_mm: float) -> Image:
    """The label map with fat instead of a slab of a structure, ``share`` of the way from back to front."""
    voxels = np.argwhere(labels.array == right(key))
    ahead = labels.grid.ras_from_ijk(voxels[:, ::-1])[:, 1]
    array = labels.array.copy()
    array[tuple(voxels[np.abs(ahead - np.quantile(ahead, share)) < width_mm / 2].T)] = FAT
    return labels.with_array(array)


def hollow(labels: Image, key: str) -> Image:
    """The label map with nothing in the core of a structure."""
    depth = ndimage.distance_transform_edt(labels.array == right(key))
    array = labels.array.copy()
    array[depth >= max(depth.max() - 1.5, 1.5)] = 0
    return labels.with_array(array)


def rows_of(rows: dict[tuple, Row], key: str) -> dict[str, Row]:
    return {quantity: row for (structure, side, quantity), row in rows.items() if (structure, side) == (key, "right")}


@pytest.mark.parametrize(("key", "half"), [*((key, 1) for key in ALL), ("medial_rectus", 2), ("eyeball", 2),
                                           ("optic_nerve", 2), ("lens", 2)])
def test_an_island_elsewhere_changes_no_value_and_is_told_or_refused(labels, whole, key, half):
    """The largest piece is measured; where an island is more than a tenth of it, nobody knows which is meant."""
    found = rows_of(by_key(measure(with_cube(labels, key, CORNER, half))), key)
    mm3 = (2 * half + 1) ** 3 * labels.grid.voxel_volume
    is_small = mm3 <= 100 * whole[key, "right", "volume"].value
    assert found.keys() == rows_of(whole, key).keys()
    for quantity, row in found.items():
        before = whole[row.key]
        if before.value is None:
            continue
        if is_small:
            assert row.value == pytest.approx(before.value, rel=0.01, abs=0.02), quantity
            assert f"Measured in the largest piece of its outline; {mm3:.0f} mm³ elsewhere were left out." in (
                row.measured.note), quantity
        else:
            assert "its outline is in pieces: " in row.text, quantity


def test_one_stray_voxel_changes_nothing_and_is_not_worth_a_word(labels, whole):
    array = labels.array.copy()
    array[CORNER] = right("medial_rectus")
    rows = measure(labels.with_array(array))
    assert notes_of(rows) == notes_of(whole.values())
    for row in rows:
        if row.value is not None:
            assert row.value == pytest.approx(whole[row.key].value, rel=1e-3, abs=2e-3), row.name


def test_an_island_beside_a_muscle_is_no_part_of_its_diameter(labels, whole):
    center = middle(labels, "inferior_rectus") - [10, 0, 0]
    found = rows_of(by_key(measure(with_cube(labels, "inferior_rectus", center, 2))), "inferior_rectus")
    for quantity in ("greatest_diameter", "diameter_at_globe", "greatest_area", "area_at_globe", "volume", "length"):
        assert found[quantity].value == pytest.approx(whole["inferior_rectus", "right", quantity].value, rel=0.01)
        assert "64 mm³ elsewhere were left out" in found[quantity].measured.note


def test_what_lies_below_rectus_and_levator_is_told_where_it_widens_them(labels, whole):
    center = middle(labels, "superior_rectus") - [10, 0, 0]
    found = rows_of(by_key(measure(with_cube(labels, "superior_rectus", center, 2))), "superior_rectus")
    assert found["greatest_diameter"].value > whole["superior_rectus", "right", "greatest_diameter"].value + 1
    assert "Taken across two pieces that lie apart" in found["greatest_diameter"].measured.note


@pytest.mark.parametrize(("key", "share"), [
    ("medial_rectus", 0.2), ("medial_rectus", 0.5), ("medial_rectus", 0.8), ("inferior_rectus", 0.5),
    ("superior_oblique", 0.8), ("optic_nerve", 0.2), ("optic_nerve", 0.5)])
def test_a_gap_of_a_muscle_or_nerve_is_told_and_no_diameter_is_taken_beside_it(labels, whole, key, share):
    found = rows_of(by_key(measure(with_gap(labels, key, share, 4.0))), key)
    bars = {"greatest_diameter": 0.45, "length": 1.5, "sheath_diameter_3mm": 0.2, "sheath_diameter_10mm": 0.2,
            "diameter_at_globe": 0.3, "diameter_behind_globe": 0.3}
    for quantity, bar in bars.items():
        row = found.get(quantity)
        if row is not None and row.value is not None:
            assert row.value == pytest.approx(whole[row.key].value, abs=bar), quantity
    assert found["length"].value is not None
    told = found["volume"].measured.note
    assert "has a gap of " in told or "elsewhere were left out" in told, told
    if key == "optic_nerve" and share == 0.2:
        assert "has a gap" in found["apical_crowding"].text


def test_a_muscle_that_lacks_its_thickest_part_has_no_diameter(labels, whole):
    rows = by_key(measure(with_gap(labels, "medial_rectus", 0.5, 4.0)))
    for quantity in ("greatest_diameter", "greatest_area"):
        assert "its outline has a gap there. Close it, then measure again." in (
            rows["medial_rectus", "right", quantity].text)


def test_halves_of_an_eyeball_give_no_lengths(labels):
    rows = by_key(measure(with_gap(with_gap(labels, "eyeball", 0.5, 3.2), "lens", 0.5, 9.0)))
    assert "its outline is in pieces" in rows["eyeball", "right", "axial_length"].text
    assert "its outline is in pieces" in rows["eyeball", "right", "volume"].text
    for key in (("eyeball", "right", "exophthalmos"), ("eyeball", "left", "exophthalmos"),
                ("medial_rectus", "right", "greatest_diameter"), ("bony_orbit", "right", "volume")):
        assert "of the right eyeball: its outline is in pieces" in rows[key].text or "pieces" in rows[key].text, key
    assert rows["medial_rectus", "left", "greatest_diameter"].value > 3


@pytest.mark.parametrize("key", ["medial_rectus", "optic_nerve", "eyeball"])
def test_a_hollow_outline_is_filled_and_told(labels, whole, key):
    found = rows_of(by_key(measure(hollow(labels, key))), key)
    for quantity, row in found.items():
        before = whole[row.key]
        if before.value is not None:
            assert row.value == pytest.approx(before.value, rel=0.01, abs=0.02), quantity
            assert "in its outline were filled." in row.measured.note


def test_fat_far_from_an_orbit_is_neither_its_fat_nor_its_cavity(labels, whole):
    array = labels.array.copy()
    array[4:14, 4:14, 4:14] = FAT
    rows = by_key(measure(labels.with_array(array)))
    for key in (("orbital_fat", "right", "volume"), ("bony_orbit", "right", "volume"),
                ("bony_orbit", "right", "fat_share"), ("eyeball", "right", "exophthalmos")):
        assert rows[key].value == pytest.approx(whole[key].value, rel=1e-3), key
    assert "512 mm³ elsewhere were left out" in rows["orbital_fat", "right", "volume"].measured.note


def test_a_muscle_that_is_missing_on_one_side_alone_may_be_part_of_its_neighbour(labels, whole):
    array = np.where(labels.array == right("superior_oblique"), right("superior_rectus"), labels.array)
    rows = by_key(measure(labels.with_array(array)))
    assert ("The right superior oblique muscle is missing from the label map, unlike that of the other side: this "
            "outline may include it.") in rows["superior_rectus", "right", "greatest_diameter"].measured.note
    assert not rows["lateral_rectus", "right", "greatest_diameter"].measured.note
    both = np.where(np.isin(labels.array, (right("superior_oblique"), label_value("superior_oblique", Side.LEFT))), 0,
                    labels.array)
    rows = by_key(measure(labels.with_array(both)))
    assert "may hold it" not in rows["superior_rectus", "right", "greatest_diameter"].measured.note


def test_muscles_that_touch_where_one_is_measured_are_told(labels, whole):
    row = whole["medial_rectus", "right", "greatest_diameter"]
    first, second = row.measured.place.points
    beyond = np.rint(labels.grid.ijk_from_ras(second + 2 * (second - first) / np.linalg.norm(second - first)))
    center = beyond.astype(int)[::-1]
    array = labels.array.copy()
    around = tuple(slice(index - 2, index + 3) for index in center)
    array[around] = np.where(array[around] == right("medial_rectus"), array[around], right("superior_oblique"))
    found = by_key(measure(labels.with_array(array)))[row.key]
    assert "No fat separates it from the superior oblique muscle" in found.measured.note


def test_a_comparison_says_what_was_left_out_on_which_date(labels):
    first, second = Measuring(labels), Measuring(with_cube(labels, "medial_rectus", CORNER, 2))
    notices = compare(first, second).notices
    assert notices == ["Later scan: Right medial rectus muscle: Measured in the largest piece of its outline; 64 mm³ "
                       "elsewhere were left out."]


def test_notes_stand_in_the_table_in_the_file_and_come_back_from_it(labels):
    rows = measure(with_cube(labels, "medial_rectus", CORNER, 2))
    (note,) = [note for note in notes_of(rows) if "left out" in note]
    assert note == ("Right medial rectus muscle: Measured in the largest piece of its outline; 64 mm³ elsewhere were "
                    "left out.")
    assert note in rows_as_text(rows)
    assert "64 mm³ elsewhere were left out" in rows_as_csv(rows)
    row = by_key(rows)["medial_rectus", "right", "greatest_diameter"]
    assert Row.from_data(row.as_data()).measured.note == row.measured.note
