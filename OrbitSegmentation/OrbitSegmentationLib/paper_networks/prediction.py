"""Segmentation of a scan with a trained paper network: each orbit separately, then back on the scan's grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging.geometry import box_covering, crop_grid, resample_probabilities
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.models.inference import sliding_window
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.paper_networks.preprocessing import PreparedOrbit, prepare_orbit
from OrbitSegmentationLib.paper_networks.profile_classes import vocabulary_labels
from OrbitSegmentationLib.paper_networks.profiles import Profile
from OrbitSegmentationLib.paper_networks.training.samples import sequence_at
from OrbitSegmentationLib.postprocessing import clean_label_map

Predictor = Callable[[Tensor], Tensor]
#: Networks halve a volume four times.
MULTIPLE = 16


def segment_orbits(
    image: Image,
    centers: Mapping[Side, np.ndarray],
    predict: Predictor,
    profile: Profile,
    progress: Progress = silent,
) -> Image:
    """Return the label map of the orbits on the scan's grid.

    :param image: the scan, as :func:`~.preprocessing.prepare_orbit` takes it.
    :param centers: centre (R, A, S; mm) of the eyeball of each orbit to segment.
    :param predict: network that returns logits, e.g. :class:`~NeuroOrbitLib.models.inference.FastNetwork`.
    :param profile: profile that the network was trained with.
    :return: vocabulary label values, uint8 (see :func:`~.profile_classes.vocabulary_labels` for merged classes).
    """
    result = np.zeros(image.array.shape, dtype=np.uint8)
    for number, (side, center) in enumerate(centers.items()):
        report = part(progress, number / len(centers), (number + 1) / len(centers))
        orbit = prepare_orbit(image, profile, side, center)
        probabilities = orbit_probabilities(orbit.image, predict, profile, report)
        _paste(result, image, orbit, probabilities, profile, center)
    return Image(clean_label_map(result), image.affine)


def orbit_probabilities(
    array: np.ndarray,
    predict: Predictor,
    profile: Profile,
    progress: Progress = silent,
) -> np.ndarray:
    """Return the sigmoid outputs (channels, *array.shape) for one prepared orbit, in the orbit's own axis order."""
    voxels = torch.from_numpy(np.array(array, dtype=np.float32))

    def probability(batch: Tensor) -> Tensor:
        return torch.sigmoid(predict(batch))

    if profile.layout == "sequence":
        return _over_sequences(array, probability, profile, progress)
    if profile.layout == "slice":
        return _over_slices(voxels, probability, progress)
    if profile.within_reach:
        return _within_reach(voxels, probability, profile, progress)
    height, width, _ = profile.window
    step = (max(height // 2, 1), max(width // 2, 1), profile.slice_step)
    windows = sliding_window(probability, voxels[None], profile.window, step, profile.weighting, progress=progress)
    return windows.numpy()


def classes_from_probabilities(probabilities: np.ndarray, profile: Profile) -> np.ndarray:
    """Return the class of each voxel, uint8 (K, J, I), 0 for background.

    Of exclusive classes the one with the largest probability is taken, otherwise the largest that reaches one half.

    :param probabilities: output of :func:`orbit_probabilities`, (channels, K, J, I).
    :param profile: profile that the network was trained with.
    """
    if profile.exclusive:
        # Outside of the orbit's box every channel is 0, and argmax then picks the background, which comes first.
        return probabilities.argmax(axis=0).astype(np.uint8)
    best = probabilities.argmax(axis=0)
    reached = probabilities.max(axis=0) >= 0.5
    return np.where(reached, best + 1, 0).astype(np.uint8)


def _within_reach(voxels: Tensor, probability: Predictor, profile: Profile, progress: Progress) -> np.ndarray:
    """Return the probabilities in the part of the array that can hold structures; the rest is 0.

    Windows hold all rows and columns of that part, but no more slices than in training: a single window would be a
    little faster, but a network that was trained on 32 slices is worse on 112.
    """
    # Voxels of the scan rather than padding beside what the network sees: edges of padding cost Dice.
    box = (slice(None), *map(_grown_to_multiple, profile.reach_box, voxels.shape))
    seen = voxels[None][box]
    height, width, depth = (-(-size // MULTIPLE) * MULTIPLE for size in seen.shape[1:])
    window = (height, width, min(depth, profile.window[2]))
    step = (height, width, profile.slice_step)
    found = sliding_window(probability, seen, window, step, profile.weighting, progress=progress)
    result = np.zeros((found.shape[0], *voxels.shape), dtype=np.float32)
    result[box] = found.numpy()
    return result


def _grown_to_multiple(part: slice, size: int) -> slice:
    """Return a part of an axis of ``size`` voxels, grown to a multiple of :data:`MULTIPLE` where the axis allows."""
    length = min(-(-(part.stop - part.start) // MULTIPLE) * MULTIPLE, size)
    start = min(max(part.start - (length - part.stop + part.start) // 2, 0), size - length)
    return slice(start, start + length)


def _over_slices(voxels: Tensor, probability: Predictor, progress: Progress) -> np.ndarray:
    """Return the probabilities of all slices along the last axis, predicted one by one."""
    outputs = []
    for index in range(voxels.shape[2]):
        outputs.append(probability(voxels[None, None, :, :, index])[0].float().cpu())
        progress((index + 1) / voxels.shape[2], _("Slice {index} of {shape}").format(
            index=index + 1, shape=voxels.shape[2]))
    return torch.stack(outputs, dim=-1).numpy()


def _over_sequences(array: np.ndarray, probability: Predictor, profile: Profile, progress: Progress) -> np.ndarray:
    outputs = []
    for place in range(array.shape[0]):
        slices = torch.from_numpy(np.array(sequence_at(array, place, profile), dtype=np.float32))
        outputs.append(probability(slices[None])[0].float().cpu())
        progress((place + 1) / array.shape[0], _("Slice {place} of {shape}").format(
            place=place + 1, shape=array.shape[0]))
    return torch.stack(outputs, dim=1).numpy()


def _paste(
    result: np.ndarray,
    image: Image,
    orbit: PreparedOrbit,
    probabilities: np.ndarray,
    profile: Profile,
    center: np.ndarray,
) -> None:
    """Write one orbit's structures into the label map of the scan, where nothing is labelled yet."""
    box = box_covering(image.grid, orbit.grid)
    if box is None:
        return
    target = crop_grid(image.grid, box)
    classes = classes_from_probabilities(resample_probabilities(probabilities, orbit.grid, target), profile)
    found = vocabulary_labels(classes, target, profile, orbit.side, center)
    view = result[box.slices]
    free = view == 0
    view[free] = found[free]
