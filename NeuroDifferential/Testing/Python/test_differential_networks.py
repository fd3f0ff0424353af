"""The networks on lesion images: sizes as published, views, and starts from a user's file of weights."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as functional

from NeuroDifferentialLib.differential.augmentation import augmented, shifted, views
from NeuroDifferentialLib.differential.estimators import build_network, estimator_of
from NeuroDifferentialLib.differential.networks.registry import all_networks, find
from NeuroDifferentialLib.differential.networks.resnet import BasicBlock
from NeuroDifferentialLib.task import CONFIGS
from NeuroOrbitLib.classifiers.second_task import WithMeasurements
from NeuroOrbitLib.classifiers.training_config import config_from_dict, load_classifier_config
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.models.weights import file_sha256, write_weights
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.schedule import make_optimizer, schedule_from_dict

PUBLISHED = {"two_view_18": 11.48, "two_view_34": 21.59, "resnet3d_18": 33.16, "resnet3d_34": 63.47}


def parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def config(options: dict, network: str = "two_view_compact"):
    return config_from_dict({"name": "test", "title": "Test", "network": network, "network_options": options,
                             "schedule": {"epochs": 1, "batch_size": 2, "learning_rate": 0.01, "optimizer": "sgd"}})


TRAIN_NARROW = """
import torch
from NeuroDifferentialLib.differential.networks.resnet import BasicBlock
torch.set_num_threads(2)
for _ in range(10):
    block = BasicBlock(4, 8, 2, 2).to(memory_format=torch.channels_last)
    image = torch.rand(3, 4, 32, 32, requires_grad=True).contiguous(memory_format=torch.channels_last)
    block(image).sum().backward()
