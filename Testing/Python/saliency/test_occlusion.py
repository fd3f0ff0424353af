"""Occlusion maps: incremental recomputation gives what whole recomputation gives, whatever the network looks like."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from NeuroOrbitLib.jobs.progress import Cancelled
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.saliency.incremental import NotTraceable
from NeuroOrbitLib.saliency.occlusion import occlusion_map
from NeuroOrbitLib.saliency.patches import OcclusionSettings, mean_over_patches, patch_starts


class Block(nn.Module):
    """A residual block with a strided way around."""

    def __init__(self, before: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.path = nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(),
                                  nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after))
        same = before == after and stride == 1
        self.around = nn.Identity() if same else nn.Conv2d(before, after, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.path(x) + self.around(x))


class Undecided(nn.Module):
    """Looks at its values before it computes: cannot be traced."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(x.mean((2, 3)) if x.sum() > 0 else x.amax((2, 3)))


def plain() -> nn.Module:
    layers: list[nn.Module] = []
    for before, after in ((3, 8), (8, 8), (8, 12)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(2))


def residual() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1), Block(8, 8), Block(8, 12, 2),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 3))


def unusual() -> nn.Module:
    """Dilation, groups, a mean pool, reflected padding and a normalisation over the whole map."""
    return nn.Sequential(nn.Conv2d(3, 6, 3, padding=2, dilation=2), nn.ELU(), nn.AvgPool2d(2),
                         nn.Conv2d(6, 6, 3, padding=1, groups=3), nn.Conv2d(6, 6, 3, padding=1, padding_mode="reflect"),
                         nn.GroupNorm(2, 6), nn.Conv2d(6, 4, 3, 2), nn.AdaptiveMaxPool2d(2), nn.Flatten(),
                         nn.Linear(16, 1))


def solid() -> nn.Module:
    return nn.Sequential(nn.Conv3d(1, 4, 3, padding=1), nn.BatchNorm3d(4), nn.ReLU(), nn.MaxPool3d((1, 2, 2)),
                         nn.Conv3d(4, 6, 3, 2, 1), nn.ReLU(), nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(6, 2))


def lively(network: nn.Module, image: Tensor) -> nn.Module:
    """Random weights and statistics such that covering a patch changes the probabilities."""
    network.train()(torch.cat([image[None], image[None].flip(-1)]))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d):
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.normal_(module.running_mean, std=0.3)
    last = network.eval()[-1]
    half_covered = image.clone()
    half_covered[..., : image.shape[-1] // 2] = 0
    with torch.no_grad():
        before, after = network(torch.stack([image, half_covered]))
        factor = 3.0 / float((before - after).abs().max())
        last.bias.copy_((last.bias - before) * factor)
        last.weight.mul_(factor)
    return network


@pytest.mark.parametrize(("make", "shape", "settings"), [
    (plain, (3, 40, 56), OcclusionSettings(8, 4)),
    (plain, (3, 40, 56), OcclusionSettings((5, 11), (3, 7), "patch mean")),
    (residual, (3, 64, 64), OcclusionSettings(16, 12, 0.0)),
    (unusual, (3, 33, 29), OcclusionSettings(6, 5, 1.5)),
    (solid, (1, 6, 24, 20), OcclusionSettings((3, 8, 8), (2, 6, 6))),
    (plain, (3, 40, 56), OcclusionSettings(8, 8, "patch mean", each_channel=True)),
])  # fmt: skip
def test_incremental_recomputation_equals_whole_recomputation(make, shape, settings):
    torch.manual_seed(1)
    image = torch.randn(shape)
    network = lively(make(), image)
    fast, whole = (occlusion_map(network, image, settings, method, batch=7) for method in ("incremental", "batched"))
    assert (fast.method, whole.method) == ("incremental", "batched")
    assert np.ptp(whole.covered, axis=0).max() > 0.01, "covering must matter, or the test proves nothing"
    np.testing.assert_allclose(fast.covered, whole.covered, atol=3e-5)
    np.testing.assert_allclose(fast.base, whole.base, atol=3e-5)
    np.testing.assert_allclose(fast.covered.sum(axis=-1), 1, atol=3e-5)


def test_the_map_equals_monai():
    from monai.visualize import OcclusionSensitivity

    torch.manual_seed(2)
    image = torch.randn(3, 32, 32)
    network = lively(plain(), image)
    theirs, _ = OcclusionSensitivity(network, 8, mode="mean_img", overlap=0.5, verbose=False)(image[None])
    ours = occlusion_map(network, image, OcclusionSettings(8, 4))
    for index in range(2):
        np.testing.assert_allclose(ours.probability(index), theirs[0, index].numpy(), atol=3e-5)


def test_heat_of_each_channel_lies_in_the_channel_that_the_network_reads():
    network = nn.Sequential(nn.Conv2d(3, 1, 1, bias=False), nn.Flatten(), nn.Linear(16 * 16, 1, bias=False))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([0.0, 1.0, 0.0]).reshape(1, 3, 1, 1))
        network[2].weight.copy_((torch.arange(256) == 5 * 16 + 9).float()[None])
    image = torch.ones(3, 16, 16)
    heat = occlusion_map(network, image, OcclusionSettings(4, 4, 0.0, each_channel=True)).heat(1)
    assert heat.shape == (3, 16, 16)
    expected = torch.sigmoid(torch.tensor(1.0)) - 0.5
    assert heat[1, 5, 9] == pytest.approx(expected.item(), abs=1e-6)
    assert np.count_nonzero(np.abs(heat) > 1e-6) == 16, "one patch in one channel"
    together = occlusion_map(network, image, OcclusionSettings(4, 4, 0.0)).heat(1)
    np.testing.assert_allclose(together, heat[1], atol=1e-6)
    assert torch.equal(image, torch.ones(3, 16, 16)), "the image is left as it was"


