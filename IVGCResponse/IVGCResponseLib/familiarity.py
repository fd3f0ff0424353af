"""What of a prepared scan is compared with those of a model's training: grey values, muscles, the network's view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from IVGCResponseLib.muscle_groups import ALL_RECTI, values_of
from NeuroOrbitLib.anatomy.structures import Side, label_value

if TYPE_CHECKING:
    from torch import nn

ADVICE = "Do not rely on the probability; look at the signal ratios and the image."
_EYES = [label_value("eyeball", side) for side in Side]


def image_measures(image: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return grey values (z-scores) of eyes and recti, how patchy the recti are, contrast, sharpness and their size.

    :param image: z-scored volume (32, 128, 128).
    :param labels: its label map; a structure that is not there gives NaN.
    """
    values = image.astype(np.float32)
    eyes, muscles = np.isin(labels, _EYES), np.isin(labels, values_of(ALL_RECTI))
    rest = values[~eyes & ~muscles]
    slope = np.hypot(np.diff(values, axis=1)[:, :, :-1], np.diff(values, axis=2)[:, :-1])
    low, high = np.percentile(rest, [10, 90])
    return {
        "eyes": _median(values[eyes]), "muscles": _median(values[muscles]),
        "patchiness": float(values[muscles].std()) if muscles.any() else float("nan"),
        "surroundings": float(np.median(rest)), "contrast": float(high - low),
        "sharpness": float(np.log(slope.mean() + 1e-6)),
        "muscle_size": float(np.log(muscles.sum())) if muscles.any() else float("nan"),
    }  # fmt: skip


def features_of(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return the image's features before they meet any number, averaged over each map, (cases, features)."""
    import torch

    from IVGCResponseLib.augmentation import seen

    with torch.inference_mode():
        maps = [network.features(part).flatten(2).mean(dim=2) for part in seen(torch.from_numpy(images)).split(8)]
    return torch.cat(maps).float().numpy()


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if values.size else float("nan")
