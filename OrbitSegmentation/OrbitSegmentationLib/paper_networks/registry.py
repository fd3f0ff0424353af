"""The networks by name, with their main facts; torch is imported only when one is built."""

from __future__ import annotations

from NeuroOrbitLib.models.networks import Network, NetworkRegistry

SV_NET_PAPER = "Zhu et al. 2020, SV-Net: orbital CT, four recti and the optic nerve"
SEQ_UNET_PAPER = "Chung et al. 2022, SEQ-UNET: orbital CT, eyeball, eye muscles and optic nerve"

_REGISTRY = NetworkRegistry()
register, all_networks, find, load = _REGISTRY.register, _REGISTRY.all_networks, _REGISTRY.find, _REGISTRY.load

register(Network(
    name="any_contrast",
    title="Default model: a locator and an orbit network, both compact 3-D U-Nets, for any contrast",
    factory="OrbitSegmentationLib.any_contrast.network:AnyContrastNetwork",
    parameters=1_060_973,
    input_shape=(1, 48, 64, 56),
    output_shape=(12, 48, 64, 56),
    axes="channel, inferior-superior, posterior-anterior, medial-lateral (right-eye frame, 1 mm)",
    paper="this extension",
))
register(Network(
    name="sv_net",
    title="SV-Net, semantic V-Net with 17 convolutions of 3x3x3",
    factory="OrbitSegmentationLib.paper_networks.sv_net:SVNet",
    parameters=8_645_830,
    input_shape=(1, 256, 256, 32),
    output_shape=(6, 256, 256, 32),
    axes="channel, inferior-superior, medial-lateral, posterior-anterior (coronal slices)",
    paper=SV_NET_PAPER,
))
register(Network(
    name="su_net",
    title="SU-Net, the two-dimensional twin of SV-Net",
    factory="OrbitSegmentationLib.paper_networks.su_net:SUNet",
    parameters=2_958_758,
    input_shape=(1, 256, 256),
    output_shape=(6, 256, 256),
    axes="channel, inferior-superior, medial-lateral (one coronal slice)",
    paper=SV_NET_PAPER,
))
register(Network(
    name="v_net",
    title="V-Net with 21 convolutions of 3x3x3, the comparator of SV-Net",
    factory="OrbitSegmentationLib.paper_networks.v_net:VNet",
    parameters=9_623_014,
    input_shape=(1, 256, 256, 32),
    output_shape=(6, 256, 256, 32),
    axes="channel, inferior-superior, medial-lateral, posterior-anterior (coronal slices)",
    paper=SV_NET_PAPER,
))
register(Network(
    name="seq_unet",
    title="SEQ-UNET as published: three slices, two bi-directional ConvLSTMs",
    factory="OrbitSegmentationLib.paper_networks.seq_unet:SeqUNet",
    parameters=57_002_880,
    input_shape=(3, 1, 64, 64),
    output_shape=(3, 64, 64),
    axes="neighbouring axial slices, channel, posterior-anterior, left-right",
    paper=SEQ_UNET_PAPER,
))
register(Network(
    name="seq_unet_light",
    title="SEQ-UNET with 256 channels in its coarse ConvLSTM",
    factory="OrbitSegmentationLib.paper_networks.seq_unet:SeqUNet",
    parameters=18_661_248,
    input_shape=(3, 1, 128, 128),
    output_shape=(3, 128, 128),
    axes="neighbouring axial slices, channel, posterior-anterior, medial-lateral",
    paper=SEQ_UNET_PAPER,
    options={"lstm_hidden": 256},
))
