"""Fine-tuning: what is not labelled is not taught to be absent, orbits lie where they should, and the model learns."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from NeuroOrbitLib.evaluation.segmentation.scores import score_case
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.models import find_package
from NeuroOrbitLib.phantom.patients.cohort import MANIFEST_COLUMNS, write_manifest
from NeuroOrbitLib.training.cohorts import read_cohort
from NeuroOrbitLib.training.trainer import Outcome
from OrbitSegmentationLib.__main__ import main
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.fine_tuning import command, run
from OrbitSegmentationLib.any_contrast.fine_tuning.losses import partial_cross_entropy_and_dice, possible_classes
from OrbitSegmentationLib.any_contrast.fine_tuning.orbits import CohortOrbits, store_orbits
from OrbitSegmentationLib.any_contrast.training import label_bank
from OrbitSegmentationLib.any_contrast.training.losses import cross_entropy_and_dice

EYEBALL, LENS, NERVE, GLAND = (LABEL_OF_CLASS.index(value) for value in (1, 19, 3, 13))
SHAPE = (1, CLASS_COUNT, 4, 4, 4)


def sure_of(classes: np.ndarray) -> torch.Tensor:
    """Logits of a network that is sure of these classes."""
    return 20.0 * torch.nn.functional.one_hot(torch.from_numpy(classes).long(), CLASS_COUNT).movedim(-1, 0)[None]


def loss(found: np.ndarray, target: np.ndarray) -> float:
    return float(partial_cross_entropy_and_dice(sure_of(found).float(), torch.from_numpy(target)[None]))


def test_with_every_structure_labelled_the_loss_is_the_default_models():
    random = np.random.default_rng(0)
    classes = random.integers(0, CLASS_COUNT, SHAPE[2:])
    logits = torch.from_numpy(random.normal(0, 1, SHAPE).astype(np.float32))
    target = torch.from_numpy(possible_classes(classes, range(1, CLASS_COUNT)))[None]
    torch.testing.assert_close(partial_cross_entropy_and_dice(logits, target),
                               cross_entropy_and_dice(logits, torch.from_numpy(classes)[None]))


def test_a_structure_that_nobody_labelled_may_be_found_and_a_labelled_one_may_not():
    drawn = np.zeros(SHAPE[2:], dtype=np.uint8)
    drawn[0] = EYEBALL
    target = possible_classes(drawn, [EYEBALL, NERVE])
    with_gland, with_nerve, with_lens = drawn.copy(), drawn.copy(), drawn.copy()
    with_gland[2], with_nerve[2], with_lens[0, 0] = GLAND, NERVE, LENS
    # The nerve, which is labelled nowhere, scores its full Dice where it is not found.
    assert loss(drawn, target) < 0.01 and loss(with_gland, target) < 0.01 and loss(with_lens, target) < 0.01
    assert loss(with_nerve, target) > 1.0


def test_gradients_are_numbers_where_several_classes_are_possible():
    logits = torch.zeros(SHAPE, requires_grad=True)
    target = torch.from_numpy(possible_classes(np.zeros(SHAPE[2:], dtype=np.uint8), [EYEBALL]))[None]
    partial_cross_entropy_and_dice(logits, target).backward()
    assert torch.isfinite(logits.grad).all()


def test_orbits_of_both_sides_are_kept_in_the_right_eye_frame(toy_head, tmp_path):
    save_image(toy_head[0], tmp_path / "cohort" / "p1" / "a.nii.gz")
    save_image(toy_head[1], tmp_path / "cohort" / "p1" / "a_labels.nii.gz")
    cases = read_cohort(tmp_path / "cohort").cases
    store_orbits(cases, tmp_path / "prepared")
    orbits = CohortOrbits(cases, tmp_path / "prepared")
    assert len(orbits) == 2
    (_image, right), (image, left) = orbits.plain(0), orbits.plain(1)
    lateral, medial = (LABEL_OF_CLASS.index(value) for value in (11, 9))
    for target in (right, left):
        columns = {number: (target == number).nonzero()[:, 2].double().mean() for number in (lateral, medial)}
        assert columns[lateral] > columns[medial] + 15
        assert (target == EYEBALL).sum() == 0 and (target == -(2**EYEBALL + 2**LENS)).sum() > 5000
        assert image.shape[1:] == target.shape and float(image.min()) >= 0.0 and float(image.max()) <= 1.0
    drawn, target = orbits.sample(0, np.random.default_rng(1))
    assert drawn.shape == image.shape and set(target.unique().tolist()) <= set(right.unique().tolist())


def test_an_orbit_of_which_only_the_eyeball_is_drawn_teaches_nothing_of_its_muscles(toy_head, tmp_path):
    """An annotator who has finished one side only."""
    labels = toy_head[1]
    left_done = labels.with_array(np.where((labels.array % 2 == 1) & (labels.array > 1), 0, labels.array))
    save_image(toy_head[0], tmp_path / "p1" / "a.nii.gz")
    save_image(left_done, tmp_path / "p1" / "a_labels.nii.gz")
    cases = read_cohort(tmp_path).cases
    store_orbits(cases, tmp_path / "prepared")
    (_image, right), (_other, left) = (CohortOrbits(cases, tmp_path / "prepared").plain(place) for place in (0, 1))
    muscle = LABEL_OF_CLASS.index(9)
    assert (left == muscle).any()
    may_be_muscle = (right < 0) & ((-right >> muscle) % 2 == 1)
    assert may_be_muscle.sum() == (right < 0).sum() - (right == -(2**EYEBALL + 2**LENS)).sum()


def test_every_fold_gets_a_package_of_its_own_and_holds_out_other_patients(tmp_path, monkeypatch, capsys, toy_head):
    scan, labels = toy_head
    for number in range(3):
        save_image(scan.with_array(scan.array + number), tmp_path / "cohort" / f"p{number}" / "scan.nii.gz")
        save_image(labels, tmp_path / "cohort" / f"p{number}" / "scan_labels.nii.gz")
    runs = []

    def tune(output, run, resume, _named):
        runs.append((output.name, [case.patient for case in run.held_out], run.folder.name))
        return SimpleNamespace(folder=output), {}, {}

    monkeypatch.setattr(command, "_tune", tune)
    arguments = ["train", "--cohort", str(tmp_path / "cohort"), "--start", "orbit-any-contrast", "--device", "cpu",
                 "-o", str(tmp_path / "ours")]
    assert main([*arguments, "--fold", "all"]) == 0
    assert [name for name, _held_out, _folder in runs] == ["fold-1", "fold-2", "fold-3"]
    assert sorted(patient for _name, held_out, _folder in runs for patient in held_out) == ["p0", "p1", "p2"]
    assert [folder for _name, _held_out, folder in runs] == ["fold-1.training", "fold-2.training", "fold-3.training"]
    assert capsys.readouterr().out.count("Model package:") == 3
    assert main([*arguments, "--fold", "4"]) == 1 and "from 1 to 3, or 'all'; not '4'" in capsys.readouterr().err
    runs.clear()
    assert main([*arguments, "--fold", "2"]) == 0 and [name for name, *_rest in runs] == ["ours"]


@pytest.fixture
def tuned(tmp_path, monkeypatch, toy_head):
    """Function that fine-tunes, without learning anything, and returns what was written and told of the package."""
    scan, labels = toy_head
    for number, name in enumerate(("DOE", "ROE", "POE")):
        save_image(scan.with_array(scan.array + number), tmp_path / "cohort" / name / "scan.nii.gz")
        save_image(labels, tmp_path / "cohort" / name / "scan_labels.nii.gz")
    packages = []

    def write(folder, _weights, facts):
        packages.append(facts)
        return SimpleNamespace(folder=folder)

    monkeypatch.setattr(command, "fine_tune", lambda *_arguments: (torch.nn.Linear(1, 1), Outcome(6, None, 0, False)))
    monkeypatch.setattr(command, "measure", lambda _model, run, _progress: {
        case.name: score_case(labels, labels) for case in run.held_out})
    monkeypatch.setattr(run, "write_package", write)

    def tune(*options):
        assert main(["train", "--cohort", str(tmp_path / "cohort"), "--start", "orbit-any-contrast", "--device", "cpu",
                     "-o", str(tmp_path / "ours"), "--fold", "1", *options]) == 0
        return (tmp_path / "ours.training" / "evaluation.json").read_text(), packages[-1]

    return tune


def test_held_out_patients_are_named_only_where_that_is_asked_for(tuned, capsys):
    written, _facts = tuned("--json")
    told = capsys.readouterr().out
    assert json.loads(told)["before"]["cases"].keys() == {"case 1"}
    assert not any(name in text for name in ("DOE", "ROE", "POE") for text in (written, told))
    written, _facts = tuned("--json", "--with-paths")
    assert any(name in written and name in capsys.readouterr().out for name in ("DOE", "ROE", "POE"))


def test_a_model_that_learned_from_phantoms_says_so(tuned, tmp_path, capsys):
    assert not tuned()[1].is_synthetic and "synthetic" not in capsys.readouterr().out
    rows = [{**dict.fromkeys(MANIFEST_COLUMNS, ""), "patient": name, "modality": "CT",
             "image": f"{name}/scan.nii.gz", "labels": f"{name}/scan_labels.nii.gz"} for name in ("DOE", "ROE", "POE")]
    write_manifest(tmp_path / "cohort", rows)
    facts = tuned()[1]
    assert facts.is_synthetic and facts.training_data.startswith("synthetic phantoms: 2 scans of 2 patients; before")
    assert facts.license == "Apache-2.0" and facts.title.endswith("fine-tuned on 2 synthetic patients")
    assert all("synthetic scans" in name for name in facts.performance)
    assert "After, 1 held-out synthetic scans" in capsys.readouterr().out


def test_eyeballs_drawn_with_their_lens_are_judged_as_such(tmp_path, monkeypatch, toy_head):
    scan, labels = toy_head
    save_image(scan, tmp_path / "p1" / "scan.nii.gz")
    save_image(labels, tmp_path / "p1" / "scan_labels.nii.gz")
    array = labels.array.copy()
    front = np.argwhere(array == 1)[-50:]
    array[tuple(front.T)] = 19
    monkeypatch.setattr(run, "segment_image", lambda *_arguments: SimpleNamespace(labels=labels.with_array(array)))
    (scores,) = run.measure(None, SimpleNamespace(held_out=read_cohort(tmp_path).cases, device="cpu")).values()
    assert 19 not in scores and scores[1].metrics["dice"] == 1.0


def test_the_log_is_not_silent_while_synthetic_orbits_are_made(tmp_path, monkeypatch):
    """The first line came when the training began, minutes after the start."""
    trainer = SimpleNamespace(run=lambda _progress: Outcome(2, None, 0, False), load_best=lambda: None)
    monkeypatch.setattr(label_bank, "_write_phantom", lambda *_orbit: None)
    monkeypatch.setattr(run, "store_orbits", lambda *_cases: None)
    monkeypatch.setattr(run, "load", lambda *_model: torch.nn.ModuleDict({"orbit": torch.nn.Linear(1, 1)}))
    monkeypatch.setattr(run, "_trainer", lambda *_run: trainer)
    said: list[tuple[float, str]] = []
    plan = run.FineTuningPlan(steps=2)
    run.fine_tune(run.FineTuning(plan, SimpleNamespace(sha256="abc"), (), (), tmp_path), False,
                  lambda fraction, message: said.append((fraction, message)))
    assert [message for _fraction, message in said] == ["Making synthetic orbits"] * plan.synthetic_heads
    assert said == sorted(said) and 0.0 < said[0][0] < said[-1][0] < 0.1


def test_every_fold_starts_from_the_model_as_it_was_and_is_compared_with_it(tmp_path, monkeypatch):
    """The second fold went on from the first one's weights, which knew its patients; "before" was "after"."""
    def learned(_run, network):
        def one_step(_progress):
            with torch.no_grad():
                next(network.parameters()).add_(1.0)
            return Outcome(1, None, 0, False)

        return SimpleNamespace(run=one_step, load_best=lambda: None)

    monkeypatch.setattr(run, "store_orbits", lambda *_cases: None)
    monkeypatch.setattr(run, "build_phantom_bank", lambda *_heads, progress: None)
    monkeypatch.setattr(run, "_trainer", learned)
    start = find_package("orbit-any-contrast")
    before = next(run.load(start, "cpu").orbit.parameters()).detach().clone()
    folds = [run.fine_tune(run.FineTuning(run.FineTuningPlan(), start, (), (), tmp_path / name))[0]
             for name in ("fold-1", "fold-2")]
    for network in folds:
        assert torch.equal(next(network.orbit.parameters()), before + 1.0)
    assert torch.equal(next(run.load(start, "cpu").orbit.parameters()), before)


def test_a_clinics_model_does_not_become_synthetic_by_phantoms():
    clinical = SimpleNamespace(facts=SimpleNamespace(is_synthetic=False), training_data="a user's cohort: 5 scans")
    phantoms = SimpleNamespace(start=clinical, synthetic=True, train=[None])
    assert run._training_data(phantoms, 1) == (
        "a user's cohort: 5 scans; after that, synthetic phantoms: 1 scans of 1 patients")
