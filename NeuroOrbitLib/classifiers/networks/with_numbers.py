"""Networks of an image and of numbers: how features of the image and numbers are combined.

In the dynamic interaction the numbers generate the weights by which the image's features are mixed. With the image's
features z (d numbers) and the embedded numbers q, one of k iterations is

    W = L2(ReLU(L1 q)) as a d x d matrix
    m = ReLU(LN(L4(ReLU(L3 z)) W)) + z
    z = ReLU(LN(L5 m))

which is the dynamic MLP of Yang et al. (2022) with square matrices, so that the skip is inside every iteration.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from NeuroOrbitLib.classifiers.networks.resnet50 import Averaged

IMAGE, CLASSES = "image", 2
#: Widths of the layers that embed the numbers.
EMBEDDING = (128, 64, 64)
ITERATIONS, FEATURES, DROPOUT = 3, 64, 0.3


class DynamicIteration(nn.Module):
    """One iteration of the interaction.

    Initially the matrix that the numbers generate is close to the identity, so that a network with many iterations
    starts like a network without any.

    :param features: d, the length of z.
    :param embedded: length of q.
    """

    def __init__(self, features: int, embedded: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(embedded, features), nn.Linear(features, features**2)
        self.inner = nn.Sequential(nn.Linear(features, features), nn.ReLU(inplace=True), nn.Linear(features, features))
        self.mixed_norm, self.norm = nn.LayerNorm(features), nn.LayerNorm(features)
        self.last = nn.Linear(features, features)
        with torch.no_grad():
            self.second.weight.normal_(0.0, 1.0 / features)
            self.second.bias.copy_(torch.eye(features).flatten())

    def matrix(self, q: Tensor) -> Tensor:
        """Return the weights that the embedded numbers q (batch, embedded) generate, (batch, d, d)."""
        made = self.second(self.first(q).relu())
        return made.view(len(q), self.last.in_features, self.last.in_features)

    def forward(self, z: Tensor, q: Tensor) -> Tensor:
        """Return the image's features z (batch, d) after the interaction with q (batch, embedded), (batch, d)."""
        mixed = torch.bmm(self.inner(z)[:, None], self.matrix(q))[:, 0]
        return self.norm(self.last(self.mixed_norm(mixed).relu() + z)).relu()


class WithNumbers(nn.Module):
    """Base class of networks of an image and of numbers.

    :param counts: number of numbers in each group, by its name; groups of zero numbers are ignored.
    :param features: module that returns feature maps (batch, channels, *spatial) of images.
    :raises ValueError: if there is no number at all.
    """

    def __init__(self, counts: Mapping[str, int], features: nn.Module) -> None:
        super().__init__()
        self.groups = [name for name, count in counts.items() if count]
        if not self.groups:
            raise ValueError("A network of image and numbers needs one number at least.")
        self.features = features
        self.average = Averaged()

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return logits (batch, 2).

        :param inputs: ``image`` (batch, slices, rows, columns), and each group of numbers (batch, count) by its name.
        """
        return self.of_maps(self.features(self.image_of(inputs)), self.numbers_of(inputs))

    def image_of(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return the image of the inputs."""
        return inputs[IMAGE]

    def numbers_of(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return all numbers of the inputs side by side, (batch, numbers)."""
        return torch.cat([inputs[name] for name in self.groups], dim=1)

    def of_maps(self, maps: Tensor, numbers: Tensor) -> Tensor:
        """Return logits (batch, 2) of the image's feature maps and the numbers (batch, numbers)."""
        raise NotImplementedError


class DynamicInteraction(WithNumbers):
    """Network in which an image's features interact with numbers in several iterations.

    :param counts: see :class:`WithNumbers`.
    :param features: see :class:`WithNumbers`.
    :param channels: number of channels of the feature maps.
    :param iterations: k, the number of iterations.
    :param size: d, the length to which the means of the maps are projected.
    :param dropout: dropout probability between the layers that embed the numbers.
    """

    def __init__(self, counts: Mapping[str, int], features: nn.Module, channels: int, iterations: int = ITERATIONS,
                 size: int = FEATURES, dropout: float = DROPOUT) -> None:
        super().__init__(counts, features)
        self.project = nn.Linear(channels, size)
        self.embed = _layers(sum(counts.values()), dropout)
        self.iterations = nn.ModuleList(DynamicIteration(size, EMBEDDING[-1]) for _ in range(iterations))
        self.head = nn.Linear(size, CLASSES)

    def of_maps(self, maps: Tensor, numbers: Tensor) -> Tensor:
        """Return logits of the image's feature maps and the numbers."""
        z, q = self.project(self.average(maps)), self.embed(numbers)
        for iteration in self.iterations:
            z = iteration(z, q)
        return self.head(z)


class Concatenation(WithNumbers):
    """Baseline network: the image's features and the numbers side by side, followed by fully connected layers.

    The parameters are those of :class:`DynamicInteraction`.
    """

    def __init__(self, counts: Mapping[str, int], features: nn.Module, channels: int, size: int = FEATURES,
                 dropout: float = DROPOUT) -> None:
        super().__init__(counts, features)
        self.project = nn.Linear(channels, size)
        self.layers = _layers(size + sum(counts.values()), dropout)
        self.head = nn.Linear(EMBEDDING[-1], CLASSES)

    def of_maps(self, maps: Tensor, numbers: Tensor) -> Tensor:
        """Return logits of the image's feature maps and the numbers."""
        joined = torch.cat([self.project(self.average(maps)), numbers], dim=1)
        return self.head(self.layers(joined))


class OfOnePatient(nn.Module):
    """A network of image and numbers with the numbers of one patient fixed, so that it takes images alone.

    :param network: network of image and numbers.
    :param numbers: scaled numbers of the patient, (1, numbers).
    """

    def __init__(self, network: WithNumbers, numbers: Tensor) -> None:
        super().__init__()
        self.features, self.network = network.features, network
        self.register_buffer("numbers", numbers)

    def head(self, maps: Tensor) -> Tensor:
        """Return logits (batch, 2) of feature maps."""
        return self.network.of_maps(maps, self.numbers.expand(len(maps), -1))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, 2) of volumes (batch, slices, rows, columns)."""
        return self.head(self.features(x))


def _layers(before: int, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in EMBEDDING:
        layers += [nn.Linear(before, width), nn.ReLU(inplace=True), nn.Dropout(dropout)]
        before = width
    return nn.Sequential(*layers[:-1])  # no dropout after the last layer
