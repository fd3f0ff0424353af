"""SEQ-UNET: a U-Net over three neighbouring slices with two bi-directional ConvLSTMs (Chung et al. 2022)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from OrbitSegmentationLib.paper_networks.blocks import check_divisible

ENCODER_WIDTHS = (64, 128, 256)
LSTM_LAYERS = 3


def slice_unit(in_channels: int, out_channels: int) -> nn.Sequential:
    """Return a 3x3 convolution without bias, followed by batch normalisation and ELU."""
    convolution = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out_channels), nn.ELU(inplace=True))


def slice_stage(*widths: int) -> nn.Sequential:
    """Return a stack of convolution units with the given numbers of channels, the input's first."""
    return nn.Sequential(*(slice_unit(a, b) for a, b in pairwise(widths)))


class ConvLSTMCell(nn.Module):
    """One step of a convolutional long short-term memory (Shi et al. 2015, without peepholes)."""

    def __init__(self, in_channels: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.gates = nn.Conv2d(in_channels + hidden, 4 * hidden, 3, padding=1)

    def forward(self, features: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Return the next (output, memory), each (batch, hidden, H, W), from (batch, in_channels, H, W)."""
        output, memory = state
        keep, write, show, candidate = self.gates(torch.cat([features, output], dim=1)).chunk(4, dim=1)
        memory = torch.sigmoid(keep) * memory + torch.sigmoid(write) * torch.tanh(candidate)
        return torch.sigmoid(show) * torch.tanh(memory), memory

    def run(self, sequence: list[Tensor]) -> list[Tensor]:
        """Return the outputs of all steps, starting from an empty memory."""
        first = sequence[0]
        empty = first.new_zeros(first.shape[0], self.hidden, *first.shape[2:])
        state = (empty, empty)
        outputs = []
        for features in sequence:
            state = self(features, state)
            outputs.append(state[0])
        return outputs


class ConvLSTM(nn.Module):
    """A stack of ConvLSTM cells."""

    def __init__(self, in_channels: int, hidden: int, layers: int) -> None:
        super().__init__()
        widths = [in_channels] + [hidden] * (layers - 1)
        self.cells = nn.ModuleList(ConvLSTMCell(width, hidden) for width in widths)

    def forward(self, sequence: list[Tensor]) -> list[Tensor]:
        """Return the outputs of the last layer for every step, each (batch, hidden, H, W)."""
        for cell in self.cells:
            sequence = cell.run(sequence)
        return sequence


class BidirectionalConvLSTM(nn.Module):
    """A ConvLSTM that reads the sequence in both directions.

    As published, both directions share their weights and their outputs are added. With ``separate``, each direction has
    its own weights and half as many channels, and the outputs are concatenated to ``hidden`` channels.
    """

    def __init__(self, in_channels: int, hidden: int, separate: bool = False) -> None:
        super().__init__()
        self.separate = separate
        width = hidden // 2 if separate else hidden
        self.forwards = ConvLSTM(in_channels, width, LSTM_LAYERS)
        self.backwards = ConvLSTM(in_channels, width, LSTM_LAYERS) if separate else None

    def forward(self, sequence: list[Tensor]) -> list[Tensor]:
        """Return one map (batch, hidden, H, W) for every step."""
        ahead = self.forwards(sequence)
        reader = self.backwards if self.separate else self.forwards
        back = reader(sequence[::-1])[::-1]
        if self.separate:
            return [torch.cat(pair, dim=1) for pair in zip(ahead, back, strict=True)]
        return [a + b for a, b in zip(ahead, back, strict=True)]


class SeqUNet(nn.Module):
    """SEQ-UNET with 57 002 880 weights as published; ``lstm_hidden=256`` is the light form (18.7 million).

    Input (batch, slices, ``in_channels``, H, W): neighbouring axial slices, 3 of 64 x 64 as published; H and W are
    multiples of 8. Output (batch, ``out_channels``, H, W): logits of independent sigmoids for the middle slice
    (eyeball, all eye muscles, optic nerve), no background.

    :param in_channels: number of channels of each slice.
    :param out_channels: number of classes.
    :param lstm_hidden: number of channels of the coarse ConvLSTM.
    :param fine_lstm_hidden: number of channels of the fine ConvLSTM, which does almost half of the published network's
        arithmetic.
    :param separate_directions: whether each direction has its own weights (see :class:`BidirectionalConvLSTM`).
    :param widths: number of channels of each of the encoder's three stages, finest first.
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 3,
        lstm_hidden: int = 512,
        separate_directions: bool = False,
        fine_lstm_hidden: int = 64,
        widths: tuple[int, int, int] = ENCODER_WIDTHS,
    ) -> None:
        super().__init__()
        fine, middle, coarse = widths
        self.encoder = nn.ModuleList(
            slice_stage(before, width, width)
            for before, width in zip((in_channels, fine, middle), widths, strict=True)
        )
        self.pool = nn.MaxPool2d(2)
        self.coarse_lstm = BidirectionalConvLSTM(coarse, lstm_hidden, separate_directions)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.decoder = nn.ModuleList([
            slice_stage(lstm_hidden + coarse, coarse, coarse),
            slice_stage(coarse + middle, middle, middle),
            slice_stage(middle + fine, fine),
        ])
        self.fine_lstm = BidirectionalConvLSTM(fine, fine_lstm_hidden, separate_directions)
        self.head = nn.Conv2d(fine_lstm_hidden, out_channels, 1, bias=False)
        self.apply(_xavier)

    def forward(self, slices: Tensor) -> Tensor:
        """Return the logits of the middle slice, (batch, ``out_channels``, H, W)."""
        check_divisible(slices.shape[3:], 8, type(self).__name__)
        batch, steps = slices.shape[:2]
        features = slices.flatten(0, 1)
        skips = []
        for stage in self.encoder:
            skips.append(stage(features))
            features = self.pool(skips[-1])
        features = _over_steps(self.coarse_lstm, features, batch, steps)
        for stage in self.decoder:
            features = stage(torch.cat([self.up(features), skips.pop()], dim=1))
        features = _over_steps(self.fine_lstm, features, batch, steps)
        return self.head(features.unflatten(0, (batch, steps)).sum(dim=1))


def _over_steps(lstm: BidirectionalConvLSTM, features: Tensor, batch: int, steps: int) -> Tensor:
    """Return the output of ``lstm`` for features (batch * steps, C, H, W), in the same layout."""
    sequence = list(features.unflatten(0, (batch, steps)).unbind(dim=1))
    return torch.stack(lstm(sequence), dim=1).flatten(0, 1)


def _xavier(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
