"""Explanation of an answer: heat on the anatomy and per muscle, and whether it is where inflammation can be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, ORBITAL, Side, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.saliency.gradcam import grad_cam
from NeuroOrbitLib.saliency.occlusion import occlusion_map
from NeuroOrbitLib.saliency.patches import OcclusionSettings
from NeuroOrbitLib.saliency.structures import heat_places
from TAOActivityLib.augmentation import seen
from TAOActivityLib.inventory import ACTIVE
from TAOActivityLib.preparation import SEEN, STORED, Prepared

MUSCLES = tuple(label_value(key, side) for key in EXTRAOCULAR_MUSCLES for side in Side)
#: Everything inside the bony orbits.
ORBIT = tuple(sorted(label_value(key, side) for key in ORBITAL for side in Side))


@dataclass(frozen=True)
class Explanation:
    """Heat map of one scan.

    :param heat: decrease of the network's probability of active disease when the surroundings of a voxel are covered,
        on the crop's grid. It is computed for the middle of the crop before calibration, whereas an answer is the
        calibrated mean of several views. All slices are equal if the patch covers all of them; 0 outside of the part
        that the network sees.
    :param by_muscle: mean heat of each muscle in the crop, by name.
    :param ratio: mean positive heat in the target muscles over the mean in the orbits outside of muscles.
    """

    heat: Image
    by_muscle: dict[str, float]
    ratio: float


def explain(network: nn.Module, crop: Tensor, prepared: Prepared, settings: OcclusionSettings | None = None,
            fast: bool = False, target: Collection[int] = MUSCLES, progress: Progress = silent) -> Explanation:
    """Return the occlusion heat for active disease.

    :param network: classifier of activity.
    :param crop: stored crop (5, 164, 164).
    :param prepared: the same scan with its label map and place.
    :param settings: patch, stride, fill, and whether the slices (channels of the network) are covered one at a time; by
        default 16, 4, the image's mean, and all at once.
    :param fast: whether to compute in bfloat16.
    :param target: label values of the muscles whose heat is compared with the rest of the orbits: all muscles, or those
        known to be inflamed.
    :param progress: receives the fraction done and a message.
    """
    found = occlusion_map(network, seen(crop), settings, bf16=fast, progress=progress)
    return _explained(found.heat(ACTIVE), prepared, target)


def explain_by_grad_cam(network: nn.Module, crop: Tensor, prepared: Prepared) -> Explanation:
    """Return the heat of Grad-CAM of the last convolution, a coarser second view, in units of the logit."""
    return _explained(grad_cam(network, seen(crop), ACTIVE), prepared)


def _explained(heat: np.ndarray, prepared: Prepared, target: Collection[int] = MUSCLES) -> Explanation:
    first = (STORED - SEEN) // 2
    whole = np.zeros(prepared.image.array.shape, dtype=np.float32)
    whole[:, first:first + SEEN, first:first + SEEN] = np.nan_to_num(heat)
    labels = prepared.labels.array
    # The other muscles count neither as target nor as rest, as their inflammation is not known.
    rest = np.isin(labels, [value for value in ORBIT if value not in MUSCLES])
    found = heat_places(whole, labels, MUSCLES, np.isin(labels, list(target)), rest)
    return Explanation(prepared.image.with_array(whole), found.by_structure, found.ratio)