"""


def test_narrow_networks_learn_with_several_threads():
    """In a process of its own: where it does not work, the interpreter crashes."""
    assert subprocess.run([sys.executable, "-c", TRAIN_NARROW], check=False).returncode == 0


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_shortcut_of_a_block_is_a_convolution_with_a_stride(dimensions):
    block = BasicBlock(4, 8, 2, dimensions).eval()
    image = torch.rand(2, 4, *[9] * dimensions)
    convolution = {2: functional.conv2d, 3: functional.conv3d}[dimensions](image, block.downsample[0].weight, stride=2)
    inner = block.bn2(block.conv2(block.bn1(block.conv1(image)).relu()))
    assert torch.allclose(block(image), (inner + block.downsample[1](convolution)).relu(), atol=1e-6)


@pytest.mark.parametrize("network", all_networks(), ids=lambda network: network.name)
def test_networks_have_the_parameters_that_are_listed_and_published(network):
    with torch.device("meta"):
        built = network.build()
    assert parameters(built) == network.parameters
    if network.name in PUBLISHED:
        assert round(network.parameters / 1e6, 2) == PUBLISHED[network.name]
    if network.name.startswith("two_view") and "compact" not in network.name:
        assert parameters(built.features.compression) == 313_792
        assert built.features.compression(torch.zeros(1, 100, 100, 100, device="meta")).shape == (1, 64, 32, 32)


def test_the_first_view_takes_axial_slices_as_channels_and_the_second_coronal_ones():
    torch.manual_seed(0)
    views_of = find("two_view_compact").build(width=4).features.compression.eval()
    image = torch.zeros(1, 100, 100, 100)
    image[0, 10, 80, 30] = 1.0  # low, at the front, to the left
    axial, coronal = ((found - empty).abs().sum(dim=(0, 1)) for found, empty in zip(
        views_of(image).split(2, dim=1), views_of(image * 0).split(2, dim=1), strict=True))
    rows = [int(found.sum(dim=1).argmax()) * 3 for found in (axial, coronal)]
    assert abs(rows[0] - 78) <= 6 and abs(rows[1] - 8) <= 6
    assert all(abs(int(found.sum(dim=0).argmax()) * 3 - 28) <= 6 for found in (axial, coronal))


@pytest.mark.parametrize("name", ["two_view_compact", "resnet3d_compact"])
def test_logits_do_not_depend_on_whether_stored_images_are_whole_numbers(name):
    network = find(name).build(width=2).eval()
    image = torch.randint(0, 256, (2, 100, 100, 100), dtype=torch.uint8)
    with torch.inference_mode():
        assert torch.allclose(network(image), network(image.float())) and network(image).shape == (2, 2)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_stages_start_from_a_users_weights_and_say_from_which(tmp_path, monkeypatch, suffix):
    options = {"depth": 18, "width": 4}
    donor = find("two_view_compact").build(**options).features.stages.state_dict()
    path = tmp_path / f"resnet18{suffix}"
    given = {**donor, "conv1.weight": torch.zeros(4, 3, 7, 7), "fc.weight": torch.zeros(1000, 32)}
    torch.save(given, path) if suffix == ".pt" else write_weights(given, path)
    monkeypatch.chdir(tmp_path)
    estimator = estimator_of(config({**options, "start": path.name}))
    monkeypatch.chdir("/")  # where a worker of a cluster may be
    assert estimator.settings()["start_sha256"] == file_sha256(path)
    assert str(tmp_path) not in str(estimator.settings())
    network = estimator.build(estimator.config, {})
    assert torch.equal(network.features.stages.layer3[0].conv1.weight, donor["layer3.0.conv1.weight"])


def test_a_start_of_another_network_or_a_pickle_is_refused(tmp_path):
    other = tmp_path / "resnet34.pt"
    torch.save(find("two_view_compact").build(depth=34, width=8).features.stages.state_dict(), other)
    with pytest.raises(Problem, match="same depth and width"):
        build_network(config({"width": 4}), {}, start=str(other))
    code = tmp_path / "code.pt"
    code.write_bytes(pickle.dumps({"weights": print}))
    with pytest.raises(ModelProblem):
        build_network(config({"width": 4}), {}, start=str(code))
    with pytest.raises(Problem, match="no file of weights"):
        estimator_of(config({"start": str(tmp_path / "none.pt")}))
    with pytest.raises(Problem, match="Only networks of two views"):
        build_network(config({"width": 2, "edge": 16}, "resnet3d_compact"), {}, start=str(other))


def test_every_shipped_configuration_can_be_built():
    for path in CONFIGS.glob("*.json"):
        read = load_classifier_config(path.stem, CONFIGS)
        assert estimator_of(read).name == read.name


def test_an_unknown_input_or_option_is_explained():
    with pytest.raises(Problem, match="input is lesions or true_lesions or flair"):
        estimator_of(config({"input": "t1"}))
    with pytest.raises(Problem, match="Ways without a network"):
        build_network(config({"colour": 1}), {})


def test_sgd_has_the_papers_rate_and_momentum():
    schedule = schedule_from_dict({"epochs": 2, "batch_size": 2, "learning_rate": 0.01, "optimizer": "sgd"})
    optimizer = make_optimizer(torch.nn.Linear(2, 2), schedule)
    assert isinstance(optimizer, torch.optim.SGD)
    assert {(group["lr"], group["momentum"]) for group in optimizer.param_groups} == {(0.01, 0.9)}


def test_shifts_move_the_lesions_and_nothing_comes_back_on_the_other_side():
    image = torch.zeros(10, 10, 10)
    image[1, 5, 8] = 255
    moved = shifted(image, np.array([-2, 1, 1]))
    assert moved.sum() == 0
    moved = shifted(image, np.array([2, -1, 1]))
    assert moved[3, 4, 9] == 255 and moved.sum() == 255


def test_augmentation_keeps_range_and_mirrors_left_to_right_alone():
    image = torch.zeros(100, 100, 100)
    image[20:26, 30:36, 70:76] = 255
    seen = [augmented(image, np.random.default_rng(seed), strength) for seed in range(8) for strength in (0.0, 1.0)]
    assert all(found.min() >= 0 and found.max() <= 255 for found in seen)
    sides = {bool(found[..., :50].sum() > found[..., 50:].sum()) for found in seen[::2]}
    assert sides == {True, False}
    assert all(found[16:30, 26:40].sum() == found.sum() for found in seen[::2])
    plain, mirrored = views(image[None])
    assert torch.equal(mirrored, plain.flip(-1))


@pytest.mark.parametrize("name", ["two_view_compact", "resnet3d_compact"])
def test_the_second_task_sees_the_images_as_the_network_does(name):
    network = find(name).build().eval()
    images = torch.zeros(1, 100, 100, 100)
    images[:, 40:60, 40:60, 40:60] = 255
    with torch.inference_mode():
        assert torch.allclose(WithMeasurements(network, 3)(images)[:, :2], network(images), atol=1e-5)
        assert not torch.allclose(network(images), network(images / 255), atol=1e-3)
