"""Occlusion maps: the fall of a class's probability when a patch of the image is covered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.saliency.incremental import IncrementalNetwork, NotTraceable, split
from NeuroOrbitLib.saliency.patches import FILLS, OcclusionSettings, mean_over_patches, patch_starts
from NeuroOrbitLib.sentences import sentence as _

Method = Literal["auto", "incremental", "batched"]
#: Number of variants computed together, small enough for the processor's cache.
BATCH = 16


@dataclass(frozen=True)
class OcclusionMap:
    """The effect of covering each patch of an image on a classifier's output.

    :param base: probability of each class for the uncovered image, (classes,).
    :param covered: probability of each class with each patch covered, (patches, classes), or (channels, patches,
        classes) if the channels were covered one by one.
    :param starts: first pixel of each patch, int (patches, axes).
    :param patch: size of a patch along each axis, in pixels.
    :param shape: spatial shape of the image.
    :param method: method of the computation, "incremental" or "batched".
    """

    base: np.ndarray
    covered: np.ndarray
    starts: np.ndarray
    patch: tuple[int, ...]
    shape: tuple[int, ...]
    method: str

    def probability(self, class_index: int) -> np.ndarray:
        """Return the mean probability of a class over the patches that cover each pixel.

        :return: map of the image's shape, or (channels, *shape) if the channels were covered one by one.
        """
        values = self.covered[..., class_index]
        if values.ndim == 1:
            return mean_over_patches(values, self.starts, self.patch, self.shape)
        return np.stack([mean_over_patches(each, self.starts, self.patch, self.shape) for each in values])

    def heat(self, class_index: int) -> np.ndarray:
        """Return the fall of a class's probability when the surroundings of each pixel are covered.

        It is positive where the image is evidence for the class, negative where it is evidence against it.

        :return: map of the shape of :meth:`probability`.
        """
        return self.base[class_index] - self.probability(class_index)


def occlusion_map(network: nn.Module, image: Tensor, settings: OcclusionSettings | None = None,
                  method: Method = "auto", bf16: bool = False, batch: int = BATCH,
                  progress: Progress = silent) -> OcclusionMap:
    """Cover an image patch by patch and return the classifier's output for each patch (Zeiler and Fergus 2014).

    :param network: network from (batch, channels, *spatial) to logits (batch, classes); one logit means two classes. It
        is not changed.
    :param image: image (channels, *spatial) with two or three spatial axes.
    :param settings: patch, stride, fill, and whether channels are covered one by one; default settings if None.
    :param method: "incremental" recomputes only what a patch affects (equal up to rounding), "batched" everything;
        "auto" takes the former if the network can be split into layers.
    :param bf16: whether to compute in bfloat16, which is faster on processors that support it and changes probabilities
        of trained networks by about 0.01 at most.
    :param batch: number of covered images computed together.
    :param progress: receives the fraction done and a message.
    :raises Problem: if the patch does not fit the image, or the fill is unknown.
    :raises NotTraceable: with "incremental", if the network cannot be split into layers.
    """
    settings = settings or OcclusionSettings()
    shape = tuple(image.shape[1:])
    patch, stride = settings.sizes(shape)
    starts = patch_starts(shape, patch, stride)
    was_training = network.training
    try:
        run = _Runner.make(network.eval(), image, method, bf16)
        groups = range(len(image)) if settings.each_channel else (None,)
        covered = [_covered(run, image, starts, patch, settings, channel, batch,
                            part(progress, number / len(groups), (number + 1) / len(groups)))
                   for number, channel in enumerate(groups)]
    finally:
        network.train(was_training)
    return OcclusionMap(_probabilities(run.base)[0], np.stack(covered) if settings.each_channel else covered[0],
                        starts, patch, shape, run.method)


def _covered(run: _Runner, image: Tensor, starts: np.ndarray, patch: tuple[int, ...], settings: OcclusionSettings,
             channel: int | None, batch: int, progress: Progress) -> np.ndarray:
    """Return the probabilities (patches, classes) with each patch covered in one channel, or in all for ``None``."""
    found = []
    for chosen in split(len(starts), batch):
        progress(chosen.start / len(starts), _("Covering the image patch by patch"))
        fills = _filled(image, starts[chosen], patch, settings)
        if channel is not None:
            shown = _patches(image, starts[chosen], patch)
            shown[:, channel] = fills[:, channel]
            fills = shown
        found.append(_probabilities(run.logits_of(fills, starts[chosen])))
    return np.concatenate(found)


@dataclass(frozen=True)
class _Runner:
    """A method of computing the logits of an image with patches written over it."""

    method: str
    base: Tensor
    network: nn.Module
    image: Tensor
    incremental: IncrementalNetwork | None = None

    @classmethod
    def make(cls, network: nn.Module, image: Tensor, method: Method, bf16: bool) -> _Runner:
        if method == "batched":
            return cls._batched(network, image, bf16)
        dtype = torch.bfloat16 if bf16 else image.dtype
        try:
            taken_apart = IncrementalNetwork(_as_type(network, dtype), image.to(dtype))
        except NotTraceable:
            if method == "incremental":
                raise
            return cls._batched(network, image, bf16)
        return cls("incremental", taken_apart.logits, network, image.to(dtype), taken_apart)

    @classmethod
    def _batched(cls, network: nn.Module, image: Tensor, bf16: bool) -> _Runner:
        dtype = torch.bfloat16 if bf16 else image.dtype
        network, image = _as_type(network, dtype), image.to(dtype)
        with torch.inference_mode():
            return cls("batched", network(image[None]), network, image)

    def logits_of(self, patches: Tensor, starts: np.ndarray) -> Tensor:
        patches = patches.to(self.image.dtype)
        if self.incremental is not None:
            return self.incremental.changed_logits(patches, starts)
        images = self.image.repeat(len(starts), *[1] * self.image.ndim)
        for image, patch, start in zip(images, patches, starts.tolist(), strict=True):
            place = tuple(slice(first, first + n) for first, n in zip(start, patch.shape[1:], strict=True))
            image[(slice(None), *place)] = patch
        with torch.inference_mode():
            return self.network(images)


def _as_type(network: nn.Module, dtype: torch.dtype) -> nn.Module:
    if all(parameter.dtype == dtype for parameter in network.parameters()):
        return network
    import copy

    return copy.deepcopy(network).to(dtype)


def _filled(image: Tensor, starts: np.ndarray, patch: tuple[int, ...], settings: OcclusionSettings) -> Tensor:
    """Return the values that cover the patches, (patches, channels, *patch)."""
    shape = (len(starts), image.shape[0], *patch)
    if settings.fill == "image mean":
        return image.mean().expand(shape).contiguous()
    if settings.fill == "patch mean":
        means = _patches(image, starts, patch).flatten(1).mean(dim=1)
        return means.reshape(-1, *[1] * image.ndim).expand(shape).contiguous()
    if isinstance(settings.fill, str) or not np.isfinite(settings.fill):  # NaN would give an empty map
        raise Problem(_("There is no fill {fill!r}. Choose {fills}, or a number.").format(
            fill=settings.fill, fills=FILLS))
    return torch.full(shape, float(settings.fill), dtype=image.dtype, device=image.device)


def _patches(image: Tensor, starts: np.ndarray, patch: tuple[int, ...]) -> Tensor:
    """Return a copy of the image's values in the patches, (patches, channels, *patch)."""
    places = [tuple(slice(first, first + n) for first, n in zip(start, patch, strict=True)) for start in starts]
    return torch.stack([image[(slice(None), *place)] for place in places])


def _probabilities(logits: Tensor) -> np.ndarray:
    """Return the probability of each class, (variants, classes); one logit gives the classes "no" and "yes"."""
    values = logits.float()
    if values.shape[1] == 1:
        yes = torch.sigmoid(values)
        return torch.cat([1 - yes, yes], dim=1).cpu().numpy()
    return torch.softmax(values, dim=1).cpu().numpy()
