"""The classifiers have the shapes and sizes that the paper's table implies."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from NeuroOrbitLib.saliency.occlusion import occlusion_map
from NeuroOrbitLib.saliency.patches import OcclusionSettings
from TAOActivityLib.networks.registry import all_networks, find


def trainable(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


@pytest.mark.parametrize("entry", all_networks(), ids=lambda entry: entry.name)
def test_shapes_and_parameters_are_as_registered(entry):
    network = entry.build().eval()
    assert trainable(network) == entry.parameters
    with torch.inference_mode():
        assert network(torch.zeros(2, *entry.input_shape)).shape == (2, *entry.output_shape)


def test_network_a_is_the_papers():
    network = find("network_a").build()
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 10 and {module.kernel_size for module in convolutions} == {(3, 3)}
    assert [module.out_channels for module in convolutions] == [64, 64, 128, 128, 256, 256, 512, 512, 512, 512]
    assert sum(isinstance(module, nn.Linear) for module in network.modules()) == 4
    assert trainable(network.features) == 9_412_032
    assert network.features.eval()(torch.zeros(1, 5, 128, 128)).shape == (1, 512, 4, 4)


def test_network_b_is_the_papers():
    network = find("network_b").build()
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 20 and {module.kernel_size for module in convolutions} == {(3, 3)}
    assert {module.stride for module in convolutions} == {(1, 1), (2, 2)}
    assert {module.out_channels for module in convolutions} == {64, 128, 256, 512}
    assert sum(type(module).__name__ == "ResidualBlock" for module in network.modules()) == 8
    assert sum(isinstance(module, nn.Linear) for module in network.modules()) == 4
    assert trainable(find("network_b").build(dense=())) == pytest.approx(14.1e6, rel=0.001)


@pytest.mark.parametrize("name", ["network_a_compact", "network_b_compact"])
def test_occlusion_recomputes_only_what_a_patch_reaches(name):
    torch.manual_seed(0)
    network, image = find(name).build().eval(), torch.randn(5, 128, 128)
    settings = OcclusionSettings(16, 48)
    fast, whole = (occlusion_map(network, image, settings, method) for method in ("auto", "batched"))
    assert fast.method == "incremental"
    assert abs(fast.covered - whole.covered).max() < 1e-5
