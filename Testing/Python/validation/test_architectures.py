"""Candidates for the orbit network: judged by what they find, told in the page of results."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT
from OrbitSegmentationLib.any_contrast.training.label_bank import bank_grid
from Testing.Experiments.validation.orbit import architectures
from Testing.Experiments.validation.orbit.architectures import (
    Candidate,
    CoarseBatches,
    Outcome,
    coarser,
    compare,
    judge,
    section,
    write_section,
)


class Copying(nn.Module):
    """Answers with the class that the image's grey value names."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return 9.0 * nn.functional.one_hot(image[:, 0].round().long(), CLASS_COUNT).movedim(-1, 1).float()


def test_a_network_that_is_right_reaches_a_dice_of_one_and_confused_muscles_cost_theirs_only():
    classes = torch.randint(0, CLASS_COUNT, (8, 8, 8))
    assert judge(Copying(), [(classes[None].float(), classes)]) == (1.0, 1.0, 1.0)
    swapped = torch.where(classes == 6, 7, torch.where(classes == 7, 6, classes))
    globe, nerve, recti = judge(Copying(), [(swapped[None].float(), classes)])
    assert (globe, nerve) == (1.0, 1.0) and recti == pytest.approx(0.5)


def test_coarser_boxes_keep_image_and_classes_together_and_fit_three_halvings():
    classes = torch.zeros(1, 48, 64, 56, dtype=torch.long)
    classes[0, 10:20, 30:44, 6:12] = 5
    image, halved = coarser((classes == 5).float()[:, None], classes)
    assert image.shape == (1, 1, 24, 32, 32) and all(count % 8 == 0 for count in halved.shape[1:])
    assert torch.equal(image[:, 0] == 1, halved == 5) and int((halved == 5).sum()) == 10 * 14 * 6 // 8


def test_every_candidate_gets_the_same_batches_and_they_are_made_once():
    class Counting:
        made = 0

        def __len__(self) -> int:
            return 4

        def sample(self, index: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
            self.made += 1
            return torch.full((1, 48, 64, 56), random.random()), torch.full((48, 64, 56), index)

    samples = Counting()
    batches = CoarseBatches(samples)
    first, again = batches[3], batches[3]
    assert samples.made == len(first[0]) and first[1].dtype == torch.long
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


def test_candidates_that_were_judged_are_not_trained_again(tmp_path, monkeypatch):
    (tmp_path / "bank").mkdir()
    blocks = np.random.default_rng(1).integers(0, 22, (1, *bank_grid().shape), dtype=np.uint8)
    np.savez_compressed(tmp_path / "bank" / "blocks.npz", labels=blocks, tissues=blocks)
    small = Candidate("one layer", lambda: nn.Conv3d(1, CLASS_COUNT, 3, padding=1))
    monkeypatch.setattr(architectures, "candidates", lambda: (small,))
    said: list[str] = []
    for _ in range(2):
        outcomes = compare(tmp_path / "bank", tmp_path / "bank", tmp_path / "out", steps=2, judged=1, say=said.append)
    assert len(said) == 1 and outcomes[0].weights == 28 * CLASS_COUNT and outcomes[0].training_s > 0
    assert json.loads((tmp_path / "out" / "0-2" / "outcome.json").read_text())["title"] == "one layer"


def test_the_section_stands_before_the_validation_and_replaces_its_old_one(tmp_path):
    page = tmp_path / "orbit.md"
    page.write_text("# Results\n\n## How it got here\nslowly\n\n## Validation\nnumbers\n\n## Reproduction\npapers\n")
    for recti in (0.5, 0.6):
        write_section(page, section([Outcome("net", 1_200_000, 0.9, 0.7, recti, 1.0, 0.1)], 500, 24))
    text = page.read_text()
    assert text.count(architectures.HEADING) == 1 and "0.600" in text and "0.500" not in text and "1.20 M" in text
    assert text.index("slowly") < text.index(architectures.HEADING) < text.index("## Validation") < text.index("papers")
