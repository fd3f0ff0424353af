"""Networks in which numbers about a patient meet an image's features follow their equations."""

from __future__ import annotations

import torch
from torch import nn

from NeuroOrbitLib.classifiers.networks.with_numbers import DynamicIteration


def test_the_generated_matrix_starts_as_the_identity_but_depends_on_the_numbers():
    torch.manual_seed(0)
    iteration, q = DynamicIteration(64, 64), torch.randn(8, 64).relu()
    made = iteration.matrix(q)
    assert (made - torch.eye(64)).abs().mean() < 0.05
    assert (made[0] - made[1]).abs().max() > 1e-3


def test_an_iteration_follows_the_equations():
    torch.manual_seed(0)
    iteration, z, q = DynamicIteration(6, 5).eval(), torch.randn(1, 6), torch.randn(1, 5)
    matrix = (iteration.second.weight @ (iteration.first.weight @ q[0] + iteration.first.bias).relu()
              + iteration.second.bias).reshape(6, 6)
    before, _, after = iteration.inner
    inner = after.weight @ (before.weight @ z[0] + before.bias).relu() + after.bias
    norm = nn.functional.layer_norm
    mixed = norm(inner @ matrix, (6,)).relu() + z[0]
    wanted = norm(iteration.last.weight @ mixed + iteration.last.bias, (6,)).relu()
    assert torch.allclose(iteration(z, q)[0], wanted, atol=1e-5)
