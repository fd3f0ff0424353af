"""The packages that come with the extension: small, plain, calibrated, honest about what they have learned from."""

from __future__ import annotations

import pytest

from IVGCResponseLib.inventory import RESPONSE_MODEL
from IVGCResponseLib.pipeline import classify_image
from IVGCResponseLib.task import MUSCLE_MEANS, predictor_of
from NeuroOrbitLib.classifiers import distribution, familiarity, region_study
from NeuroOrbitLib.classifiers.interval import spread_from
from NeuroOrbitLib.classifiers.question import Question
from NeuroOrbitLib.models import ModelPackage, find_package
from NeuroOrbitLib.radiomics.columns import region_features

NAMES = ("ivgc-radiomics", "ivgc-rdinet")


@pytest.fixture(params=NAMES)
def package(request) -> ModelPackage:
    return find_package(request.param, accepts=RESPONSE_MODEL.includes)


def test_a_package_is_small_plain_calibrated_and_says_that_it_is_a_demonstration(package):
    files = [path for path in package.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 2_000_000
    assert {path.suffix for path in files} == {".safetensors", ".json", ".md"}
    assert package.facts.is_synthetic and package.facts.description.startswith("A demonstration model")
    assert package.facts.calibration["temperature"] > 0 and spread_from(package.facts.calibration["spread"]) is not None
    for name in (MUSCLE_MEANS, distribution.DOCUMENT, familiarity.DOCUMENT, "evaluation", "numbers"):
        assert package.document(name), name
    columns = predictor_of(package).columns
    assert set(package.document(distribution.DOCUMENT)) == set(columns) and any(":" in name for name in columns)


def test_a_package_answers_about_a_patient(package, scan, monkeypatch):
    monkeypatch.setattr(region_study, "region_features", region_features)
    found = classify_image(scan.image, package, scan.labels, Question({"cas": 5.0, "age": 40.0}, engine="own"))
    low, high = found.interval
    assert found.calibrated and 0 < low < found.probability < high < 1
    assert found.novelty is not None and len(found.places) == len(predictor_of(package).columns)
