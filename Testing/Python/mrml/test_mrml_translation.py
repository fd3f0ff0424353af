"""The panel shows what pure code says in the language of the application."""

from __future__ import annotations

import pytest

from NeuroOrbitLib.anatomy import label_name
from NeuroOrbitLib.mrml import translation
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.widgets.notice import NoticeBanner
from OrbitSegmentationLib.quality.plausibility import missing_notices

GERMAN = {"Not found: {missing}. Segment by hand what can be seen.": "Nicht gefunden: {missing}. Bitte von Hand.",
          "Right {structure}": "{structure}, rechts", "optic nerve": "Sehnerv", "Left {structure}": "{seite} falsch"}


@pytest.fixture(autouse=True)
def german(monkeypatch):
    monkeypatch.setattr(translation, "translate", lambda context, text: GERMAN.get(text, text))


def test_a_notice_of_pure_code_is_shown_in_the_users_language_with_its_structures():
    banner = NoticeBanner()
    banner.show_notices(missing_notices([], {3: label_name(3), 4: label_name(4)}))
    assert banner.text == "Nicht gefunden: Sehnerv, rechts, Left Sehnerv. Bitte von Hand."


def test_text_that_is_no_sentence_stays():
    assert translated("optic nerve") == "optic nerve"


def test_an_eye_that_was_not_measured_has_its_reason_in_place_of_numbers():
    from NeuroOrbitLib.mrml.segmentation_results import measurement_columns, table_rows
    from NeuroOrbitLib.mrml.tables import add_table, shown_text

    row = {"label": 1, "structure": "eyeball", "side": "right", "volume_ml": None, "mean_intensity": None,
           "confidence": None, "not_measured": "oil?"}
    table = add_table("Measurements", measurement_columns("HU"), table_rows([row]))
    told = {table.GetColumnName(column): shown_text(table, 0, column) for column in range(table.GetNumberOfColumns())}
    assert (told["volume_ml"], told["remark"], told["structure"]) == ("", "oil?", "Eyeball")
