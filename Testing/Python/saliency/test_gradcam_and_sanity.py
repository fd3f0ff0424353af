"""Grad-CAM finds what a class looks for, and maps that depend on the weights fall apart with them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.saliency.gradcam import default_layer, grad_cam
from NeuroOrbitLib.saliency.occlusion import occlusion_map
from NeuroOrbitLib.saliency.patches import OcclusionSettings
from NeuroOrbitLib.saliency.sanity import randomisable_layers, randomisation_check, rank_correlation
from NeuroOrbitLib.saliency.structures import heat_ratio, mean_heat


def bright_or_dark(spatial: int) -> nn.Module:
    """Class 1 is the mean of bright pixels, class 0 of dark ones."""
    convolution, pool = (nn.Conv2d, nn.AdaptiveAvgPool2d) if spatial == 2 else (nn.Conv3d, nn.AdaptiveAvgPool3d)
    network = nn.Sequential(convolution(1, 2, 1, bias=False), nn.ReLU(), pool(1), nn.Flatten(), nn.Linear(2, 2))
    with torch.no_grad():
        network[0].weight[:, 0] = torch.tensor([-1.0, 1.0]).reshape(2, *[1] * spatial)
        network[4].weight.copy_(torch.eye(2))
        network[4].bias.zero_()
    return network


@pytest.mark.parametrize("spatial", [2, 3])
def test_grad_cam_shows_what_each_class_looks_for(spatial):
    image = torch.zeros(1, *[16] * spatial)
    image[(0, *[slice(2, 5)] * spatial)] = 1.0
    image[(0, *[slice(10, 14)] * spatial)] = -1.0
    network = bright_or_dark(spatial)
    bright, dark = (grad_cam(network, image, index) for index in (1, 0))
    assert bright.shape == (16,) * spatial
    assert bright[(3,) * spatial] > 0 and bright[(12,) * spatial] == 0
    assert dark[(12,) * spatial] > 0 and dark[(3,) * spatial] == 0


def test_grad_cam_of_one_logit_explains_yes_and_no():
    network = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 1))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(1.0)
    image = torch.zeros(1, 8, 8)
    image[0, 2, 2], image[0, 6, 6] = 1.0, -1.0
    yes, no = (grad_cam(network, image, index) for index in (1, 0))
    assert yes[2, 2] > 0 and yes[6, 6] == 0 and no[6, 6] > 0 and no[2, 2] == 0


def test_grad_cam_names_what_it_needs():
    assert default_layer(bright_or_dark(2)) == "0"
    with pytest.raises(Problem, match="no layer"):
        grad_cam(bright_or_dark(2), torch.zeros(1, 8, 8), 0, "nowhere")
    with pytest.raises(Problem, match="convolutions"):
        grad_cam(nn.Sequential(nn.Flatten(), nn.Linear(64, 2)), torch.zeros(1, 8, 8), 0)


def trained_on_a_corner() -> tuple[nn.Module, torch.Tensor]:
    """A small network that has learned to look for a bright square at one place; and one such image."""
    torch.manual_seed(0)
    images = torch.randn(64, 1, 24, 24) * 0.5
    truth = (torch.arange(64) % 2).long()
    images[truth == 1, :, 4:10, 14:20] += 1.5
    network = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3, padding=1),
                            nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(288, 2))
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), truth).backward()
        optimizer.step()
    return network.eval(), images[1]


def test_random_weights_destroy_an_occlusion_map():
    network, image = trained_on_a_corner()
    settings = OcclusionSettings(6, 2, 0.0)
    heat = occlusion_map(network, image, settings).heat(1)
    square = np.zeros((24, 24), dtype=bool)
    square[4:10, 14:20] = True
    assert heat_ratio(heat, square, ~square) > 5
    stages = randomisation_check(network, lambda n: occlusion_map(n, image, settings).heat(1), stages=2)
    assert [stage.layers for stage in stages] == [1, 3] and [stage.name for stage in stages] == ["7", "0"]
    assert all(stage.correlation < 0.5 for stage in stages)
    assert randomisable_layers(network) == ["0", "3", "7"]


def test_a_map_that_ignores_the_weights_is_found_out():
    network, image = trained_on_a_corner()
    stages = randomisation_check(network, lambda n: image[0].numpy())
    assert [stage.correlation for stage in stages] == pytest.approx([1.0] * 3)


def test_constant_maps_are_like_nothing():
    assert rank_correlation(np.ones((4, 4)), np.arange(16.0).reshape(4, 4)) == 0.0


def test_heat_per_structure():
    heat = np.array([[1.0, 3.0], [np.nan, -2.0]])
    labels = np.array([[5, 5], [5, 7]])
    assert mean_heat(heat, labels, (5, 6, 7)) == {5: 2.0, 7: -2.0}
    assert heat_ratio(heat, labels == 5, labels == 7) == float("inf")
    assert heat_ratio(-heat, labels == 7, labels == 5) == float("inf")
    assert heat_ratio(np.zeros((2, 2)), labels == 5, labels == 7) == 0.0
