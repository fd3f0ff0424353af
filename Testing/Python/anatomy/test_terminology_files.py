"""Terminology file and colour table: what is committed is what the vocabulary says, and Slicer reads it."""

from __future__ import annotations

import json

import pytest

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.anatomy.terminology import CONTEXT_NAME
from NeuroOrbitLib.anatomy.write_resources import (
    COLOR_TABLE_FILE,
    TERMINOLOGY_FILE,
    resource_texts,
    write_resources,
)
from NeuroOrbitLib.resources import resource_path


@pytest.fixture(scope="module")
def slicer():
    return pytest.importorskip("slicer", reason="slicer-core is not installed")


@pytest.fixture(scope="module")
def terminologies(slicer):
    logic = slicer.vtkSlicerTerminologiesModuleLogic()
    name = logic.LoadTerminologyFromFile(str(resource_path(*TERMINOLOGY_FILE)))
    assert name == CONTEXT_NAME
    return logic


def _verhoeff_check(code: str) -> int:
    """Check sum of a SNOMED CT identifier (Verhoeff 1969); 0 for a valid one."""
    permutation = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    for row in range(2, 8):
        permutation.append([permutation[row - 1][permutation[1][column]] for column in range(10)])
    product = [
        [(a + b) % 5 if a < 5 and b < 5 else
         5 + (a + b - 5) % 5 if a < 5 else
         5 + (a - 5 - b) % 5 if b < 5 else
         (a - b) % 5
         for b in range(10)]
        for a in range(10)
    ]  # fmt: skip
    check = 0
    for position, digit in enumerate(reversed(code)):
        check = product[check][permutation[position % 8][int(digit)]]
    return check


def _as_shown(kind):
    return kind.GetSlicerLabel(), tuple(kind.GetRecommendedDisplayRGBValue())


def test_committed_files_are_what_the_vocabulary_says():
    for place, text in resource_texts().items():
        committed = resource_path(*place).read_text(encoding="utf-8")
        assert committed == text, "Run: python -m NeuroOrbitLib.anatomy.write_resources"


def test_writing_makes_both_files(tmp_path):
    paths = write_resources(tmp_path)
    assert json.loads(paths[0].read_text(encoding="utf-8"))["SegmentationCategoryTypeContextName"] == CONTEXT_NAME
    assert len(paths[1].read_text(encoding="utf-8").splitlines()) == 27


@pytest.mark.parametrize("structure", anatomy.STRUCTURES, ids=lambda structure: structure.key)
def test_snomed_codes_have_valid_check_digits(structure):
    assert _verhoeff_check(structure.code) == 0


def test_the_check_digit_test_notices_a_wrong_digit():
    assert _verhoeff_check("18234004") == 0
    assert _verhoeff_check("18234005") != 0 and _verhoeff_check("20020131") != 0


def test_entry_is_the_string_that_slicer_stores():
    assert anatomy.terminology_entry(7) == (
        "Segmentation category and type - Orbit~SCT^123037004^Anatomical Structure~"
        "SCT^47869003^Inferior rectus muscle~SCT^24028007^Right~Anatomic codes - DICOM master list~^^~^^"
    )


@pytest.mark.parametrize("value", anatomy.LABEL_VALUES)
def test_slicer_reads_each_entry_back_with_its_side(slicer, terminologies, value):
    entry = slicer.vtkSlicerTerminologyEntry()
    assert terminologies.DeserializeTerminologyEntry(anatomy.terminology_entry(value), entry)
    side = anatomy.side_of(value)
    assert entry.GetCategoryObject().GetCodeMeaning() == "Anatomical Structure"
    assert entry.GetTypeObject().GetCodeValue() == anatomy.structure_of(value).code
    assert (entry.GetTypeModifierObject().GetCodeMeaning() or None) == (side.value.capitalize() if side else None)


def test_slicer_shows_each_structure_with_its_name_and_colour(slicer, terminologies):
    category, kind, modifier = (
        slicer.vtkSlicerTerminologyCategory(), slicer.vtkSlicerTerminologyType(), slicer.vtkSlicerTerminologyType()
    )  # fmt: skip
    terminologies.GetNthCategoryInTerminology(CONTEXT_NAME, 0, category)
    for index, structure in enumerate(anatomy.STRUCTURES):
        assert terminologies.GetNthTypeInTerminologyCategory(CONTEXT_NAME, category, index, kind)
        shown = [] if len(structure.values) == 2 else [_as_shown(kind)]
        for side in range(len(structure.values) - 1 and 2):
            assert terminologies.GetNthTypeModifierInTerminologyType(CONTEXT_NAME, category, kind, side, modifier)
            shown.append(_as_shown(modifier))
        assert shown == [(anatomy.label_name(value), anatomy.label_rgb(value)) for value in structure.values]


def test_slicer_offers_every_structure_under_anatomical_structure(slicer, terminologies):
    category = slicer.vtkSlicerTerminologyCategory()
    assert terminologies.GetNthCategoryInTerminology(CONTEXT_NAME, 0, category)
    assert category.GetCodeMeaning() == "Anatomical Structure"
    assert terminologies.GetNumberOfTypesInTerminologyCategory(CONTEXT_NAME, category) == len(anatomy.STRUCTURES)


def test_slicer_reads_the_colour_table(slicer):
    scene = slicer.vtkMRMLScene()
    table = scene.AddNewNodeByClass("vtkMRMLColorTableNode")
    storage = slicer.vtkMRMLColorTableStorageNode()
    scene.AddNode(storage)
    storage.SetFileName(str(resource_path(*COLOR_TABLE_FILE)))
    assert storage.ReadData(table)
    color = [0.0] * 4
    for value in anatomy.LABEL_VALUES:
        assert table.GetColorName(value) == anatomy.label_name(value)
        table.GetColor(value, color)
        assert color[:3] == pytest.approx(anatomy.label_color(value), abs=1 / 255)
