"""A study of other structures stands on the shared classifier with what is special to it alone: optic nerves here."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.groups import StructureGroups
from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.classifiers import structure_box
from NeuroOrbitLib.classifiers.column_file import ColumnFile
from NeuroOrbitLib.classifiers.gate import Gate, Limit
from NeuroOrbitLib.classifiers.question import Question
from NeuroOrbitLib.classifiers.region_classifier import RegionClassifier
from NeuroOrbitLib.classifiers.region_steps import RegionSteps
from NeuroOrbitLib.classifiers.region_study import RegionStudy
from NeuroOrbitLib.classifiers.structure_box import StructureBox
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

NERVES = StructureGroups({"nerve": ("optic_nerve",), "eye": ("eyeball",), "both": ("optic_nerve", "eyeball")}, "both")
BOX = StructureBox(NERVES, 8, 16, "nerves", _("The segmentation lacks the {missing}."), _("Nothing is segmented."))
MEANS = {str(label_value(key, side)): 0.0 for key in ("optic_nerve", "eyeball") for side in Side}


def brightness(corrected: Image, labels: Image) -> dict[str, float]:
    """Mean signal of the nerves."""
    return {"signal": float(corrected.array[np.isin(labels.array, NERVES.values_of("nerve"))].mean())}


STUDY = RegionStudy(BOX, ("nerve", "eye"), "none", brightness)


class Answers:
    """A model that answers by the signal of the nerves and by the patient's age."""

    columns = ("age", "signal")

    def of_case(self, image: np.ndarray, numbers) -> np.ndarray:
        """Probabilities of both classes: higher for brighter nerves and older patients."""
        age = 50.0 if np.isnan(numbers["age"]) else numbers["age"]
        value = 1 / (1 + np.exp(-(float(image.max()) / 10 + (age - 50.0) / 40.0)))
        return np.array([1 - value, value])


class Package(SimpleNamespace):
    """What a model package says, without a model behind it."""

    def document(self, name: str):
        """The mean signals alone are kept."""
        return MEANS if name == "means" else None

    def provenance(self) -> dict[str, str]:
        """Nothing is known."""
        return {"model": self.name}


@pytest.fixture
def package() -> Package:
    facts = SimpleNamespace(settings={"threshold": 0.5, "kind": "nerves"}, calibration={}, is_synthetic=True)
    return Package(name="nerve-model", title="Nerves", facts=facts)


@pytest.fixture
def scan() -> tuple[Image, Image]:
    """Two nerves behind two eyes, bright in a dim head."""
    labels = np.zeros((20, 40, 40), np.uint8)
    for column, (eye, nerve) in ((10, (2, 4)), (28, (1, 3))):
        labels[8:14, 24:32, column:column + 6] = eye
        labels[9:13, 8:24, column + 1:column + 4] = nerve
    values = np.random.default_rng(0).normal(100, 5, labels.shape) + 80 * np.isin(labels, (3, 4))
    affine = np.diag([1.5, 1.5, 3.0, 1.0])
    return Image(values.astype(np.float32), affine), Image(labels, affine)


@pytest.fixture
def classifier(tmp_path, monkeypatch) -> RegionClassifier:
    monkeypatch.setattr(structure_box, "correct_bias_field", lambda image: image)
    (tmp_path / "columns.json").write_text('[{"name": "age", "title": "Age", "unit": "years"}]')
    task = SimpleNamespace(TASK=SimpleNamespace(positive=1), predictor_of=lambda package, device: Answers())
    kind = SimpleNamespace(require=lambda package: None)
    familiarity = SimpleNamespace(novelty=lambda *_: None)
    gate = Gate((Limit("age", 18, "The patient is a child."),))
    return RegionClassifier(kind, task, STUDY, gate, lambda scan, tags: None, lambda scan, labels, tags: ["Odd scan."],
                            lambda scan, device, progress: pytest.fail("segmented"), familiarity, "Look.",
                            ColumnFile(tmp_path / "columns.json"), "means", ("quiet", "ill"))


def test_a_patient_is_answered_and_explained(classifier, package, scan):
    answer, why = classifier.explain(*(scan[0], package, scan[1]), Question({"age": 60.0}))
    data = classifier.data(answer, package)
    assert data["decision"] == "ill" and data["numbers"]["age"] == 60.0
    assert answer.prepared.image.array.shape == (8, 16, 16)
    assert data["ratios"]["signal"] == pytest.approx(180, abs=3) and "Odd scan." in data["notices"]
    assert why.leading == "optic_nerve" and why.falls["optic_nerve"] > 0.01 > why.falls["eyeball"]
    assert set(why.as_data()) >= {"by_structure", "leading_structure", "falls"} and why.heat is None
    younger = classifier.classify(scan[0], package, scan[1], Question({"age": 20.0}))
    assert younger.probability < answer.probability and younger.imputed == ()
    assert classifier.classify(scan[0], package, scan[1]).imputed == ("age",)


def test_what_the_study_does_not_look_at_is_refused_in_its_words(classifier, package, scan):
    with pytest.raises(Problem, match="The patient is a child"):
        classifier.classify(scan[0], package, scan[1], Question({"age": 9.0}))
    gone = scan[1].with_array(np.where(scan[1].array == 3, 0, scan[1].array))
    with pytest.raises(Problem, match=r"lacks the right optic nerve\."):
        classifier.classify(scan[0], package, gone)
    with pytest.raises(Problem, match="Choose one of nerve, eye, both"):
        STUDY.settings(box_group="lens")
    assert STUDY.facts(STUDY.settings()) == {"box": "nerves", "box_group": "both", "profile": "none",
                                             "groups": ["nerve", "eye"]}


def test_the_panel_sees_the_structures_before_anything_is_estimated(classifier, scan, tmp_path):
    for name, image in zip(("scan", "labels"), scan, strict=True):
        save_image(image, tmp_path / f"{name}.nii")
    found = RegionSteps(classifier).prepare_file(str(tmp_path / "scan.nii"), "", str(tmp_path / "labels.nii"))
    volumes = {(row["structure"], row["side"]): row["volume_ml"] for row in found["structures"]}
    assert volumes["optic_nerve", "right"] == pytest.approx(4 * 16 * 3 * 6.75 / 1000) and found["labels"] is None
