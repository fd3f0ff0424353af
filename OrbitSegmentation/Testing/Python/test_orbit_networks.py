"""Parameter counts and shapes of the papers' networks."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch
from torch import nn

from OrbitSegmentationLib.paper_networks import registry
from OrbitSegmentationLib.paper_networks.seq_unet import BidirectionalConvLSTM, SeqUNet
from OrbitSegmentationLib.paper_networks.su_net import SUNet
from OrbitSegmentationLib.paper_networks.sv_net import SVNet
from OrbitSegmentationLib.paper_networks.v_net import VNet


def trainable(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def kernels(network: nn.Module, size: tuple[int, ...]) -> int:
    return sum(isinstance(m, (nn.Conv2d, nn.Conv3d)) and m.kernel_size == size for m in network.modules())


def on_meta(network: registry.Network, **options) -> nn.Module:
    with torch.device("meta"):
        return network.build(**options)


@pytest.mark.parametrize("network", registry.all_networks(), ids=lambda n: n.name)
def test_parameter_count_and_shapes_are_those_of_the_registry(network):
    net = on_meta(network)
    assert trainable(net) == network.parameters
    output = net.eval()(torch.zeros(2, *network.input_shape, device="meta"))
    assert tuple(output.shape) == (2, *network.output_shape)


def test_published_parameter_counts():
    counts = {n.name: n.parameters for n in registry.all_networks()}
    assert counts["sv_net"] == 8_645_830
    assert counts["seq_unet"] == 57_002_880
    assert round(counts["v_net"] / 1e6, 2) == 9.62
    assert round(counts["seq_unet_light"] / 1e6, 1) == 18.7


def test_number_of_convolutions_of_width_three():
    with torch.device("meta"):
        assert kernels(SVNet(), (3, 3, 3)) == 17
        assert kernels(SUNet(), (3, 3)) == 17
        assert kernels(VNet(), (3, 3, 3)) == 21


def test_sv_net_computes_finite_logits_on_a_reduced_window():
    torch.manual_seed(0)
    net = SVNet()
    with torch.no_grad():
        logits = net(torch.randn(1, 1, 32, 16, 32))
    assert logits.shape == (1, 6, 32, 16, 32)
    assert torch.isfinite(logits).all() and logits.std() > 0


@pytest.mark.parametrize("network", [SVNet, VNet])
def test_a_window_of_wrong_size_is_refused_with_the_multiple_to_use(network):
    net = network(widths=(2, 2, 2, 2, 2))
    with pytest.raises(ValueError, match="multiples of 16"):
        net(torch.zeros(1, 1, 32, 32, 20))


def test_published_seq_unet_segments_three_slices():
    torch.manual_seed(0)
    with torch.no_grad():
        logits = SeqUNet().eval()(torch.randn(1, 3, 1, 64, 64))
    assert logits.shape == (1, 3, 64, 64)
    assert torch.isfinite(logits).all() and logits.std() > 0


def test_every_slice_of_the_sequence_matters():
    torch.manual_seed(0)
    net = SeqUNet(lstm_hidden=8).eval()
    slices = torch.randn(1, 3, 1, 16, 16)
    with torch.no_grad():
        base = net(slices)
        for step in range(3):
            changed = slices.clone()
            changed[:, step] += 1
            assert not torch.allclose(net(changed), base)


def test_shared_directions_make_the_convlstm_symmetric_in_time():
    torch.manual_seed(0)
    lstm = BidirectionalConvLSTM(2, 4)
    sequence = [torch.randn(1, 2, 5, 5) for _ in range(3)]
    ahead = lstm(sequence)
    back = lstm(sequence[::-1])
    assert torch.allclose(ahead[0], back[2], atol=1e-6)
    separate = BidirectionalConvLSTM(2, 4, separate=True)
    assert not torch.allclose(separate(sequence)[0], separate(sequence[::-1])[2], atol=1e-3)


def test_an_unknown_network_names_the_known_ones():
    with pytest.raises(ValueError, match="sv_net"):
        registry.find("unet9000")


def test_a_taken_name_cannot_be_registered_again():
    with pytest.raises(ValueError, match="registered already"):
        registry.register(registry.find("sv_net"))


def test_the_registry_describes_networks_without_importing_torch():
    code = (
        "import sys, json; from OrbitSegmentationLib.paper_networks import registry;"
        "print(json.dumps([n.description() for n in registry.all_networks()])); assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {network["name"]: network["parameters"] for network in json.loads(done.stdout)}["sv_net"] == 8_645_830
