"""Names and places of scans, which often hold a patient's name, are written only where somebody asks for them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.privacy import fingerprint, numbered_cases, without_names, without_paths
from NeuroOrbitLib.sentences import sentence
from OrbitSegmentationLib.__main__ import main


@pytest.fixture
def label_maps(tmp_path) -> tuple[Path, Path]:
    """Folders of references and predictions whose files name their patients; one has no partner."""
    labels = np.zeros((6, 6, 6), np.uint8)
    labels[2:4, 2:4, 2:4] = 1
    for folder, names in (("references", ("DOE_JANE", "ROE_RICHARD", "POE_EDGAR")),
                          ("predictions", ("DOE_JANE", "ROE_RICHARD"))):
        for name in names:
            save_image(Image(labels, np.diag([10.0, 10.0, 10.0, 1.0])), tmp_path / folder / f"{name}_labels.nii.gz")
    return tmp_path / "references", tmp_path / "predictions"


def evaluated(label_maps: tuple[Path, Path], *options: str) -> str:
    output = label_maps[0].parent / "numbers.json"
    references, predictions = map(str, label_maps)
    assert main(["evaluate", "--reference", references, "--prediction", predictions, "--json", str(output),
                 *options]) == 0
    return output.read_text(encoding="utf-8")


def test_an_evaluation_numbers_its_cases_and_names_no_file(label_maps, tmp_path):
    text = evaluated(label_maps)
    content = json.loads(text)
    assert list(content["cases"]) == ["case 1", "case 2"] and content["left_out_count"] == 1
    assert not any(word in text for word in ("DOE", "ROE", "POE", str(tmp_path)))


def test_an_evaluation_names_its_cases_where_that_is_asked_for(label_maps):
    content = json.loads(evaluated(label_maps, "--with-paths"))
    assert len(content["cases"]) == 2 and all("DOE" in name or "ROE" in name for name in content["cases"])
    assert "POE_EDGAR" in content["left_out"][0]


def test_numbers_of_cases_follow_their_names_and_keep_their_values():
    assert numbered_cases({"b": 2, "a": 1}) == {"case 1": 1, "case 2": 2}


def test_a_result_keeps_everything_but_its_places():
    assert without_paths({"scan": "/a/DOE.nii", "labels": "/b/DOE.nii", "seconds": 3}) == {"seconds": 3}


def test_names_of_files_are_taken_out_of_messages_and_of_their_parts():
    scan = Path("/data/DOE_JANE/scan.nii.gz")
    inner = sentence("{path} is cut off.").format(path=scan.name)
    told = without_names(sentence("This scan. {problems}").format(problems=[inner, f"No such file: '{scan}'"]), [scan],
                         "case 7")
    assert told == "This scan. case 7 is cut off., No such file: 'case 7'"
    assert told.template == "This scan. {problems}" and told.values["problems"][0].template == "{path} is cut off."
    assert without_names("scan.raw in /data/DOE_JANE is missing; another_scan.raw", [scan], "case 7") == (
        "case 7 in case 7 is missing; another_scan.raw")
    assert without_names("nothing", [], "case 7") == "nothing"
    assert without_names("1: 16 slices 1.50 mm apart, IM1 is damaged", ["/data/1", "/data/1.dcm", "/data/IM1"],
                         "A file") == "1: 16 slices 1.50 mm apart, A file is damaged"


def test_a_fingerprint_tells_lists_apart_and_names_nobody():
    assert fingerprint(["a", "b"]) == fingerprint(["a", "b"])
    assert len({fingerprint(names) for names in (["a", "b"], ["b", "a"], ["ab"], ["a"], [])}) == 5
    assert "DOE" not in fingerprint(["DOE"])
