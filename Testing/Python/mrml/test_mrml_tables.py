"""Measurements as tables that people and programs can read."""

import math

import slicer

from NeuroOrbitLib.mrml.tables import Column, add_table, table_text

COLUMNS = [Column("structure", "Structure"), Column("volume_ml", "Volume (mL)", "mL", "Voxel sum.", 2)]
ROWS = [{"structure": "Right eyeball", "volume_ml": 7.12345}, {"structure": "Left eyeball"}]


def test_values_are_rounded_as_they_are_shown(slicer_session):
    node = add_table("Measurements", COLUMNS, ROWS)
    assert node.GetCellText(0, 0) == "Right eyeball"
    assert float(node.GetCellText(0, 1)) == 7.12
    assert slicer.util.arrayFromTableColumn(node, "volume_ml")[0] == 7.12


def test_missing_values_are_not_zero(slicer_session):
    node = add_table("Measurements", COLUMNS, ROWS)
    assert math.isnan(slicer.util.arrayFromTableColumn(node, "volume_ml")[1])


def test_columns_say_what_they_hold(slicer_session):
    node = add_table("Measurements", COLUMNS, ROWS)
    assert node.GetColumnTitle("volume_ml") == "Volume (mL)"
    assert node.GetColumnUnitLabel("volume_ml") == "mL"
    assert node.GetColumnDescription("volume_ml") == "Voxel sum."
    assert node.GetUseColumnTitleAsColumnHeader()


def test_only_columns_that_may_are_left_out_and_only_when_no_row_has_a_value(slicer_session):
    columns = [*COLUMNS, Column("confidence", "Confidence", "%", decimals=0, optional=True)]
    rows = [{"structure": "Right eyeball"}, {"structure": "Left eyeball"}]
    assert add_table("Measurements", columns, rows).GetNumberOfColumns() == 2
    node = add_table("Measurements", columns, [{**rows[0], "confidence": 91.0}, rows[1]])
    assert node.GetNumberOfColumns() == 3
    assert table_text(node).split("\n")[1:] == ["Right eyeball\t\t91", "Left eyeball\t\t"]


def test_changes_have_a_plus_sign(slicer_session):
    node = add_table("Effects", [Column("points", "Change", "points", decimals=1, signed=True)],
                     [{"points": 1.44}, {"points": -2.7}, {"points": -0.04}, {}])
    assert table_text(node).split("\n")[1:] == ["+1.4", "-2.7", "0.0", ""]
    assert slicer.util.arrayFromTableColumn(node, "points")[0] == 1.4
