"""Widening: a wider network that starts out as the narrower one, and can become more."""

from __future__ import annotations

import pytest
import torch

from NeuroOrbitLib.models.compact_unet import CompactUNet
from OrbitSegmentationLib.paper_networks.widening import widened

NARROW, WIDE = (4, 6, 8), (6, 6, 12)


def _network(widths: tuple[int, ...], seed: int = 0) -> CompactUNet:
    torch.manual_seed(seed)
    network = CompactUNet(1, 3, widths)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return network


@pytest.fixture
def image() -> torch.Tensor:
    return torch.rand(1, 1, 8, 12, 8, generator=torch.Generator().manual_seed(1))


def test_the_wider_network_answers_as_the_narrower_one(image):
    narrow, wide = _network(NARROW), _network(WIDE, 1)
    before = wide(image)
    wide.load_state_dict(widened(narrow.state_dict(), wide))
    assert (before - narrow(image)).abs().max() > 0.1
    torch.testing.assert_close(wide(image), narrow(image), rtol=0, atol=1e-5)


def test_the_new_channels_learn(image):
    wide = _network(WIDE, 1)
    wide.load_state_dict(widened(_network(NARROW).state_dict(), wide))
    wide(image).square().mean().backward()
    # Channels 4 and 5 of the finest level are new: the output begins to listen to them.
    assert (wide.head.weight.grad[:, 4:].abs().amax(dim=(2, 3, 4)) > 0).all()


def test_as_wide_means_the_same_weights():
    narrow = _network(NARROW)
    placed = widened(narrow.state_dict(), _network(NARROW, 1))
    assert all(torch.equal(placed[name], tensor) for name, tensor in narrow.state_dict().items())


@pytest.mark.parametrize("widths", [(4, 6), (4, 5, 8)])
def test_other_levels_or_a_narrower_network_are_refused(widths):
    with pytest.raises(ValueError, match="none of them wider"):
        widened(_network(NARROW).state_dict(), _network(widths))
