"""AutoCorrection without the application: limits, geometry, classical method, network, training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from NeuroOrbitLib.models import ModelFacts, available_packages, find_package, write_package
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.refinement.correction import MODEL, NETWORK, job, pipeline
from OrbitSegmentationLib.refinement.correction.distance import signed_distance
from OrbitSegmentationLib.refinement.correction.limits import limited
from OrbitSegmentationLib.refinement.correction.model import CorrectionModel, load_model
from OrbitSegmentationLib.refinement.correction.network_input import network_input
from OrbitSegmentationLib.refinement.correction.pipeline import correct, slice_axes
from OrbitSegmentationLib.refinement.correction.rough_masks import overlap, rough_mask
from OrbitSegmentationLib.refinement.correction.working_grid import WorkingGrid


def ball(shape, spacing, radius, center=None):
    """A ball (or disc) of ``radius`` mm around the middle, or ``center`` mm away from it."""
    axes = [(np.arange(n) - (n - 1) / 2) * size for n, size in zip(shape, spacing, strict=True)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    return np.linalg.norm(places - (center if center is not None else np.zeros(len(shape))), axis=-1) <= radius


def picture(truth, seed=0, inside=60.0, outside=-80.0, noise=12.0):
    """A blurred and noisy image of a mask, in about the units of CT."""
    sharp = np.where(truth, inside, outside).astype(np.float32)
    return ndimage.gaussian_filter(sharp, 0.6) + np.random.default_rng(seed).normal(0, noise, truth.shape)


class Eager:
    """In place of the network: wants everything, or nothing."""

    size_multiple = 8
    walker_share = 0.0

    def __init__(self, answer):
        self.answer = answer
        self.seen = []

    def probabilities(self, images, masks, progress=None):
        self.seen.append((images, masks))
        return np.full(images.shape, self.answer, np.float32)


@pytest.fixture(scope="module")
def shipped():
    """The model that comes with the extension."""
    if MODEL not in [package.name for package in available_packages()]:
        pytest.skip(f"the model {MODEL} is not installed")
    return load_model(MODEL, "cpu")


@pytest.fixture(params=["classical", "network"])
def method(request):
    """Every test that takes this runs without a network and with the shipped one."""
    return request.getfixturevalue("shipped") if request.param == "network" else None


CASES = [((60, 64), (0.9, 0.9)), ((50, 90), (1.2, 0.6)), ((32, 34, 36), (0.9, 0.9, 0.9)),
         ((12, 40, 42), (3.0, 0.8, 0.8))]


@pytest.mark.parametrize("limit", [0.7, 2.0, 4.5])
@pytest.mark.parametrize(("shape", "spacing"), CASES)
@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_the_border_never_moves_further_than_the_limit(shape, spacing, limit, answer):
    rough = ball(shape, spacing, 8.0)
    result = correct(picture(rough), rough, spacing, limit, Eager(answer))
    changed = result.mask != rough
    away = np.abs(signed_distance(rough, spacing))[changed]
    assert changed.any() or limit < min(spacing)
    assert away.size == 0 or away.max() <= limit
    assert result.mask.any()


def test_any_wild_drawing_stays_within_the_limit(method):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        noise = ndimage.gaussian_filter(rng.standard_normal((48, 56)), 3)
        rough, limit = noise > np.percentile(noise, 80), float(rng.uniform(0.5, 4))
        result = correct(rng.normal(size=rough.shape), rough, (0.8, 1.1), limit, method)
        changed = result.mask != rough
        assert np.abs(signed_distance(rough, (0.8, 1.1)))[changed].max(initial=0) <= limit
        assert 0 <= result.confidence.min() <= result.confidence.max() <= 1


def test_a_thin_structure_does_not_vanish_under_a_wide_limit():
    rough = np.zeros((40, 60), bool)
    rough[19:22, 10:50] = True
    rough[30:38, 10:20] = True
    result = correct(picture(rough), rough, (1.0, 1.0), 6.0, Eager(0.0)).mask
    assert ndimage.label(result)[1] == 2
    assert result[20, 12:48].all()


def test_islands_that_nobody_drew_are_left_out():
    rough, far = ball((60, 60), (1, 1), 6.0), ball((60, 60), (1, 1), 2.0, np.array([0.0, 11.0]))
    assert limited(rough | far, rough, (1.0, 1.0), 8.0)[30, 41] == 0
    assert limited(rough | ball((60, 60), (1, 1), 8.0), rough, (1.0, 1.0), 8.0).sum() > rough.sum()


@pytest.mark.parametrize("bright", [True, False])
@pytest.mark.parametrize(("shape", "spacing"), CASES)
def test_without_a_network_the_border_goes_to_the_edge(shape, spacing, bright):
    truth = ball(shape, spacing, 8.0)
    image = picture(truth) if bright else -picture(truth)
    offset = np.zeros(len(shape))
    offset[-1] = 1.6
    rough = ball(shape, spacing, 7.2, offset)
    result = correct(image, rough, spacing, 4.0)
    assert result.method == "classical"
    assert overlap(rough, truth) < 0.9 < 0.96 < overlap(result.mask, truth)


@pytest.mark.parametrize("bright", [True, False])
@pytest.mark.parametrize(("shape", "spacing"), CASES)
def test_the_network_moves_the_border_towards_the_edge(shipped, shape, spacing, bright):
    truth = ball(shape, spacing, 8.0)
    image = picture(truth) if bright else -picture(truth)
    offset = np.zeros(len(shape))
    offset[-1] = 1.6
    rough = ball(shape, spacing, 7.2, offset)
    result = correct(image, rough, spacing, 4.0, shipped)
    assert result.method == "network"
    assert overlap(result.mask, truth) > overlap(rough, truth) + 0.06
    border = np.abs(signed_distance(truth, spacing)) < 1.5
    assert result.confidence[border].mean() < result.confidence[~border].mean()


def test_what_was_right_stays(shipped):
    truth = ball((60, 64), (0.7, 0.7), 8.0)
    assert overlap(correct(picture(truth), truth, (0.7, 0.7), 3.0, shipped).mask, truth) > 0.96


def test_only_scale_and_place_of_grey_values_do_not_matter(shipped):
    truth = ball((60, 64), (0.9, 0.9), 8.0)
    image, rough = picture(truth), ball((60, 64), (0.9, 0.9), 7.0, np.array([1.0, 1.0]))
    first = correct(image, rough, (0.9, 0.9), 3.0, shipped).mask
    second = correct(3000 + 7.5 * image, rough, (0.9, 0.9), 3.0, shipped).mask
    assert overlap(first, second) > 0.995


def test_transposed_and_mirrored_pictures_give_transposed_and_mirrored_results():
    truth = ball((60, 64), (0.9, 0.7), 8.0)
    image, rough = picture(truth), ball((60, 64), (0.9, 0.7), 7.0, np.array([1.0, 1.0]))
    plain = correct(image, rough, (0.9, 0.7), 3.0).mask
    turned = correct(image.T[::-1], rough.T[::-1], (0.7, 0.9), 3.0).mask
    assert overlap(plain.T[::-1], turned) > 0.995


@pytest.mark.parametrize("spacing", [(0.5, 0.5), (0.9, 0.45), (2.5, 1.0), (0.3, 0.3)])
def test_slices_come_back_from_the_networks_pixels_where_they_were(spacing):
    mask = ball((70, 90), spacing, 7.0, np.array([3.0, -2.0]))
    grid = WorkingGrid.around(mask, spacing, 3.0, 8)
    assert all(count % 8 == 0 for count in grid.shape)
    back, window = grid.back(grid.pixels(mask[None], 0).astype(np.float32))
    again = np.zeros_like(mask)
    again[window] = back[0] > 0.5
    assert overlap(again, mask) > 0.985


def test_a_structure_larger_than_an_orbit_gets_larger_pixels():
    mask = ball((300, 300), (1.0, 1.0), 120.0)
    grid = WorkingGrid.around(mask, (1.0, 1.0), 3.0, 8)
    assert max(grid.shape) <= 328
    assert grid.step[0] > 0.7


def test_thick_slices_are_looked_at_in_their_own_plane_only():
    assert slice_axes((1.0, 1.0, 1.0)) == [0, 1, 2]
    assert slice_axes((4.0, 0.5, 0.5)) == [0]
    assert slice_axes((0.5, 5.0, 0.5)) == [1]


def test_only_slices_with_something_drawn_are_shown_to_the_network():
    model, rough = Eager(0.9), ball((12, 40, 40), (4.0, 1.0, 1.0), 9.0)
    correct(picture(rough), rough, (4.0, 1.0, 1.0), 2.0, model)
    (images, masks), = model.seen
    assert len(images) == rough.any(axis=(1, 2)).sum()
    assert masks.any(axis=(1, 2)).all()


def test_a_structure_at_the_edge_of_the_volume_and_one_that_fills_it(method):
    rough = np.zeros((40, 40), bool)
    rough[:12, 28:] = True
    assert correct(picture(rough), rough, (1.0, 1.0), 2.0, method).mask[:10, 30:].all()
    assert correct(picture(rough), np.ones_like(rough), (1.0, 1.0), 2.0, method).mask.any()


@pytest.mark.parametrize(("shape", "mask", "limit", "words"), [
    ((20, 20), np.zeros((20, 20)), 2.0, "Draw the structure"),
    ((20, 20), np.ones((20, 21)), 2.0, "do not belong together"),
    ((20, 20), np.eye(20), 0.0, "above 0"),
])
def test_what_cannot_be_corrected_is_said(shape, mask, limit, words):
    with pytest.raises(Problem, match=words):
        correct(np.zeros(shape), mask, (1.0, 1.0), limit)


def test_an_image_with_holes_of_nan_and_a_flat_one_do_no_harm(method):
    rough = ball((40, 40), (1, 1), 8.0)
    image = picture(rough)
    image[18:20] = np.nan
    for seen in (image, np.zeros(rough.shape)):
        result = correct(seen, rough, (1.0, 1.0), 2.0, method)
        assert overlap(result.mask, rough) > 0.75
        assert np.isfinite(result.confidence).all()


def test_the_network_sees_contrast_inside_and_around_the_border_only():
    truth = ball((64, 64), (1, 1), 8.0)
    image = picture(truth)
    beyond = np.abs(signed_distance(truth, (1.0, 1.0))) > 14
    other = np.where(beyond, 1000.0, image)
    first, second = network_input(image, truth), network_input(other, truth)
    assert first.shape == (3, 64, 64)
    np.testing.assert_allclose(first[:, ~beyond], second[:, ~beyond], atol=1e-5)
    assert np.abs(second).max() <= 2


def test_rough_masks_differ_from_the_truth_but_show_the_same_structure():
    truth = ball((64, 64), (0.5, 0.5), 5.0)
    image = picture(truth)
    scores = [overlap(rough_mask(truth, image, 0.5, [np.roll(truth, 3, 0)], np.random.default_rng(seed)), truth)
              for seed in range(60)]
    assert min(scores) > 0.4
    assert np.mean(scores) < 0.93
    assert len({round(score, 3) for score in scores}) > 30


def test_the_package_says_what_it_is(shipped):
    package = find_package(MODEL)
    assert package.facts.is_synthetic
    assert package.facts.network == NETWORK
    assert package.weights_path.stat().st_size < 4e6
    assert shipped.package.version == package.version


def test_the_work_depends_on_the_size_of_the_structure_alone(monkeypatch):
    walked, network = [], Eager(1.0)

    def walker(image, rough, *_others):
        walked.append(image.shape)
        return rough.astype(np.float32)

    monkeypatch.setattr(pipeline, "walker_probability", walker)
    for size in (192, 512):
        rough = ball((size, size), (0.4, 0.4), 12.0)
        for model in (None, network):
            assert correct(rough.astype(np.float32), rough, (0.4, 0.4), 3.0, model).mask.shape == (size, size)
    assert walked[0] == walked[1] and max(walked[0]) < 192
    small, large = (images.shape for images, _ in network.seen)
    assert small == large


def test_the_worker_corrects_files_and_says_how(tmp_path, shipped):
    truth = ball((40, 44), (0.9, 0.9), 8.0)
    np.savez(tmp_path / "in.npz", image=picture(truth), mask=np.roll(truth, 2, 1))
    answer = job.correct_file(str(tmp_path / "in.npz"), str(tmp_path / "out.npz"), [0.9, 0.9], 3.0, device="cpu")
    with np.load(tmp_path / "out.npz") as result:
        assert overlap(result["mask"], truth) > 0.93
        assert result["confidence"].dtype == np.float32
    assert answer["method"] == "network"
    assert answer["model"]["training_data"].startswith("synthetic")


@pytest.mark.parametrize("fault", ["no torch", "no model", "damaged", "another kind"])
def test_without_a_usable_model_the_classical_method_corrects_and_the_reason_is_given(tmp_path, monkeypatch, fault):
    name, words = MODEL, {"no torch": "PyTorch", "no model": "There is no model", "damaged": "damaged",
                          "another kind": "does not correct outlines"}[fault]
    if fault == "no torch":
        monkeypatch.setattr(job, "load_model", lambda *_: (_ for _ in ()).throw(ImportError("torch")))
    elif fault == "no model":
        name = "nobody-has-it"
    else:
        name = str(_package(tmp_path / "model", "sv_net" if fault == "another kind" else NETWORK))
        if fault == "damaged":
            (tmp_path / "model" / "models" / "model.safetensors").write_bytes(b"not weights")
    truth = ball((40, 44), (0.9, 0.9), 8.0)
    np.savez(tmp_path / "in.npz", image=picture(truth), mask=np.roll(truth, 2, 1))
    answer = job.correct_file(str(tmp_path / "in.npz"), str(tmp_path / "out.npz"), [0.9, 0.9], 3.0, name, "cpu")
    assert answer["method"] == "classical"
    assert answer["model"] is None
    assert words in answer["reason"]
    with np.load(tmp_path / "out.npz") as result:
        assert overlap(result["mask"], truth) > 0.95


def _package(folder, network):
    facts = ModelFacts(name="some-model", version="1.0", title="t", modality="CT", labels=("a", "b"),
                       training_data="synthetic", license="Apache-2.0", network=network)
    write_package(folder, {"a": torch.zeros(1)}, facts)
    return folder


def test_training_goes_on_where_it_stopped_and_makes_a_package(tmp_path):
    from OrbitSegmentationLib.refinement.correction import train

    small = ["-o", str(tmp_path), "--heads", "1"]
    assert train.main([*small, "--stages", "slabs", "network", "--steps", "1"]) == 0
    assert train.main([*small, "--stages", "network", "package", "--steps", "2"]) == 0
    package = find_package(tmp_path / "package")
    assert package.facts.settings["training_steps"] == 2
    model = load_model(str(tmp_path / "package"), "cpu")
    assert isinstance(model, CorrectionModel)
    truth = ball((40, 44), (0.9, 0.9), 8.0)
    assert correct(picture(truth), truth, (0.9, 0.9), 2.0, model).method == "network"


def test_the_model_that_corrects_is_not_offered_for_segmenting(tmp_path):
    from OrbitSegmentationLib.inventory import orbit_models

    names = {network: [package.name for package in orbit_models(str(_package(tmp_path / network, network))).packages]
             for network in (NETWORK, "any_contrast")}
    assert "some-model" not in names[NETWORK]
    assert "some-model" in names["any_contrast"]
