"""The report of a volume in the scene: edited measures and options reach it, problems are told."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import JobRunner
from NeuroOrbitLib.mrml.report import write_report
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.research_use import RESEARCH_USE
from Testing.pseudo_language import speak, untranslated

EDITED = [{"structure": "inferior_rectus", "side": "right", "quantity": "greatest_diameter", "value": 9.9, "unit": "mm",
           "uncertainty": 0.2, "method": None, "reason": None, "place": None}]


@pytest.fixture
def loaded():
    """(volume, label map with two eyes)."""
    array = np.random.default_rng(0).integers(0, 500, (20, 30, 50)).astype(np.int16)
    node = node_from_image(Image(array, np.array([[-2.0, 0, 0, 50], [0, -2.0, 0, 30], [0, 0, 2.0, -20],
                                                  [0, 0, 0, 1]])), "MRI")
    labels = np.zeros(array.shape, np.uint8)
    labels[6:14, 6:14, 6:14] = label_value("eyeball", "right")
    labels[6:14, 6:14, 34:42] = label_value("eyeball", "left")
    return node, Image(labels, image_from_node(node).affine)


def test_report_holds_edited_measures(loaded, tmp_path):
    found = write_report(*loaded, JobRunner(), [tmp_path / "report.html"], EDITED, {"normal": "mri-male"})
    assert "greatest diameter 9.9 mm, above the published range" in found[0]
    assert "9.9 ± 0.2" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("measures", [EDITED, None])
def test_the_report_is_written_in_the_language_of_the_application(loaded, tmp_path, monkeypatch, measures):
    speak(monkeypatch)
    told = {"notices": [RESEARCH_USE], "patient": {"Патиент": "Смирнова"}}
    outputs = [tmp_path / "report.html", tmp_path / "report.pdf"]
    found = write_report(*loaded, JobRunner(), outputs, measures, told)
    page = outputs[0].read_text(encoding="utf-8")
    assert found[0] in page and "Смирнова" in page
    assert untranslated(page) <= {"MRI", "mm", "ml", "SlicerNeuroOrbit"}
    assert outputs[1].read_bytes().startswith(b"%PDF")


def test_empty_segmentation_is_told(loaded, tmp_path):
    node, labels = loaded
    with pytest.raises(Problem, match="label map is empty"):
        write_report(node, labels.with_array(np.zeros_like(labels.array)), JobRunner(), [tmp_path / "report.html"])
    assert not (tmp_path / "report.html").exists()
