"""Measurements as tables that people and programs can read."""

import math
from dataclasses import replace

import numpy as np
import slicer

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.measurements.rows import Measured, Place, Row
from NeuroOrbitLib.mrml.measurement_table import MeasurementEdits, TableRow, add_measurement_table, rows_of
from NeuroOrbitLib.mrml.tables import Column, add_table, table_text
from NeuroOrbitLib.sentences import Sentence, sentence

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


def saved_and_opened(path):
    """Save the scene, close it and open it again, as a user does the next day."""
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(path))


def test_measures_and_corrections_are_there_when_a_scene_is_opened_again(slicer_session, tmp_path):
    """The application's files of tables lose double quotes, and what stands between them."""
    place = Place("line", np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    method = sentence("across \"the\" muscle, {percent} % of\tit").format(percent="50\n")
    rows = [Row("medial_rectus", Side.RIGHT, "greatest_diameter", Measured(4.25, 0.2, place, method)),
            Row("eyeball", Side.LEFT, "volume", Measured.missing(sentence("the globe's back is \"cut\" off.")))]
    table = add_measurement_table("Measures", [TableRow(row) for row in rows], "CT")
    MeasurementEdits(table).edit(0, replace(rows[0].measured, value=4.5))
    before = rows_of(table)
    saved_and_opened(tmp_path / "scene.mrb")
    found = rows_of(slicer.util.getNode("Measures"))
    assert [row.row.as_data() for row in found] == [row.row.as_data() for row in before] and len(found) == 2
    assert found[0].is_edited and found[0].automatic.value == 4.25
    assert isinstance(found[0].row.measured.method, Sentence) and found[0].row.measured.method == method


def test_text_of_a_cell_is_the_same_when_a_scene_is_opened_again(slicer_session, tmp_path):
    add_table("Words", [Column("words", "Words"), Column("number", "Number", decimals=1)],
              [{"words": 'the scan "A", 50 %', "number": 1.5}, {"words": "two\nlines and a\ttab"}])
    before = table_text(slicer.util.getNode("Words"))
    assert before.split("\n")[1:] == ["the scan ”A”, 50 %\t1.5", "two lines and a tab\t"]
    saved_and_opened(tmp_path / "scene.mrb")
    opened = slicer.util.getNode("Words")
    assert [opened.GetCellText(row, 0) for row in (0, 1)] == ["the scan ”A”, 50 %", "two lines and a tab"]
