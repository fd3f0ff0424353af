"""The trained network of AutoCorrection, ready to predict. Importing this module does not import torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.refinement.correction import MODEL, NETWORK
from OrbitSegmentationLib.refinement.correction.network_input import network_input

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage
    from OrbitSegmentationLib.refinement.correction.network import CorrectionNetwork

_PIXELS_AT_ONCE = 400_000


@dataclass(frozen=True)
class CorrectionModel:
    """A network on its device.

    :param network: network, on ``device``.
    :param package: model package that the network comes from.
    :param device: device that the network runs on, "cpu" or "cuda".
    """

    network: CorrectionNetwork
    package: ModelPackage
    device: str

    @property
    def size_multiple(self) -> int:
        """Number of pixels that the rows and columns of slices must be multiples of."""
        return self.network.size_multiple

    @property
    def walker_share(self) -> float:
        """Weight (0..1) of the classical method's probability in the result, as measured for this model."""
        return float(self.package.facts.settings.get("walker_share", 0.0))

    def probabilities(self, images: np.ndarray, masks: np.ndarray, progress: Progress = silent) -> np.ndarray:
        """Return the probability (slices, rows, columns), float32, that each pixel belongs to the structure.

        :param images: slices on pixels of :data:`.network_input.PIXEL` mm, (slices, rows, columns).
        :param masks: rough masks, bool, same shape; none of them empty or full.
        :param progress: receives the fraction done and a message.
        """
        import torch

        at_once = max(_PIXELS_AT_ONCE // images[0].size, 1)
        result = np.empty(images.shape, np.float32)
        with torch.inference_mode():
            for start in range(0, len(images), at_once):
                part = slice(start, start + at_once)
                inputs = np.stack([network_input(*pair) for pair in zip(images[part], masks[part], strict=True)])
                batch = torch.from_numpy(inputs).to(self.device, memory_format=torch.channels_last)
                result[part] = torch.sigmoid(self.network(batch))[:, 0].float().cpu().numpy()
                progress(min(start + at_once, len(images)) / len(images))
        return result


@lru_cache(maxsize=2)
def load_model(name: str = MODEL, device: str = "auto", model_folders: Sequence[str] = ()) -> CorrectionModel:
    """Return the verified model, loaded once per process.

    :param name: name or folder of a model package.
    :param device: "auto", "cpu" or "cuda".
    :param model_folders: further folders with packages (a tuple, as the result is cached).
    :raises ModelProblem: if the model is not installed, is damaged, or does not correct outlines.
    :raises ImportError: without PyTorch.
    """
    from NeuroOrbitLib.models import ModelProblem, choose_device, find_package
    from NeuroOrbitLib.models.networks import build_from

    package = find_package(name, model_folders)
    if package.facts.network != NETWORK:
        raise ModelProblem(_("The model {package} does not correct outlines. Choose {model}.").format(
            package=package.name, model=MODEL))
    import torch

    from OrbitSegmentationLib.refinement.correction.network import CorrectionNetwork

    place = choose_device(device).device
    network = build_from(package, CorrectionNetwork)
    return CorrectionModel(network.to(place, memory_format=torch.channels_last), package, place)
