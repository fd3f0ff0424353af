"""Fast inference computes what slow inference computes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from NeuroOrbitLib.models.inference import (
    FastNetwork,
    fold_batch_norm,
    sliding_window,
    window_starts,
    window_weights,
)
from OrbitSegmentationLib.paper_networks.su_net import SUNet
from OrbitSegmentationLib.paper_networks.sv_net import SVNet
from OrbitSegmentationLib.paper_networks.v_net import VNet
from OrbitSegmentationLib.postprocessing import clean_label_map, take_gland_out_of_bone

WIDTHS = (4, 6, 8, 10, 12)


def lived_in(network: nn.Module) -> nn.Module:
    """Give batch normalisations statistics that are not the initial ones."""
    torch.manual_seed(1)
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm3d)):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.3)
    return network.eval()


@pytest.mark.parametrize("network, shape", [(SVNet, (16, 16, 32)), (VNet, (16, 32, 16)), (SUNet, (32, 16))])
def test_folding_changes_nothing_but_removes_every_batch_norm(network, shape):
    original = lived_in(network(widths=WIDTHS))
    folded = fold_batch_norm(original)
    image = torch.randn(1, 1, *shape)
    with torch.no_grad():
        assert torch.allclose(folded(image), original(image), atol=1e-4)
    assert not any(isinstance(m, (nn.BatchNorm2d, nn.BatchNorm3d)) for m in folded.modules())
    assert any(isinstance(m, (nn.BatchNorm2d, nn.BatchNorm3d)) for m in original.modules())


def test_fast_network_agrees_with_the_plain_one_in_both_precisions():
    original = lived_in(SVNet(widths=WIDTHS))
    image = torch.randn(2, 1, 16, 32, 16)
    with torch.no_grad():
        plain = original(image)
    assert torch.allclose(FastNetwork(original, precision="float32")(image), plain, atol=1e-4)
    half = FastNetwork(original, precision="bfloat16")(image)
    assert half.dtype == torch.float32
    same = (half.argmax(dim=1) == plain.argmax(dim=1)).float().mean()
    assert same > 0.97
    assert next(original.parameters()).dtype == torch.float32


def local_predict(batch: torch.Tensor) -> torch.Tensor:
    """A pointwise, hence translation-invariant, network with two channels."""
    return torch.cat([batch * 2 + 1, batch**2], dim=1)


@pytest.mark.parametrize("weighting", ["gaussian", "constant"])
@pytest.mark.parametrize("step", [(1, 1, 1), (3, 4, 2), (4, 4, 4)])
def test_sliding_windows_equal_a_full_pass_of_a_translation_invariant_network(weighting, step):
    torch.manual_seed(0)
    image = torch.randn(1, 7, 9, 5)
    result = sliding_window(local_predict, image, (4, 4, 4), step, weighting, batch_size=3)
    assert torch.allclose(result, local_predict(image[None])[0], atol=1e-5)


def test_step_one_equals_brute_force_averaging():
    torch.manual_seed(0)
    image = torch.randn(1, 5, 6, 7)

    def edge_dependent(batch):
        return batch.cumsum(dim=-1)

    window = (3, 6, 4)
    total, count = torch.zeros(5, 6, 7), torch.zeros(5, 6, 7)
    for a, b, c in product(range(3), range(1), range(4)):
        box = (slice(a, a + 3), slice(b, b + 6), slice(c, c + 4))
        total[box] += image[0][box].cumsum(dim=-1)
        count[box] += 1
    result = sliding_window(edge_dependent, image, window, (1, 1, 1), "constant")
    assert torch.allclose(result[0], total / count, atol=1e-5)


def test_gaussian_weighting_trusts_the_middle_of_a_window():
    weights = window_weights((8, 8, 8), "gaussian")
    assert weights[4, 4, 4] > 100 * weights[0, 4, 4]
    assert weights.min() > 0
    assert torch.equal(weights, weights.flip(0, 1, 2))


def test_windows_cover_every_voxel_and_end_at_the_end():
    assert window_starts(10, 4, 4) == [0, 4, 6]
    assert window_starts(8, 4, 4) == [0, 4]
    assert window_starts(3, 4, 1) == [0]
    assert window_starts(128, 32, 1) == list(range(97))
    with pytest.raises(ValueError, match="at least 1"):
        window_starts(8, 4, 0)


def test_an_image_smaller_than_the_window_keeps_its_size():
    image = torch.ones(1, 3, 9, 2)
    assert sliding_window(local_predict, image, (4, 4, 4), (2, 2, 2)).shape == (2, 3, 9, 2)


def test_windows_report_progress():
    seen = []
    image = torch.zeros(1, 8, 4, 4)
    sliding_window(local_predict, image, (4, 4, 4), (2, 4, 4), progress=lambda f, m: seen.append(f))
    assert seen == [pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0]


def test_cleaning_keeps_both_eyes_and_drops_the_smaller_pieces():
    labels = np.zeros((10, 12, 30), dtype=np.uint8)
    labels[2:8, 2:8, 2:8] = 1
    labels[2:7, 2:7, 20:25] = 2
    labels[9, 11, 29] = 1
    labels[0, 0, 25] = 2
    cleaned = clean_label_map(labels)
    assert (cleaned == 1).sum() == 216 and (cleaned == 2).sum() == 125
    assert (labels == 1).sum() == 217


def test_holes_are_filled_but_another_structure_inside_is_kept():
    labels = np.zeros((9, 9, 9), dtype=np.uint8)
    labels[1:8, 1:8, 1:8] = 1
    labels[3, 3, 3] = 0
    labels[5, 5, 5] = 19  # a lens
    cleaned = clean_label_map(labels)
    assert cleaned[3, 3, 3] == 1 and cleaned[5, 5, 5] == 19


def test_the_lacrimal_gland_ends_where_ct_shows_bone_and_nothing_else_does():
    values = [1, 3, 9, 13, 14, 21, 19]
    labels = np.zeros((5, 6, 9), np.uint8)
    labels[2, 1:5, 1:8] = values
    hounsfield = np.full(labels.shape, 60.0)
    hounsfield[:, 3], hounsfield[:, 4] = 290.0, 800.0
    expected = labels.copy()
    expected[2, 4, 1:8] = [1, 3, 9, 0, 0, 21, 19]
    take_gland_out_of_bone(labels, hounsfield)
    np.testing.assert_array_equal(labels, expected)


def test_cleaning_equals_a_plain_loop_over_the_whole_volume():
    rng = np.random.default_rng(5)
    noise = ndimage.gaussian_filter(rng.standard_normal((24, 30, 28)), 1.5)
    labels = np.digitize(noise, [0.12, 0.2, 0.3]).astype(np.uint8)
    expected = labels.copy()
    for value in (1, 2, 3):
        mask = expected == value
        pieces, count = ndimage.label(mask)
        kept = pieces == np.argmax(np.bincount(pieces.ravel())[1:]) + 1 if count else mask
        expected[mask & ~kept] = 0
        expected[ndimage.binary_fill_holes(kept) & (expected == 0)] = value
    assert np.array_equal(clean_label_map(labels), expected)