def test_heat_lies_where_the_network_looks():
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.Flatten(), nn.Linear(24 * 24, 1))
    with torch.no_grad():
        network[0].weight.fill_(1.0)
        network[0].bias.zero_()
        weights = torch.zeros(24, 24)
        weights[4:8, 12:16] = 0.3
        network[2].weight.copy_(weights.reshape(1, -1))
        network[2].bias.zero_()
    found = occlusion_map(network, torch.ones(1, 24, 24), OcclusionSettings(4, 2, 0.0))
    heat = found.heat(1)
    assert heat[5, 13] > 0.1 and abs(heat[20, 3]) < 1e-6
    np.testing.assert_allclose(found.heat(0), -heat, atol=1e-6)


def test_a_network_that_cannot_be_taken_apart_is_computed_whole():
    torch.manual_seed(3)
    image = torch.rand(3, 16, 16)
    found = occlusion_map(Undecided(), image, OcclusionSettings(8, 8))
    assert found.method == "batched" and found.covered.shape == (4, 2)
    with pytest.raises(NotTraceable):
        occlusion_map(Undecided(), image, OcclusionSettings(8, 8), "incremental")


def test_bfloat16_stays_close_and_leaves_the_network_as_it_was():
    torch.manual_seed(4)
    image = torch.randn(3, 40, 40)
    network = lively(plain(), image).train()
    exact, rough = (occlusion_map(network, image, OcclusionSettings(8, 8), bf16=bf16) for bf16 in (False, True))
    assert network.training and network[0].weight.dtype is torch.float32
    assert 0 < np.abs(exact.covered - rough.covered).max() < 0.05


def test_patches_cover_the_whole_image_also_when_the_stride_does_not_divide_it():
    starts = patch_starts((10, 7), (4, 3), (4, 4))
    assert starts.tolist() == [[a, b] for a in (0, 4, 6) for b in (0, 4)]
    cover = mean_over_patches(np.arange(len(starts), dtype=float), starts, (4, 3), (10, 7))
    assert np.isnan(cover[:, 3]).all() and not np.isnan(cover[:, [0, 1, 2, 4, 5, 6]]).any()
    assert cover[9, 6] == 5 and cover[6, 0] == pytest.approx((2 + 4) / 2)


@pytest.mark.parametrize("settings", [OcclusionSettings(50), OcclusionSettings(8, 0), OcclusionSettings(8, 8, "sky")])
def test_settings_that_make_no_sense_are_explained(settings):
    with pytest.raises(Problem, match="Choose"):
        occlusion_map(residual(), torch.randn(3, 32, 32), settings)


def test_it_can_be_cancelled():
    def stop(fraction: float, message: str = "") -> None:
        if fraction > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        occlusion_map(residual(), torch.randn(3, 32, 32), OcclusionSettings(8, 4), batch=4, progress=stop)


@pytest.mark.parametrize("fill", [float("nan"), float("inf"), "pink"])
def test_a_fill_that_is_no_number_is_refused(fill):
    """NaN in every covered image gave a map of nothing, as if nothing spoke for the class."""
    network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with pytest.raises(Problem, match="no fill"):
        occlusion_map(network, torch.rand(1, 8, 8), OcclusionSettings(4, 4, fill))
