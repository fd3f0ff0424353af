"""The networks have the shapes, sizes and equations of the publication."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from IVGCResponseLib.networks.rdinet import RDINet
from IVGCResponseLib.networks.registry import CLINICAL, RADIOMICS, all_networks, find
from NeuroOrbitLib.classifiers.networks.resnet50 import ResNet50
from NeuroOrbitLib.classifiers.networks.with_numbers import DynamicIteration, OfOnePatient
from NeuroOrbitLib.classifiers.second_task import WithMeasurements
from NeuroOrbitLib.saliency.gradcam import grad_cam

SMALL = {"dimensions": 2, "width": 4, "edge": 32}


def trainable(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def inputs_of(batch: int, edge: int = 128, radiomics: int = RADIOMICS, clinical: int = CLINICAL):
    torch.manual_seed(1)
    numbers = {"radiomics": torch.randn(batch, radiomics), "clinical": torch.randn(batch, clinical)}
    return {"image": torch.randn(batch, 32, edge, edge), **numbers}


@pytest.mark.parametrize("entry", all_networks(), ids=lambda entry: entry.name)
def test_parameters_are_as_registered(entry):
    with torch.device("meta"):
        assert trainable(entry.build()) == entry.parameters


@pytest.mark.parametrize("name", ["resnet50_compact", "rdinet_compact", "rdinet_clinical_compact", "early_compact"])
def test_shapes_are_as_registered(name):
    network, inputs = find(name).build().eval(), inputs_of(2)
    with torch.inference_mode():
        assert network(inputs["image"] if name.startswith("resnet") else inputs).shape == (2, 2)


def test_sizes_are_the_papers():
    with torch.device("meta"):
        assert trainable(ResNet50(3)) == pytest.approx(46.16e6, rel=1e-3)
        assert trainable(ResNet50(2)) == pytest.approx(23.60e6, rel=1e-3)
        assert trainable(DynamicIteration(64, 64)) == pytest.approx(0.283e6, rel=1e-3)
        assert trainable(RDINet(iterations=4)) - trainable(RDINet()) == trainable(DynamicIteration(64, 64))
        assert ResNet50(3).features(torch.empty(1, 32, 128, 128)).shape == (1, 2048, 1, 4, 4)
        assert sum(isinstance(each, nn.Conv3d) for each in ResNet50(3).modules()) == 49 + 4  # and four shortcuts


def test_the_answer_depends_on_every_input():
    torch.manual_seed(0)
    network, inputs = RDINet(10, 16, **SMALL).eval(), inputs_of(1, 32)
    with torch.inference_mode():
        first = network(inputs)
        for name in inputs:
            assert not torch.allclose(first, network({**inputs, name: inputs[name] + 1.0}))


def test_a_network_of_numbers_needs_a_number():
    with pytest.raises(ValueError, match="one number at least"):
        RDINet(0, 0, **SMALL)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_patients_numbers_put_in_leave_a_network_of_images_that_grad_cam_explains(dimensions):
    torch.manual_seed(0)
    network, inputs = RDINet(10, 0, **{**SMALL, "dimensions": dimensions}).eval(), inputs_of(1, 32)
    of_one = OfOnePatient(network, network.numbers_of(inputs)).eval()
    with torch.inference_mode():
        assert torch.equal(of_one(inputs["image"]), network(inputs))
    image = inputs["image"][0] if dimensions == 2 else inputs["image"]
    assert grad_cam(of_one, image, 1).shape == image.shape[1:]


def test_measurements_are_read_off_the_image_beside_the_numbers():
    network = find("rdinet_clinical_compact").build(**SMALL).eval()
    learner, inputs = WithMeasurements(network, 5), inputs_of(3)
    with torch.inference_mode():
        found = learner(inputs)
        assert torch.allclose(found[:, :2], network(inputs), atol=1e-6) and found.shape == (3, 7)
        other = {**inputs, "clinical": inputs["clinical"] + 1}
        assert torch.equal(learner(other)[:, 2:], found[:, 2:]) and not torch.equal(learner(other)[:, :2], found[:, :2])
