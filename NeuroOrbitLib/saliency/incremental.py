"""Running a network on many slightly changed copies of an image, recomputing only what the changes affect.

After Nakandala, Nagrecha, Kumar and Papakonstantinou, "Incremental and approximate inference for faster occlusion-based
deep CNN explanations" (Krypton), SIGMOD 2019. The result is exact, not an approximation: from a layer on that cannot be
decomposed, or whose map is mostly affected by the change, whole maps are computed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn
from torch.fx.experimental.optimization import fuse

from NeuroOrbitLib.saliency.regions import Regions, Window, reached_boxes, tiles_for

#: Share of a map from which on computing all of it is faster than cutting out the changed part.
WHOLE_FROM = 0.6
_CONVOLUTIONS = (nn.Conv2d, nn.Conv3d)
_MAXIMA = (nn.MaxPool2d, nn.MaxPool3d)
_MEANS = (nn.AvgPool2d, nn.AvgPool3d)
_POINTWISE = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.Tanh, nn.Identity, nn.Dropout,
              nn.Dropout2d, nn.Dropout3d, nn.BatchNorm2d, nn.BatchNorm3d)
_POINTWISE_FUNCTIONS = (torch.relu, torch.relu_, nn.functional.relu, torch.sigmoid, torch.tanh, nn.functional.gelu,
                        nn.functional.elu, nn.functional.silu, nn.functional.leaky_relu)
_SUMS = (operator.add, operator.iadd, torch.add)


class NotTraceable(ValueError):
    """Raised for a network whose computation depends on its values, so that it cannot be split into layers."""


class IncrementalNetwork:
    """A network split into its layers, with the value of one image after each layer.

    :param network: classifier from (batch, channels, *spatial) to logits (batch, classes); it is copied, not changed.
    :param image: image (channels, *spatial).
    :raises NotTraceable: if the network cannot be split into layers.
    """

    def __init__(self, network: nn.Module, image: Tensor) -> None:
        self.module = traced(network)
        self.layers = dict(self.module.named_modules())
        recorder = _Recorder(self.module)
        with torch.inference_mode():
            self.logits = recorder.run(image[None])
        self.base = recorder.values

    def changed_logits(self, patches: Tensor, starts: np.ndarray) -> Tensor:
        """Return the logits (variants, classes) of the image with each of ``patches`` written over it.

        :param patches: patch of each variant, (variants, channels, *size).
        :param starts: first pixel of each patch, int (variants, axes).
        """
        values: dict[fx.Node, Any] = {}
        with torch.inference_mode():
            for node in self.module.graph.nodes:
                if node.op == "placeholder":
                    values[node] = Regions(patches, starts)
                elif node.op == "output":
                    return self._whole(node.args[0], values)
                else:
                    values[node] = self._value(node, values)
                for done in self.no_longer_needed[node]:
                    values.pop(done, None)
        raise AssertionError("A traced network ends with its output.")

    @property
    def no_longer_needed(self) -> dict[fx.Node, list[fx.Node]]:
        """Values that are no longer needed after each node, by node."""
        if not hasattr(self, "_dead"):
            last: dict[fx.Node, fx.Node] = {}
            for node in self.module.graph.nodes:
                for read in node.all_input_nodes:
                    last[read] = node
            self._dead = {node: [] for node in self.module.graph.nodes}
            for read, node in last.items():
                self._dead[node].append(read)
        return self._dead

    def _value(self, node: fx.Node, values: dict[fx.Node, Any]) -> Any:
        inputs = [values[read] for read in node.all_input_nodes]
        if not any(isinstance(value, Regions) for value in inputs):
            return self._call(node, lambda read: values[read])
        if all(isinstance(value, Regions) for value in inputs):
            local = self._local(node, inputs)
            if local is not None:
                return self._whole_if_large(node, local)
        return self._call(node, lambda read: self._whole(read, values))

    def _local(self, node: fx.Node, inputs: list[Regions]) -> Regions | None:
        """Return the node's result in boxes; None if it cannot be computed from boxes."""
        layer = self.layers.get(node.target) if node.op == "call_module" else None
        if isinstance(layer, _POINTWISE):
            return Regions(layer(inputs[0].values), inputs[0].starts)
        if node.op == "call_function" and node.target in _POINTWISE_FUNCTIONS:
            return self._called_on_boxes(node, inputs[0])
        if node.op == "call_function" and node.target in _SUMS and len(inputs) == 2 and len(node.args) == 2:
            return self._sum(node, inputs)
        window = window_of(layer)
        return None if window is None else self._windowed(node, layer, window, inputs[0])

    def _called_on_boxes(self, node: fx.Node, regions: Regions) -> Regions:
        arguments = fx.node.map_arg((node.args, node.kwargs), lambda read: regions.values)
        return Regions(node.target(*arguments[0], **arguments[1]), regions.starts)

    def _sum(self, node: fx.Node, inputs: list[Regions]) -> Regions | None:
        maps = [self.base[read] for read in node.all_input_nodes]
        if maps[0].shape != maps[1].shape:
            return None
        first = np.minimum(inputs[0].starts, inputs[1].starts)
        ends = [regions.starts + np.array(regions.size) for regions in inputs]
        size = (np.maximum(*ends) - first).max(axis=0)
        first = np.minimum(first, np.array(maps[0].shape[2:]) - size)
        boxed = [regions.boxed(whole, first, tuple(size.tolist())).values
                 for regions, whole in zip(inputs, maps, strict=True)]
        return Regions(boxed[0] + boxed[1], first)

    def _windowed(self, node: fx.Node, layer: nn.Module, window: Window, regions: Regions) -> Regions:
        base = self.base[node.all_input_nodes[0]]
        starts, size = reached_boxes(regions.starts, regions.size, window, tuple(self.base[node].shape[2:]))
        fill = float("-inf") if isinstance(layer, _MAXIMA) else 0.0
        tiles = tiles_for(regions, base, starts, size, window, fill)
        return Regions(_without_padding(layer, tiles), starts)

    def _whole_if_large(self, node: fx.Node, regions: Regions) -> Regions | Tensor:
        base = self.base[node]
        return regions.written_over(base) if regions.share_of(base.shape[2:]) >= WHOLE_FROM else regions

    def _whole(self, read: fx.Node, values: dict[fx.Node, Any]) -> Any:
        value = values[read]
        return value.written_over(self.base[read]) if isinstance(value, Regions) else value

    def _call(self, node: fx.Node, value_of: Callable[[fx.Node], Any]) -> Any:
        arguments, named = fx.node.map_arg((node.args, node.kwargs), value_of)
        if node.op == "call_module":
            return self.layers[node.target](*arguments, **named)
        if node.op == "call_method":
            return getattr(arguments[0], node.target)(*arguments[1:], **named)
        if node.op == "get_attr":
            return operator.attrgetter(node.target)(self.module)
        return node.target(*arguments, **named)


