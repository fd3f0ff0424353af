"""The network of the brain's parts: what it sees, what it learns from, a package that names parts."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch

from NeuroDifferentialLib.anatomy.learned_parts import part_probabilities, weighed_parts
from NeuroDifferentialLib.anatomy.networks import PARTS_NETWORK, load
from NeuroDifferentialLib.anatomy.slices import INPUT_COUNT, SLICES, shown, slice_inputs
from NeuroDifferentialLib.anatomy.training.config import PartsTraining
from NeuroDifferentialLib.anatomy.training.export import export
from NeuroDifferentialLib.anatomy.training.samples import PartSamples, drawn_head
from NeuroDifferentialLib.anatomy.training.train import TrainedParts, fit, parts_loss
from NeuroDifferentialLib.slices.looks import blurred, other_look
from NeuroDifferentialLib.slices.patches import Movement, random_grid
from NeuroDifferentialLib.slices.training import Means, fit_network
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.phantom.brain.plan import patient_with_load

SHAPE = (20, 24, 28)


def toy():
    """A ball of white matter in cortex in air, and its parts."""
    k, j, i = np.ogrid[tuple(slice(0, size) for size in SHAPE)]
    depth = np.sqrt((k - 10) ** 2 + (j - 12) ** 2 + (i - 14) ** 2)
    parts = np.select([depth < 5, depth < 9], [BrainPart.WHITE_MATTER, BrainPart.CORTEX], 0).astype(np.uint8)
    levels = np.zeros(len(BrainPart), np.float32)
    levels[[BrainPart.WHITE_MATTER, BrainPart.CORTEX]] = 60.0, 120.0
    return levels[parts], parts


def test_neither_the_scanners_scale_nor_air_around_changes_what_is_shown():
    voxels, _parts = toy()
    seen = shown(voxels).astype(int)
    assert np.abs(seen - shown(voxels * 37.0)).max() <= 1
    wide = shown(np.pad(voxels, 6))[6:-6, 6:-6, 6:-6]
    assert np.abs(seen - wide).max() <= 1
    assert seen[10, 12, 21] == pytest.approx(2 * seen[10, 12, 14], abs=1)


def test_an_empty_scan_is_shown_dark():
    assert not shown(np.zeros(SHAPE)).any()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_slice_shows_itself_its_neighbours_their_distance_and_its_plane(axis):
    seen = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
    inputs = slice_inputs(seen, axis, 3, (1.0, 1.0, 1.0))
    assert inputs.shape == (INPUT_COUNT, *np.delete(SHAPE, axis))
    for number, place in enumerate((3, 1, 5)):
        np.testing.assert_allclose(inputs[number] * 255, np.take(seen, place, axis=axis), rtol=1e-5)
    np.testing.assert_allclose(inputs[SLICES], 0.2)
    np.testing.assert_array_equal(inputs[SLICES + 1:, 0, 0], np.eye(3)[axis])


def test_a_sample_moves_brightness_and_parts_together(tmp_path):
    voxels, parts = toy()
    inner, outer = BrainPart.LATERAL_VENTRICLE, BrainPart.CEREBELLAR_CORTEX  # whose values other parts lie between
    parts = np.array([0, inner, outer], np.uint8)[parts]
    np.save(tmp_path / "scan.npy", np.stack([shown(voxels), parts]))
    samples = PartSamples([tmp_path / "scan.npy"], [(1.0, 1.0, 1.0)], 16)
    found = 0
    for number in range(30):
        inputs, truth = samples.sample(0, np.random.default_rng(number))
        assert inputs.shape == (INPUT_COUNT, 16, 16)
        assert truth.shape == (16, 16)
        assert set(truth.unique().tolist()) <= {0, inner, outer}
        means = [inputs[0][truth == part].mean() for part in (0, inner, outer)]
        if all((truth == part).sum() > 15 for part in (0, inner, outer)):
            assert means[0] < means[1] < means[2]
            found += 1
    assert found > 5


def test_patches_are_mirrored_only_where_columns_run_from_left_to_right():
    def mirrored(axis):
        steps = [random_grid((40, 40), (20, 20), axis, 16, Movement(angle=0, stretch=0), np.random.default_rng(seed))
                 for seed in range(20)]
        return {bool(grid[0, 0, 1, 0] < grid[0, 0, 0, 0]) for grid in steps}

    assert mirrored(0) == mirrored(1) == {True, False}
    assert mirrored(2) == {False}


def test_a_bend_moves_no_pixel_far():
    straight, bent = (random_grid((64, 64), (32, 32), 2, 32, Movement(0, 0, 0, 0, bend), np.random.default_rng(1))
                      for bend in (0.0, 4.0))
    moved = (bent - straight).numpy() * 32
    assert 0.2 < moved.std() < 5.0


def test_other_looks_keep_black_black_and_the_order_of_far_levels():
    patch = torch.zeros(3, 24, 24)
    patch[:, :, 8:16], patch[:, :, 16:] = 0.3, 0.6
    for seed in range(20):
        look = other_look(patch.clone(), np.random.default_rng(seed))
        assert look.min() >= 0 and look.max() <= 1
        assert look[:, :, :5].max() < 0.02
        assert look[:, :, 10:14].mean() < look[:, :, 19:].mean()


def test_blurring_keeps_the_sum_and_spreads_a_point():
    point = torch.zeros(1, 15, 15)
    point[0, 7, 7] = 1.0
    smooth = blurred(point, 1.0)
    assert float(smooth.sum()) == pytest.approx(1.0, abs=1e-4)
    assert float(smooth[0, 7, 8] / smooth[0, 7, 7]) == pytest.approx(np.exp(-0.5), abs=1e-4)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A network that has learned the toy's parts."""
    voxels, parts = toy()
    folder = tmp_path_factory.mktemp("parts")
    np.save(folder / "scan.npy", np.stack([shown(voxels), parts]))
    config = PartsTraining(widths=(8, 8), steps=150, batch_size=4, patch=24, learning_rate=1e-2)
    return fit([{"file": folder / "scan.npy", "spacing": [1.0, 1.0, 1.0]}], config, folder / "network"), config


