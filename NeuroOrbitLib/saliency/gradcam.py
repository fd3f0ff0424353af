"""Grad-CAM: the evidence for a class in the last feature maps (Selvaraju et al. 2017, equations 1 and 2)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

_CONVOLUTIONS = (nn.Conv2d, nn.Conv3d)


def grad_cam(network: nn.Module, image: Tensor, class_index: int, layer: str | None = None) -> np.ndarray:
    """Return the class activation map of an image on its grid, in units of the class's logit, at least 0.

    The map is as coarse as the layer's feature maps: one value of a 4 x 4 map represents 32 x 32 pixels of a 128 x 128
    image, and interpolation does not change that.

    :param network: network from (batch, channels, *spatial) to logits (batch, classes); it is not changed.
    :param image: image (channels, *spatial) with two or three spatial axes.
    :param class_index: class to explain; for a network with one logit, 1 is "yes" and 0 is "no".
    :param layer: name of the layer whose feature maps are used; by default :func:`default_layer`.
    :return: map of the spatial shape of the image, float32.
    :raises Problem: if the layer does not exist, or by default the network has no convolution.
    """
    maps, gradients = _maps_and_gradients(network, image, class_index, _layer(network, layer))
    axes = tuple(range(2, maps.ndim))
    weights = gradients.mean(dim=axes, keepdim=True)
    cam = torch.relu((weights * maps).sum(dim=1, keepdim=True))
    mode = "bilinear" if maps.ndim == 4 else "trilinear"
    upsampled = nn.functional.interpolate(cam, size=tuple(image.shape[1:]), mode=mode, align_corners=False)
    return upsampled[0, 0].detach().float().cpu().numpy()


def default_layer(network: nn.Module) -> str:
    """Return the name of the network's last convolution.

    :raises Problem: if the network has no convolution.
    """
    names = [name for name, module in network.named_modules() if isinstance(module, _CONVOLUTIONS)]
    if not names:
        raise Problem(_("Grad-CAM needs a network with convolutions. Use the occlusion map instead."))
    return names[-1]


def _layer(network: nn.Module, name: str | None) -> nn.Module:
    layers = dict(network.named_modules())
    name = default_layer(network) if name is None else name
    if name not in layers or not name:
        raise Problem(_("The network has no layer {name!r}. Choose the name of one of its convolutions.").format(
            name=name))
    return layers[name]


def _maps_and_gradients(network: nn.Module, image: Tensor, class_index: int, layer: nn.Module) -> tuple[Tensor, Tensor]:
    kept: list[Tensor] = []
    handle = layer.register_forward_hook(lambda module, inputs, output: kept.append(output))
    was_training = network.training
    try:
        with torch.enable_grad():
            logits = network.eval()(image[None].clone().requires_grad_())[0]
            score = logits[class_index] if len(logits) > 1 else (2 * class_index - 1) * logits[0]
            gradients = torch.autograd.grad(score, kept[-1])[0]
    finally:
        handle.remove()
        network.train(was_training)
    return kept[-1].detach(), gradients
