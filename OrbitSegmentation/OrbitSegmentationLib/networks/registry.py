"""The networks by name, with what a reader wants to know first; torch is only imported when one is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch.nn import Module

SV_NET_PAPER = "Zhu et al. 2020, SV-Net: orbital CT, four recti and the optic nerve"
SEQ_UNET_PAPER = "Chung et al. 2022, SEQ-UNET: orbital CT, eyeball, eye muscles and optic nerve"


@dataclass(frozen=True)
class Network:
    """A network that can be built by name.

    :param name: name on the command line and in configurations.
    :param title: one line for people.
    :param factory: ``module:class`` below this package.
    :param parameters: trainable parameters with the default options.
    :param input_shape: one sample without the batch axis, in the network's axis order.
    :param output_shape: its output, channels first.
    :param axes: meaning of the input's axes.
    :param paper: where the network comes from.
    :param options: arguments that make this variant of the class.
    """

    name: str
    title: str
    factory: str
    parameters: int
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    axes: str
    paper: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def build(self, **options: Any) -> Module:
        """A new network with fresh weights; ``options`` override the variant's own."""
        module_name, class_name = self.factory.split(":")
        factory = getattr(import_module(module_name, package=__package__), class_name)
        return factory(**{**self.options, **options})

    def description(self) -> dict[str, Any]:
        """Plain data for ``networks --json``."""
        return asdict(self) | {"options": dict(self.options)}


_NETWORKS: dict[str, Network] = {}


def register(network: Network) -> Network:
    """Add ``network`` to the registry; raises :class:`ValueError` when its name is taken."""
    if network.name in _NETWORKS:
        raise ValueError(f"A network named {network.name} is registered already.")
    _NETWORKS[network.name] = network
    return network


def all_networks() -> list[Network]:
    """Every registered network, in the order of registration."""
    return list(_NETWORKS.values())


def find(name: str) -> Network:
    """The network called ``name``; raises :class:`ValueError` that lists the names there are."""
    if name not in _NETWORKS:
        raise ValueError(f"There is no network named {name!r}. Choose one of: {', '.join(_NETWORKS)}.")
    return _NETWORKS[name]


register(Network(
    name="any_contrast",
    title="Default model: a locator and an orbit network, both compact 3-D U-Nets, for any contrast",
    factory="OrbitSegmentationLib.any_contrast.network:AnyContrastNetwork",
    parameters=1_060_982,
    input_shape=(1, 48, 64, 56),
    output_shape=(12, 48, 64, 56),
    axes="channel, inferior-superior, posterior-anterior, medial-lateral (right-eye frame, 1 mm)",
    paper="this extension",
))
register(Network(
    name="sv_net",
    title="SV-Net, semantic V-Net with 17 convolutions of 3x3x3",
    factory=".sv_net:SVNet",
    parameters=8_645_830,
    input_shape=(1, 256, 256, 32),
    output_shape=(6, 256, 256, 32),
    axes="channel, inferior-superior, medial-lateral, posterior-anterior (coronal slices)",
    paper=SV_NET_PAPER,
))
register(Network(
    name="su_net",
    title="SU-Net, the two-dimensional twin of SV-Net",
    factory=".su_net:SUNet",
    parameters=2_958_758,
    input_shape=(1, 256, 256),
    output_shape=(6, 256, 256),
    axes="channel, inferior-superior, medial-lateral (one coronal slice)",
    paper=SV_NET_PAPER,
))
register(Network(
    name="v_net",
    title="V-Net with 21 convolutions of 3x3x3, the comparator of SV-Net",
    factory=".v_net:VNet",
    parameters=9_623_014,
    input_shape=(1, 256, 256, 32),
    output_shape=(6, 256, 256, 32),
    axes="channel, inferior-superior, medial-lateral, posterior-anterior (coronal slices)",
    paper=SV_NET_PAPER,
))
register(Network(
    name="seq_unet",
    title="SEQ-UNET as published: three slices, two bi-directional ConvLSTMs",
    factory=".seq_unet:SeqUNet",
    parameters=57_002_880,
    input_shape=(3, 1, 64, 64),
    output_shape=(3, 64, 64),
    axes="neighbouring axial slices, channel, posterior-anterior, left-right",
    paper=SEQ_UNET_PAPER,
))
register(Network(
    name="seq_unet_light",
    title="SEQ-UNET with 256 channels in its coarse ConvLSTM",
    factory=".seq_unet:SeqUNet",
    parameters=18_661_248,
    input_shape=(3, 1, 128, 128),
    output_shape=(3, 128, 128),
    axes="neighbouring axial slices, channel, posterior-anterior, medial-lateral",
    paper=SEQ_UNET_PAPER,
    options={"lstm_hidden": 256},
))
