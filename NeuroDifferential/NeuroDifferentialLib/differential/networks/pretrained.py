"""Initial weights from a user's file: torchvision's ImageNet weights, or those of another lesion network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from NeuroOrbitLib.models.weights import file_sha256, read_weights
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor, nn

_STAGE = re.compile(r"(layer[1-4]\..+)$")
_COUNTER = "num_batches_tracked"


def start_sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file of weights, by which it is identified.

    :raises Problem: when there is no such file.
    """
    if not Path(path).is_file():
        raise Problem(f"There is no file of weights {path}. Give a torchvision state dict (.pt, .pth) or .safetensors.")
    return file_sha256(Path(path))


def start_from(network: nn.Module, path: str | Path) -> None:
    """Load the weights of a file into the stages of a ResNet; compression and last layer keep their own weights.

    The file is read as plain tensors and never unpickled into objects.

    :param network: network with the part ``features.stages``, see :class:`.two_view.TwoViewResNet`.
    :param path: ``.safetensors`` file, or torch file that contains tensors only; names as in torchvision's ResNet.
    :raises Problem: when the file contains anything else or does not fit depth or width, or for another network.
    """
    stages = getattr(network.features, "stages", None)
    if stages is None:
        raise Problem("Only networks of two views can start from a file of weights. Leave out network_options.start.")
    found = _stage_weights(read_weights(Path(path)))
    wanted = {name: tensor for name, tensor in stages.state_dict().items() if not name.endswith(_COUNTER)}
    unfit = [name for name, tensor in wanted.items() if name not in found or found[name].shape != tensor.shape]
    if unfit:
        raise Problem(f"The weights in {path} do not fit this network: {len(unfit)} of {len(wanted)} parts are missing "
                      f"or of another size, {unfit[0]} among them. Give those of a ResNet of the same depth and width.")
    stages.load_state_dict({name: found[name] for name in wanted}, strict=False)


def _stage_weights(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    matches = {name: _STAGE.search(name) for name in weights}
    return {match.group(1): weights[name] for name, match in matches.items() if match}
