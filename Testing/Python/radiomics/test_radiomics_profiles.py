"""Profiles: what they hold, and that files say the same as PyRadiomics' parameter files."""

from __future__ import annotations

import json
import sys

import pytest
import yaml

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.engines import choose_engine
from NeuroOrbitLib.radiomics.explanations import explanation, unit_of
from NeuroOrbitLib.radiomics.extraction import extract_features
from NeuroOrbitLib.radiomics.names import CLASSES
from NeuroOrbitLib.radiomics.profiles import PROFILES, read_profile
from NeuroOrbitLib.radiomics.regions import all_regions
from NeuroOrbitLib.radiomics.settings import Extraction
from Testing.Python.radiomics.cases import ALL_IMAGES, profile, scan_with_regions


@pytest.mark.parametrize(("name", "counts"), [("full", (14, 198, 825)), ("rdinet-660", (14, 198, 448))])
def test_a_shipped_profile_gives_its_number_of_features(name, counts):
    image, labels = scan_with_regions(5)
    found = extract_features(image, labels, all_regions(labels)[:1], read_profile(name), "own")
    kinds = [row.name.split("_")[1] for row in found.rows]
    shape, first = kinds.count("shape"), kinds.count("firstorder")
    assert (shape, first, len(kinds) - shape - first) == counts
    assert None not in {row.value for row in found.rows}


def test_the_record_says_engine_version_and_settings():
    image, labels = scan_with_regions(5)
    record = extract_features(image, labels, all_regions(labels)[:1], profile(setting={"binWidth": 7}), "own").record
    assert (record["engine"], record["profile"]["passes"][0]["setting"]["binWidth"]) == ("own", 7)
    assert record["engine_version"] and json.dumps(record)


def test_the_same_input_gives_the_same_bits():
    image, labels = scan_with_regions(6)
    wish = profile(imageType=ALL_IMAGES)
    first, second = (extract_features(image, labels, all_regions(labels), wish, "own").rows for _ in range(2))
    assert first == second


@pytest.mark.parametrize("ending", ["json", "yaml"])
@pytest.mark.parametrize("name", PROFILES)
def test_a_written_profile_is_read_back_the_same(tmp_path, name, ending):
    written = read_profile(name)
    as_text = json.dumps if ending == "json" else yaml.safe_dump
    (tmp_path / f"p.{ending}").write_text(as_text(written.as_data()), encoding="utf-8")
    assert read_profile(tmp_path / f"p.{ending}") == written


def test_a_parameter_file_of_pyradiomics_is_read_as_it_is(tmp_path):
    (tmp_path / "mr.yaml").write_text(
        "imageType:\n  Original: {}\n  LoG: {sigma: [1.0, 3.0]}\nfeatureClass:\n  shape:\n  glcm: [Contrast]\n"
        "setting:\n  binWidth: 5\n  label: 2\n", encoding="utf-8")
    (found,) = read_profile(tmp_path / "mr.yaml").passes
    assert (found.settings.bin_width, found.wanted("glcm"), len(found.wanted("shape"))) == (5, ("Contrast",), 14)
    assert found.settings_of("LoG").sigma == (1.0, 3.0)


@pytest.mark.parametrize(("parameters", "says"), [
    ({"imageType": {"LBP3D": {}}}, "'LBP3D' cannot be computed"),
    ({"featureClass": {"shape2D": []}}, "'shape2D' is not known"),
    ({"featureClass": {"glcm": ["Sharpness"]}}, "no feature 'Sharpness'"),
    ({"setting": {"binwidth": 5}}, "'binwidth' is not known"),
    ({"setting": {"binWidth": 0}}, "binWidth is a number above 0"),
    ({"setting": {"resampledPixelSpacing": [1, 1]}}, "three sizes in mm"),
    ({"settings": {}}, "no part of radiomics parameters"),
    ({"imageType": {"LoG": {"sigma": [1], "sigmas": 2}}}, "'sigmas' is not known"),
])
def test_what_cannot_be_is_refused_by_name(parameters, says):
    with pytest.raises(Problem, match=says):
        Extraction.from_parameters(parameters)


def test_an_unknown_profile_and_a_file_of_something_else_are_refused(tmp_path):
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(Problem, match="no radiomics profile everything"):
        read_profile("everything")
    with pytest.raises(Problem, match="holds no radiomics parameters"):
        read_profile(tmp_path / "list.json")


def test_every_feature_of_every_image_type_is_explained_in_one_sentence():
    for kind, names in CLASSES.items():
        for name in names:
            text = explanation(f"original_{kind}_{name}")
            assert text.endswith(".") and text[0].isupper(), (kind, name)
            assert explanation(f"wavelet-LLH_{kind}_{name}") != text
    assert unit_of("original_shape_MeshVolume") == "mm3"
    assert unit_of("original_glcm_Contrast") == ""


def test_without_pyradiomics_the_own_engine_takes_its_place(monkeypatch):
    monkeypatch.setitem(sys.modules, "radiomics", None)
    assert choose_engine("auto").name == "own"
    with pytest.raises(Problem, match="--engine own"):
        choose_engine("pyradiomics")


def test_binary_patterns_without_scikit_image_are_refused_with_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.feature", None)
    image, labels = scan_with_regions(1)
    with pytest.raises(Problem, match="needs the package scikit-image"):
        extract_features(image, labels, all_regions(labels), profile(imageType={"LBP2D": {}}), "own")


def test_pyradiomics_is_the_engine_where_it_imports():
    pytest.importorskip("radiomics", reason="PyRadiomics is not installed")
    assert choose_engine("auto").name == "pyradiomics"
    image, labels = scan_with_regions(1)
    with pytest.raises(Problem, match="IBSI"):
        extract_features(image, labels, all_regions(labels), profile(definitions="ibsi"), "pyradiomics")
