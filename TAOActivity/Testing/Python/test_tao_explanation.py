"""Heat lies where the network looks, at the right place in the patient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from NeuroOrbitLib.saliency.patches import OcclusionSettings
from TAOActivityLib.explanation import ORBIT, explain, explain_by_grad_cam
from TAOActivityLib.pipeline import stored_crop
from TAOActivityLib.preparation import place_crop, prepare


class MuscleReader(nn.Module):
    """Adds up the brightness of given pixels: a classifier whose reasons are known."""

    def __init__(self, mask: np.ndarray) -> None:
        super().__init__()
        self.look = nn.Conv2d(5, 1, 1, bias=False)
        self.last = nn.Linear(128 * 128, 2)
        with torch.no_grad():
            self.look.weight.fill_(0.2)
            self.last.weight.zero_()
            self.last.bias.copy_(torch.tensor([0.0, -2.0]))
            self.last.weight[1] = torch.from_numpy(mask.reshape(-1).astype(np.float32)) / int(mask.sum())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(torch.flatten(self.look(x) + 2.0, 1))


def test_heat_lies_on_the_muscle_that_the_network_reads(active_scan):
    crop = place_crop(active_scan.image.grid, active_scan.labels)
    prepared = prepare(active_scan.image, active_scan.labels, crop, corrected=active_scan.image)
    left_lateral = (prepared.labels.array[:, 18:146, 18:146] == 12).any(axis=0)
    assert left_lateral.sum() > 50
    network = MuscleReader(left_lateral)
    found = explain(network, stored_crop(prepared), prepared, OcclusionSettings(6, 3, -3.0), target=(12,))
    hottest = max(found.by_muscle, key=found.by_muscle.get)
    assert hottest == "Left lateral rectus muscle" and found.ratio > 3
    row, column = np.unravel_index(np.argmax(found.heat.array[2]), (164, 164))
    assert left_lateral[row - 18 - 4:row - 18 + 5, column - 18 - 4:column - 18 + 5].any()
    assert found.heat.grid.ras_from_ijk([column, row, 2])[0] < 0, "the patient's left is at negative x"
    each = explain(network, stored_crop(prepared), prepared, OcclusionSettings(16, 16, -3.0, each_channel=True))
    warmth = each.heat.array.max(axis=(1, 2))
    assert warmth.min() > 0 and not np.array_equal(each.heat.array[0], each.heat.array[4]), "every slice is read"
    cam = explain_by_grad_cam(network, stored_crop(prepared), prepared)
    assert cam.heat.array.shape == (5, 164, 164) and np.isfinite(cam.heat.array).all()
    assert cam.by_muscle.keys() == found.by_muscle.keys()
    assert found.heat.array[:, :18].max() == 0 == pytest.approx(found.heat.array[:, :, 150:].max())


def test_only_what_is_named_lies_inside_the_orbits():
    assert tuple(range(1, 25)) == ORBIT, "the chiasm and structures of the brain are outside"
