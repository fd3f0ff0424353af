"""The learned model: what it sees in shared units, a package that answers, the ways to choose a model."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from NeuroDifferentialLib.anatomy.tissues import BrainAnatomy, Tissue
from NeuroDifferentialLib.lesions import classical, learned
from NeuroDifferentialLib.lesions.channels import BELIEF, CHANNEL_COUNT, FLAIR, HAS_T1, MASK, T1, channels, shown_belief
from NeuroDifferentialLib.lesions.classical import FoundLesions, usual_belief
from NeuroDifferentialLib.lesions.classical import find_lesions as find_classically
from NeuroDifferentialLib.lesions.inventory import CLASSICAL, model_titles
from NeuroDifferentialLib.lesions.learned import (
    LearnedSettings,
    fused,
    grown_lesions,
    lesions_of,
    seen_probabilities,
)
from NeuroDifferentialLib.lesions.learned import find_lesions as find_learned
from NeuroDifferentialLib.lesions.models import lesion_finder
from NeuroDifferentialLib.lesions.networks import SLICE_NETWORK, load
from NeuroDifferentialLib.lesions.slices import INPUT_COUNT, slice_inputs
from NeuroDifferentialLib.lesions.training.config import LesionTraining
from NeuroDifferentialLib.lesions.training.export import export
from NeuroDifferentialLib.lesions.training.slice_samples import SliceSamples
from NeuroDifferentialLib.lesions.training.train import fit
from NeuroDifferentialLib.slices.planes import planes
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


def test_the_scanner_scale_does_not_change_what_the_network_sees():
    first, second = (channels(prepared(scale)).astype(int) for scale in (1.0, 250.0))
    assert first.shape == (CHANNEL_COUNT, *SHAPE)
    assert np.abs(first - second).max() <= 1


def test_brightness_is_shown_in_multiples_of_white_matter():
    seen = channels(prepared())
    assert seen[FLAIR][BALL].mean() / 255 * 2.5 == pytest.approx(1.7, abs=0.03)
    assert seen[BELIEF][BALL].min() > seen[BELIEF][14:18, 14:18, 14:18].max()


def test_a_scan_without_t1_says_so():
    alone, both = channels(prepared()), channels(prepared(t1=True))
    assert not alone[[T1, HAS_T1]].any()
    assert (both[HAS_T1] == 255).all()
    # White matter counts as 1 of -2 to 2, grey matter as 0.
    assert both[T1][10, 15, 15] == pytest.approx(0.75 * 255, abs=1)
    assert both[T1][0, 0, 0] == pytest.approx(0.5 * 255, abs=1)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_slice_holds_its_own_channels_and_those_of_both_neighbours(axis):
    random = np.random.default_rng(0)
    seen = random.integers(0, 256, (CHANNEL_COUNT, 5, 6, 7), dtype=np.uint8)
    inputs = slice_inputs(seen, axis, 2, (1.5, 1.5, 1.5))
    assert inputs.shape == (INPUT_COUNT, *np.delete((5, 6, 7), axis))
    np.testing.assert_allclose(inputs[:CHANNEL_COUNT] * 255, np.take(seen, 2, axis=axis + 1), rtol=1e-5)
    for number, (channel, place) in enumerate([(FLAIR, 1), (FLAIR, 3), (BELIEF, 1), (BELIEF, 3)]):
        np.testing.assert_allclose(inputs[CHANNEL_COUNT + number] * 255, np.take(seen[channel], place, axis=axis),
                                   rtol=1e-5)
    np.testing.assert_allclose(inputs[-1], 0.3)


def test_a_slice_at_the_end_is_its_own_neighbour():
    seen = np.arange(3, dtype=np.uint8)[None, :, None, None] * np.ones((CHANNEL_COUNT, 1, 2, 2), np.uint8)
    assert (slice_inputs(seen, 0, 0, (3.0, 1.0, 1.0))[CHANNEL_COUNT] == 0).all()
    assert (slice_inputs(seen, 0, 2, (3.0, 1.0, 1.0))[CHANNEL_COUNT + 1] * 255 == 2).all()


@pytest.mark.parametrize(("spacing", "expected"), [
    ((1.0, 1.0, 1.0), (0, 1, 2)), ((1.2, 0.9, 0.9), (0, 1, 2)), ((3.0, 0.7, 0.7), (0,)), ((0.9, 0.9, 5.0), (2,))])
def test_thick_slices_are_looked_at_across_and_thin_ones_in_three_planes(spacing, expected):
    assert planes(spacing) == expected


class Belief(torch.nn.Module):
    """Takes the belief for the log odds."""

    size_multiple = 8

    def forward(self, inputs):
        return 8 * (inputs[:, BELIEF:BELIEF + 1] - 0.5)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (4.0, 1.0, 1.0), (1.0, 1.0, 4.0)])
def test_every_voxel_of_the_brain_gets_the_answer_of_its_place(spacing):
    seen = np.random.default_rng(0).integers(0, 256, (CHANNEL_COUNT, 9, 10, 11), dtype=np.uint8)
    seen[MASK] = 255
    seen[MASK, :2] = 0
    probability = seen_probabilities(seen, spacing, Belief())
    expected = 1 / (1 + np.exp(-8 * (seen[BELIEF] / 255.0 - 0.5)))
    np.testing.assert_allclose(probability, np.where(seen[MASK] > 0, expected, 0), atol=0.02)


def test_a_sample_keeps_lesion_and_brightness_together(tmp_path):
    scan, truth = prepared(), np.zeros(SHAPE, bool)
    truth[BALL] = True
    np.save(tmp_path / "scan.npy", np.concatenate([channels(scan), (255 * truth[None]).astype(np.uint8)]))
    samples = SliceSamples([tmp_path / "scan.npy"], [(1.0, 1.0, 1.0)], 16)
    brightest = []
    for number in range(20):
        inputs, lesion = samples.sample(0, np.random.default_rng(number))
        assert inputs.shape == (INPUT_COUNT, 16, 16)
        assert lesion.shape == (1, 16, 16)
        if lesion.sum() > 4:
            brightest.append(float(inputs[FLAIR][lesion[0] > 0].mean() / inputs[FLAIR].max()))
    assert len(brightest) > 5
    assert min(brightest) > 0.75


def test_less_is_asked_of_the_network_inside_classical_lesions_and_more_outside():
    probability, mask = np.array([0.5, 0.5, 0.1], np.float32), np.array([True, False, True])
    classical = FoundLesions(mask, np.array([0.8, 0.2, 0.6], np.float32))
    np.testing.assert_allclose(fused(probability, classical, LearnedSettings()), [0.7, 0.3, 0.45], atol=1e-6)
    np.testing.assert_allclose(fused(probability, classical, LearnedSettings(classical_share=0.0)), probability)


def test_what_the_network_sees_of_the_belief_can_be_read_back():
    scan = prepared()
    np.testing.assert_allclose(shown_belief(channels(scan)), usual_belief(scan).clip(-4, 12), atol=0.04)


def test_lesions_grow_from_sure_seeds_inside_white_matter_only():
    scan, probability = prepared(), np.zeros(SHAPE, np.float32)
    probability[BALL], probability[9, 9, 9] = 0.6, 0.95
    probability[14:17, 14:17, 14:17] = 0.7  # no seed
    probability[0:2, 10:14, 10:14] = 0.99  # in the cortex
    mask = grown_lesions(probability, scan, LearnedSettings(seed=0.9, lowest=0.5, white=0.6))
    assert mask[BALL].all()
    assert np.count_nonzero(mask) == 64


def test_large_lesions_need_less_white_matter_around_them_than_small_ones():
    scan, probability = prepared(), np.zeros(SHAPE, np.float32)
    probability[0:6, 2:16, 2:14] = 0.9  # 1 ml between cortex and white matter
    probability[20:24, 18:22, 18:22] = 0.9  # 64 mm3 there
    mask = grown_lesions(probability, scan, LearnedSettings(white=0.95, white_large=0.2))
    assert mask[3, 8, 8]
    assert not mask[20:].any()
    assert not grown_lesions(probability, scan, LearnedSettings(white=0.95, white_large=0.95)).any()


@pytest.mark.parametrize(("change", "kept"), [
    ({}, True), ({"own": 0.9}, False), ({"belief": 3.0}, False), ({"part": BrainPart.OUTSIDE}, False),
    ({"part": BrainPart.CORTEX}, True), ({"white": 0.0}, False), ({"edge": 2}, False)])
def test_the_network_alone_is_believed_where_it_is_sure_of_what_is_bright_inside_the_brain(change, kept):
    """The classical way looks for nothing in cortex and deep grey matter, and what it does not see was lost."""
    case = {"own": 0.99, "belief": 6.0, "part": BrainPart.DEEP_GREY, "white": 0.3, "edge": 3, **change}
    scan, place = prepared(), (slice(8, 8 + case["edge"]),) * 3
    scan.priors[case["part"]] = 0.95
    scan.anatomy = replace(scan.anatomy, white=np.full(SHAPE, case["white"], np.float32), grey=np.zeros(SHAPE))
    own, belief = np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.float32)
    own[place], belief[place] = case["own"], case["belief"]
    nothing = np.zeros(SHAPE, np.float32)
    mask = lesions_of(nothing, own, belief, scan, LearnedSettings())
    assert mask.any() == kept
    assert not mask[own == 0].any()


def test_a_large_bright_band_that_the_network_does_not_believe_is_no_lesion():
    """Caps of the ventricles of several ml were lesions by the classical way alone."""
    scan, probability, own = prepared(), np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.float32)
    large, small = np.s_[6:12, 6:12, 6:12], np.s_[15:19, 15:19, 15:19]
    for place in (large, small):
        probability[place], own[place] = 0.7, 0.4
    belief = np.where(probability > 0, 8.0, 0.0)
    mask = lesions_of(probability, own, belief, scan, LearnedSettings())
    assert mask[small].all() and not mask[large].any()
    own[8, 8, 8] = 0.6
    assert lesions_of(probability, own, belief, scan, LearnedSettings())[large].all()


def test_a_threshold_of_ones_own_also_holds_for_what_the_network_finds_alone(trained, tmp_path, monkeypatch):
    network, config = trained
    export(network, config, tmp_path / "package")
    asked = []
    monkeypatch.setattr(learned, "find_lesions", lambda _scan, package, settings: asked.append(settings))
    for threshold in (0.99, 0.3):
        lesion_finder(tmp_path / "package", threshold)(prepared())
    assert [(each.sure, each.doubt) for each in asked] == [(0.99, 0.5), (0.95, 0.3)]


def test_the_belief_of_a_scan_is_computed_once(trained, tmp_path, monkeypatch):
    network, config = trained
    package = export(network, config, tmp_path / "package")
    calls, belief = [], classical.outlier_belief
    monkeypatch.setattr(classical, "outlier_belief", lambda *given: calls.append(given) or belief(*given))
    found = find_learned(prepared(), package)
    assert len(calls) == 1
    own = seen_probabilities(channels(prepared()), (1.0, 1.0, 1.0), load(package, "cpu"))
    apart = fused(own, find_classically(prepared()), LearnedSettings(**package.facts.settings))
    np.testing.assert_array_equal(found.belief, apart)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A network that has learned that what is bright and lies in white matter is a lesion."""
    truth = np.zeros(SHAPE, bool)
    truth[BALL] = True
    folder = tmp_path_factory.mktemp("lesions")
    np.save(folder / "scan.npy", np.concatenate([channels(prepared()), (255 * truth[None]).astype(np.uint8)]))
    config = LesionTraining(widths=(8, 8), steps=120, batch_size=4, patch=16, learning_rate=1e-2)
    return fit([{"file": folder / "scan.npy", "spacing": [1.0, 1.0, 1.0]}], config, folder / "network"), config


