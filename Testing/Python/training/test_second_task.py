"""A second task teaches a classifier where to look, and is gone after the training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from NeuroOrbitLib.classifiers.network_training import LabelledImages, train_classifier
from NeuroOrbitLib.classifiers.second_task import WithMeasurements, standardised, two_task_loss
from NeuroOrbitLib.training.schedule import ClassifierSchedule


class SmallNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU())
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x))


def test_unknown_measurements_count_for_nothing():
    output = torch.tensor([[2.0, 0.0, 0.5, 9.0], [0.0, 1.0, 1.0, 1.0]])
    target = torch.tensor([[0.0, 0.5, float("nan")], [1.0, 1.0, 1.0]])
    plain = nn.functional.cross_entropy(output[:, :2], torch.tensor([0, 1]))
    assert two_task_loss(output, target, 5.0) == pytest.approx(float(plain))
    target[1, 2] = 2.0
    assert two_task_loss(output, target, 3.0) == pytest.approx(float(plain) + 3.0 * 0.5 / 3)
    target[:, 1:] = float("nan")
    assert two_task_loss(output, target, 3.0) == pytest.approx(float(plain))


def test_measurements_are_standardised_over_the_cases_that_have_them():
    found = standardised(np.array([[1.0, np.nan, 7.0], [3.0, np.nan, np.nan], [np.nan, np.nan, 7.0]]))
    np.testing.assert_allclose(found[:2, 0], [-1, 1])
    assert np.isnan(found[:, 1]).all() and np.isnan(found[2, 0]) and found[0, 2] == 0


def test_what_was_measured_is_learned_although_the_labels_say_nothing_about_it(tmp_path):
    torch.manual_seed(0)
    brightness = torch.randn(32)
    images = torch.randn(32, 1, 10, 10) + brightness[:, None, None, None]
    samples = LabelledImages(images, [0, 1] * 16, lambda image, random: image, brightness.numpy()[:, None])
    schedule = ClassifierSchedule(40, 8, 2e-2)
    learned, plain = SmallNetwork(), SmallNetwork()
    plain.load_state_dict(learned.state_dict())
    names = set(learned.state_dict())
    result = train_classifier(learned, samples, schedule, tmp_path / "two", second_task=10.0)
    assert result is learned and set(result.state_dict()) == names and not result.training
    train_classifier(plain, samples, schedule, tmp_path / "one")

    def read(network: nn.Module) -> float:
        """Share of the brightness that the mean features tell linearly."""
        with torch.inference_mode():
            maps = network.features(images).mean(dim=(2, 3))
        design = torch.cat([maps, torch.ones(32, 1)], dim=1).numpy()
        rest = brightness.numpy() - design @ np.linalg.lstsq(design, brightness.numpy(), rcond=None)[0]
        return 1 - float(rest.var() / brightness.numpy().var())

    assert read(learned) > 0.9 and read(learned) > read(plain)


def test_the_reader_sees_the_last_feature_maps():
    network = WithMeasurements(SmallNetwork(), 3)
    assert network(torch.zeros(2, 1, 8, 8)).shape == (2, 5) and network.reader.in_features == 6