def test_the_network_learns_and_its_package_names_the_parts(trained, tmp_path):
    network, config = trained
    package = export(TrainedParts(network, 1, 1), config, tmp_path / "package")
    voxels, parts = toy()
    found = part_probabilities(voxels, (1.0, 1.0, 1.0), load(package, "cpu"))
    assert found.shape == (len(BrainPart), *SHAPE)
    np.testing.assert_allclose(found.sum(axis=0), 1.0, atol=0.01)
    assert (found.argmax(axis=0) == parts).mean() > 0.9
    assert package.facts.is_synthetic
    assert "Demonstration" in package.facts.description


def test_the_register_tells_how_large_the_network_is():
    network = PARTS_NETWORK.build()
    assert sum(each.numel() for each in network.parameters()) == PARTS_NETWORK.parameters


def test_a_drawn_head_is_the_same_whenever_it_is_asked_for(tmp_path, average_brain):
    path = save_image(average_brain.labels, tmp_path / "one.nii.gz")
    config = PartsTraining(random_share=0.0, t1_share=0.0, loads_ml=(5.0, 6.0))
    first, second = (drawn_head(path, config, 3) for _ in range(2))
    np.testing.assert_array_equal(first.volume, second.volume)
    seen, parts = first.volume
    white, fluid = (seen[parts == part].mean()
                    for part in (BrainPart.WHITE_MATTER, BrainPart.LATERAL_VENTRICLE))
    assert white > 1.5 * fluid


def test_large_loads_are_drawn_as_often_as_asked_for_and_evenly():
    config = PartsTraining(loads_ml=(0.3, 1.0), large_share=0.25, large_loads_ml=(20.0, 60.0))
    random = np.random.default_rng(0)
    loads = np.array([config.random_load(random) for _ in range(4000)])
    large = loads[loads >= 20.0]
    assert len(large) / len(loads) == pytest.approx(0.25, abs=0.03)
    assert np.mean(large < 40.0) == pytest.approx(0.5, abs=0.06)
    assert large.max() <= 60.0
    assert loads[loads < 20.0].max() <= 1.0


def test_a_head_is_drawn_with_the_load_that_the_settings_ask_for(tmp_path, average_brain, monkeypatch):
    path, asked = save_image(average_brain.labels, tmp_path / "one.nii.gz"), []

    def recorded(random, disease, load):
        asked.append(load)
        return patient_with_load(random, disease, load)

    monkeypatch.setattr("NeuroDifferentialLib.anatomy.training.samples.patient_with_load", recorded)
    drawn_head(path, PartsTraining(loads_ml=(0.3, 0.4), large_share=1.0, large_loads_ml=(20.0, 21.0)), 3)
    assert 20.0 <= asked[0] <= 21.0