def traced(network: nn.Module) -> fx.GraphModule:
    """Return a copy of a network for inference as a graph of layers, with batch normalisations in the convolutions.

    :raises NotTraceable: if its computation depends on values or on Python's control flow.
    """
    try:
        module = fuse(network.eval())
    except (fx.proxy.TraceError, TypeError, NotImplementedError, RuntimeError) as error:
        raise NotTraceable(f"{type(network).__name__} cannot be taken apart: {error}") from error
    for layer in module.modules():
        if getattr(layer, "inplace", False):
            layer.inplace = False  # every layer's value is kept
    return module


def window_of(layer: nn.Module | None) -> Window | None:
    """Return the window of a layer on its input; None for layers without a window or with special padding."""
    if isinstance(layer, _CONVOLUTIONS):
        plain = layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
        return Window(layer.kernel_size, layer.stride, layer.padding, layer.dilation) if plain else None
    if isinstance(layer, (*_MAXIMA, *_MEANS)) and not layer.ceil_mode:
        axes = 2 if isinstance(layer, (nn.MaxPool2d, nn.AvgPool2d)) else 3
        window = Window(*(_per_axis(value, axes) for value in (
            layer.kernel_size, layer.stride, layer.padding, getattr(layer, "dilation", 1))))
        # At a padded edge the mean is over fewer pixels, or includes zeros; only whole maps get that right.
        return None if isinstance(layer, _MEANS) and any(window.padding) else window
    return None


def split(count: int, size: int) -> Iterator[slice]:
    """Return slices of at most ``size`` elements that cover ``count`` elements."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


class _Recorder(fx.Interpreter):
    """Interpreter that runs a graph and keeps the value of every node."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module, garbage_collect_values=False)
        self.values: dict[fx.Node, Any] = {}

    def run_node(self, node: fx.Node) -> Any:
        self.values[node] = super().run_node(node)
        return self.values[node]


def _without_padding(layer: nn.Module, tiles: Tensor) -> Tensor:
    if isinstance(layer, _CONVOLUTIONS):
        convolve = nn.functional.conv2d if tiles.ndim == 4 else nn.functional.conv3d
        return convolve(tiles, layer.weight, layer.bias, layer.stride, 0, layer.dilation, layer.groups)
    if isinstance(layer, _MAXIMA):
        pool = nn.functional.max_pool2d if tiles.ndim == 4 else nn.functional.max_pool3d
        return pool(tiles, layer.kernel_size, layer.stride, 0, layer.dilation)
    pool = nn.functional.avg_pool2d if tiles.ndim == 4 else nn.functional.avg_pool3d
    return pool(tiles, layer.kernel_size, layer.stride)


def _per_axis(value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value)
