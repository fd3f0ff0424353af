"""The classifiers by name; torch is imported only when one is built."""

from __future__ import annotations

from NeuroOrbitLib.models.networks import Network, NetworkRegistry

PAPER = "Lin et al. 2021: activity of thyroid-associated ophthalmopathy from orbital MRI"
AXES = "axial slices from inferior to superior, anterior to posterior, right to left of the patient"
SHAPE, CLASSES = (5, 128, 128), (2,)

_REGISTRY = NetworkRegistry()
register, all_networks, find, load = _REGISTRY.register, _REGISTRY.all_networks, _REGISTRY.find, _REGISTRY.load

register(Network(
    name="network_a",
    title="Network A, VGG-like with ten convolutions and four fully connected layers",
    factory="TAOActivityLib.networks.classifiers:NetworkA",
    parameters=18_080_642,
    input_shape=SHAPE,
    output_shape=CLASSES,
    axes=AXES,
    paper=PAPER,
))
register(Network(
    name="network_b",
    title="Network B, residual with twenty convolutions and four fully connected layers",
    factory="TAOActivityLib.networks.classifiers:NetworkB",
    parameters=22_767_938,
    input_shape=SHAPE,
    output_shape=CLASSES,
    axes=AXES,
    paper=PAPER,
))
register(Network(
    name="network_b_compact",
    title="Network B with a quarter of the channels, half the resolution and one fully connected layer",
    factory="TAOActivityLib.networks.classifiers:NetworkB",
    parameters=884_706,
    input_shape=SHAPE,
    output_shape=CLASSES,
    axes=AXES,
    paper=PAPER,
    options={"width": 16, "stem_stride": 2, "dense": ()},
))
register(Network(
    name="network_a_compact",
    title="Network A with a quarter of the channels",
    factory="TAOActivityLib.networks.classifiers:NetworkA",
    parameters=1_131_570,
    input_shape=SHAPE,
    output_shape=CLASSES,
    axes=AXES,
    paper=PAPER,
    options={"width": 16, "dense": (256, 64)},
))