class _Telling(PartSamples):
    """Samples that tell which process cuts them."""

    def __init__(self, file, told):
        super().__init__([file], [(1.0, 1.0, 1.0)], 24)
        self._told = told

    def sample(self, index, random):
        (self._told / str(os.getpid())).touch()
        return super().sample(index, random)


def test_processes_that_cut_slices_ahead_change_nothing_that_is_learned(tmp_path):
    voxels, parts = toy()
    np.save(tmp_path / "scan.npy", np.stack([shown(voxels), parts]))
    config, learned, cut_by = PartsTraining(widths=(8, 8), steps=6, batch_size=2, patch=24), {}, {}
    for workers in (0, 2):
        told = tmp_path / f"told {workers}"
        told.mkdir()
        torch.manual_seed(1)
        network = fit_network(PARTS_NETWORK.build(widths=config.widths), parts_loss,
                              _Telling(tmp_path / "scan.npy", told), config, tmp_path / f"network {workers}",
                              means=Means(workers=workers))
        learned[workers], cut_by[workers] = network.state_dict(), {file.name for file in told.iterdir()}
    assert cut_by[0] == {str(os.getpid())}
    assert len(cut_by[2]) == 2 and not cut_by[2] & cut_by[0]
    for name, value in learned[0].items():
        torch.testing.assert_close(learned[2][name], value, msg=name)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a computer without a graphics card")
def test_a_network_is_trained_on_the_device_that_is_asked_for(tmp_path):
    voxels, parts = toy()
    np.save(tmp_path / "scan.npy", np.stack([shown(voxels), parts]))
    patients = [{"file": tmp_path / "scan.npy", "spacing": [1.0, 1.0, 1.0]}]
    config = PartsTraining(widths=(8, 8), steps=1, batch_size=1, patch=24)
    with pytest.raises((AssertionError, RuntimeError), match="CUDA"):
        fit(patients, config, tmp_path / "network", means=Means(device="cuda"))


def weighed(seen, place):
    """The part of one voxel, from probabilities by looks and by place; what is not given is shared by the others."""
    both = []
    for given in (seen, place):
        shares = np.full(len(BrainPart), (1 - sum(given.values())) / (len(BrainPart) - len(given)), np.float32)
        for part, share in given.items():
            shares[part] = share
        both.append(shares[:, None, None, None])
    return BrainPart(int(weighed_parts(*both)[0, 0, 0]))


@pytest.mark.parametrize(("seen", "place", "part"), [
    # Looks tell the tissue, whatever tissue usually lies there.
    ({BrainPart.WHITE_MATTER: 0.8}, {BrainPart.CORTEX: 0.7}, BrainPart.WHITE_MATTER),
    # Place tells which white matter it is: a slice alone takes the cerebellum for a lobe.
    ({BrainPart.WHITE_MATTER: 0.8}, {BrainPart.CEREBELLAR_WHITE_MATTER: 0.9}, BrainPart.CEREBELLAR_WHITE_MATTER),
    ({BrainPart.CSF: 0.7}, {BrainPart.LATERAL_VENTRICLE: 0.8}, BrainPart.LATERAL_VENTRICLE),
    # Even where looks are sure: lesions change what the callosum looks like.
    ({BrainPart.WHITE_MATTER: 0.9}, {BrainPart.CORPUS_CALLOSUM: 0.8, BrainPart.WHITE_MATTER: 0.15},
     BrainPart.CORPUS_CALLOSUM),
    # Dark fluid below the skull and dark bone look alike, bright fat looks like brain.
    ({BrainPart.OUTSIDE: 0.55, BrainPart.CSF: 0.4}, {BrainPart.OUTSIDE: 0.2, BrainPart.CSF: 0.7}, BrainPart.CSF),
    ({BrainPart.CORTEX: 0.6, BrainPart.OUTSIDE: 0.3}, {BrainPart.OUTSIDE: 0.95}, BrainPart.OUTSIDE),
])
def test_looks_tell_the_tissue_and_place_the_part(seen, place, part):
    assert weighed(seen, place) is part