def test_the_network_learns_and_its_package_answers_alike(trained, tmp_path):
    network, config = trained
    package = export(network, config, tmp_path / "package")
    scan, seen = prepared(), channels(prepared())
    own = seen_probabilities(seen, scan.spacing, network.network)
    assert own[BALL].mean() > 0.5 > own[0:3].max()
    alone = find_learned(scan, package, LearnedSettings(classical_share=0.0))
    np.testing.assert_allclose(alone.belief, own, atol=0.02)
    found = find_learned(scan, package)
    np.testing.assert_allclose(found.belief, fused(own, find_classically(scan), LearnedSettings()), atol=0.02)
    assert found.mask[9:11, 9:11, 9:11].all()
    assert not found.mask[0:7].any()
    assert package.facts.is_synthetic
    assert "Demonstration" in package.facts.description


def test_the_register_tells_how_large_the_network_is():
    network = SLICE_NETWORK.build()
    assert sum(each.numel() for each in network.parameters()) == SLICE_NETWORK.parameters


def test_a_training_of_another_network_is_not_gone_on_with(trained, tmp_path_factory):
    _network, config = trained
    folder = tmp_path_factory.mktemp("other")
    np.save(folder / "scan.npy", np.zeros((CHANNEL_COUNT + 1, *SHAPE), np.uint8))
    patients, short = [{"file": folder / "scan.npy", "spacing": [1.0, 1.0, 1.0]}], replace(config, steps=1)
    fit(patients, short, folder / "network")
    with pytest.raises(Problem, match="another configuration"):
        fit(patients, replace(short, widths=(4, 4)), folder / "network")


def test_the_classical_way_is_always_there():
    assert list(model_titles())[-1] == CLASSICAL


@pytest.mark.parametrize(("options", "says"), [
    ({"threshold": 2.5}, "between 0 and 1"), ({"smallest_mm3": -1.0}, "0 or more")])
def test_options_that_make_no_sense_for_a_network_are_refused(trained, tmp_path, options, says):
    network, config = trained
    export(network, config, tmp_path / "package")
    with pytest.raises(Problem, match=says):
        lesion_finder(tmp_path / "package", **options)


def test_a_model_of_another_kind_is_refused_with_the_names_of_those_that_fit():
    with pytest.raises(Problem, match=r"does not find lesions.*classical"):
        lesion_finder("orbit-any-contrast")


def test_an_unknown_model_is_refused():
    with pytest.raises(Problem, match="no model"):
        lesion_finder("does-not-exist")


def test_the_settings_of_a_training_can_be_written_as_a_file(tmp_path):
    (tmp_path / "own.json").write_text(json.dumps({"widths": [8, 4], "patients": 3}), encoding="utf-8")
    assert LesionTraining.read(tmp_path / "own.json").widths == (8, 4)
