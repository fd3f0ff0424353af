"""The learned model: features in shared units, a package that answers, the ways to choose a model."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from NeuroDifferentialLib.anatomy.tissues import BrainAnatomy, Tissue
from NeuroDifferentialLib.lesions.features import candidates, features
from NeuroDifferentialLib.lesions.learned import LearnedSettings, grown_lesions, probabilities
from NeuroDifferentialLib.lesions.models import CLASSICAL, find_lesions, model_names
from NeuroDifferentialLib.network.config import LesionTraining
from NeuroDifferentialLib.network.export import export
from NeuroDifferentialLib.network.networks import VoxelNetwork
from NeuroDifferentialLib.network.training import fit
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem

SHAPE, BALL = (24, 24, 24), np.s_[8:12, 8:12, 8:12]


def prepared(scale=1.0, t1=False):
    """White matter with a bright ball, grey matter around it; brightness in units of ``scale``."""
    rng = np.random.default_rng(0)
    white = np.zeros(SHAPE, np.float32)
    white[3:21, 3:21, 3:21] = 1.0
    flair = np.where(white > 0, 1.0, 1.15) + 0.03 * rng.standard_normal(SHAPE)
    flair[BALL] = 1.7
    flair = (scale * flair).astype(np.float32)
    channels = (flair, (2.0 * white + 1.0).astype(np.float32)) if t1 else (flair,)
    priors = np.full((len(BrainPart), *SHAPE), 0.01, np.float32)
    priors[BrainPart.WHITE_MATTER] = 0.1 + 0.8 * white
    priors[BrainPart.CORTEX] = 0.9 - 0.8 * white
    both = ((1.0, 3.0), (1.15, 1.0), (0.3, 0.5))
    levels = [(scale * level, *((t1_level,) if t1 else ())) for level, t1_level in both]
    tissues = tuple(Tissue(np.array(level), np.eye(len(level)) * (0.05 * scale) ** 2) for level in levels)
    parts = np.where(white > 0, BrainPart.WHITE_MATTER, BrainPart.CORTEX).astype(np.uint8)
    zero = np.zeros(SHAPE, np.float32)
    anatomy = BrainAnatomy(np.ones(SHAPE, bool), parts, white, 1 - white, zero, white, tissues)
    image = Image(flair, np.eye(4))
    return SimpleNamespace(flair=image, channels=channels, anatomy=anatomy, priors=priors, spacing=(1.0, 1.0, 1.0))


def test_the_scanner_scale_does_not_change_the_features():
    chosen = np.zeros(SHAPE, bool)
    chosen[BALL] = True
    first, second = (features(prepared(scale), chosen) for scale in (1.0, 250.0))
    assert first.shape == (64, 48)
    np.testing.assert_allclose(first, second, rtol=1e-3, atol=1e-3)


def test_a_scan_with_and_one_without_t1_have_the_same_columns():
    chosen = np.zeros(SHAPE, bool)
    chosen[BALL] = True
    alone, both = features(prepared(), chosen), features(prepared(t1=True), chosen)
    assert alone.shape == both.shape
    # The last of the T1's columns says whether there is one.
    assert ((alone == 0).all(axis=0) & (both == 1).all(axis=0)).any()


def test_what_is_bright_can_be_a_lesion_and_plain_white_matter_cannot():
    found = candidates(prepared())
    assert found[BALL].all()
    assert found[5:7, 5:7, 5:7].mean() < 0.3


def test_lesions_grow_from_sure_seeds_inside_white_matter_only():
    scan, probability = prepared(), np.zeros(SHAPE, np.float32)
    probability[BALL], probability[9, 9, 9] = 0.6, 0.95
    probability[14:17, 14:17, 14:17] = 0.7  # no seed
    probability[0:2, 10:14, 10:14] = 0.99  # in the cortex
    mask = grown_lesions(probability, scan, LearnedSettings(seed=0.9, lowest=0.5, white=0.6))
    assert mask[BALL].all()
    assert np.count_nonzero(mask) == 64


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A network that has learned that what is bright and lies in white matter is a lesion."""
    scan = prepared()
    chosen = candidates(scan)
    truth = np.zeros(SHAPE, bool)
    truth[BALL] = True
    path = tmp_path_factory.mktemp("patients") / "000.npz"
    np.savez(path, x=features(scan, chosen).astype(np.float16), y=truth[chosen])
    config = LesionTraining(widths=(16,), steps=150, batch_size=256)
    return fit([path], config), config


def test_the_network_learns_and_its_package_answers_alike(trained, tmp_path):
    network, config = trained
    package = export(network, config, tmp_path / "package")
    scan = prepared()
    probability = probabilities(scan, package)
    assert probability[BALL].min() > 0.5 > probability[0:3].max()
    own = torch.sigmoid(network.network(torch.from_numpy(features(scan, candidates(scan))))).detach().numpy()
    np.testing.assert_allclose(probability[candidates(scan)], own, atol=0.02)
    assert package.facts.is_synthetic
    assert "Demonstration" in package.facts.description


def test_far_away_features_do_not_count_more_than_far_ones():
    network = VoxelNetwork(3, (4,))
    assert torch.equal(network(torch.tensor([[1e4, 0.0, 0.0]])), network(torch.tensor([[7.0, 0.0, 0.0]])))


def test_the_classical_way_is_always_there():
    assert model_names()[-1] == CLASSICAL


@pytest.mark.parametrize(("options", "says"), [
    ({"threshold": 2.5}, "between 0 and 1"), ({"smallest_mm3": -1.0}, "0 or more")])
def test_options_that_make_no_sense_for_a_network_are_refused(trained, tmp_path, options, says):
    network, config = trained
    export(network, config, tmp_path / "package")
    with pytest.raises(Problem, match=says):
        find_lesions(prepared(), tmp_path / "package", **options)


def test_a_model_of_another_kind_is_refused_with_the_names_of_those_that_fit():
    with pytest.raises(Problem, match=r"does not find lesions.*classical"):
        find_lesions(prepared(), "orbit-any-contrast")


def test_an_unknown_model_is_refused():
    with pytest.raises(Problem, match="no model"):
        find_lesions(prepared(), "does-not-exist")


def test_the_settings_of_a_training_can_be_written_as_a_file(tmp_path):
    from NeuroDifferentialLib.network.config import read_config

    (tmp_path / "own.json").write_text(json.dumps({"widths": [8, 4], "patients": 3}), encoding="utf-8")
    assert read_config(tmp_path / "own.json").widths == (8, 4)
