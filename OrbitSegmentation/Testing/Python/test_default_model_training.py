"""What the default model learns from: anatomy fitted to real heads, posed at random, with its classes in place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.models import find_package
from NeuroOrbitLib.models.compact_unet import CompactUNet
from NeuroOrbitLib.phantom.orbit.muscle import muscle_tube
from NeuroOrbitLib.phantom.orbit.raster import nerve_path
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.tube import at_depth, smooth_path
from NeuroOrbitLib.phantom.tissue import Tissue
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.checkpoint import save_checkpoint
from NeuroOrbitLib.training.trainer import CHECKPOINT_NAME
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS, class_table
from OrbitSegmentationLib.any_contrast.training import label_bank
from OrbitSegmentationLib.any_contrast.training.head_labels import (
    UNSPECIFIED_SOFT_TISSUE,
    load_head,
    tissues_from_labels,
)
from OrbitSegmentationLib.any_contrast.training.label_bank import (
    BANK_LOW,
    BANK_SPACING,
    bank_grid,
    build_phantom_bank,
    compose_orbit,
)
from OrbitSegmentationLib.any_contrast.training.locator_samples import LocatorSamples, field_of_view, raised_air
from OrbitSegmentationLib.any_contrast.training.losses import center_loss, cross_entropy_and_dice
from OrbitSegmentationLib.any_contrast.training.orbit_fit import (
    fit_matrix,
    fit_orbit,
    fitted_orbit,
    follow_muscles,
    follow_nerve,
    in_parametric_orbit,
    jittered,
    look_where_the_nerve_leaves,
    with_random_sag,
)
from OrbitSegmentationLib.any_contrast.training.orbit_samples import (
    BOX_SHAPE,
    EMPTY_SHARE,
    OrbitSamples,
    place_without_orbit,
)
from OrbitSegmentationLib.any_contrast.training.package import package_run
from OrbitSegmentationLib.any_contrast.training.poses import PoseSpread, anatomy_points, pick_nearest, random_linear
from OrbitSegmentationLib.any_contrast.training.run_layout import ORBIT_WIDTHS
from OrbitSegmentationLib.any_contrast.training.train import main
from OrbitSegmentationLib.any_contrast.training.whole_heads import parametric_head
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
from OrbitSegmentationLib.orbit_frame import BOX_HIGH, BOX_LOW

RECTI = ("superior rectus", "inferior rectus", "medial rectus", "lateral rectus")


def muscle_voxels(shape: OrbitShape, matrix: np.ndarray) -> np.ndarray:
    """Points on the recti's centre lines of an orbit that ``matrix`` maps to ``shape``."""
    lines = np.concatenate([smooth_path(np.array(shape.muscle(name).path)) for name in RECTI])
    return lines @ np.linalg.inv(matrix).T


def test_fit_recovers_how_a_real_orbit_differs():
    true = fit_matrix(np.array([0.08, -0.05, 0.06, 0.07, -0.05]))
    fitted = fit_orbit(muscle_voxels(OrbitShape(), true), OrbitShape())
    assert np.abs(fitted - true).max() < 0.05


def test_without_labelled_muscles_the_phantom_is_taken_as_it_is():
    assert np.array_equal(fit_orbit(np.zeros((3, 3)), OrbitShape()), np.eye(3))


def test_a_rectus_follows_its_labelled_voxels_and_keeps_origin_and_insertion():
    shape = OrbitShape()
    line = smooth_path(np.array(shape.muscle("inferior rectus").path))
    voxels = np.repeat(line[line[:, 1] < -5], 4, axis=0) + np.array([-2.0, 0.0, 1.5])
    moved = follow_muscles(voxels, shape).muscle("inferior rectus").path
    before = shape.muscle("inferior rectus").path
    assert np.allclose(np.subtract(moved[1], before[1]), (-2.0, 0.0, 1.5), atol=0.6)
    assert moved[0] == before[0] and moved[-1] == before[-1]
    assert follow_muscles(voxels, shape).muscle("medial rectus") == shape.muscle("medial rectus")


def test_jitter_moves_the_gland_around_the_eye_and_not_away_from_it():
    glands = [jittered(OrbitShape(), np.random.default_rng(seed)).gland for seed in range(200)]
    distances = np.linalg.norm([gland.center for gland in glands], axis=1)
    assert np.allclose(distances, np.linalg.norm(OrbitShape().gland.center))
    angles = np.degrees([np.arctan2(gland.center[2], gland.center[0]) for gland in glands])
    assert angles.std() == pytest.approx(10.0, rel=0.2)
    assert angles.mean() == pytest.approx(np.degrees(np.arctan2(8.8, 13.8)), abs=2.5)
    assert np.std([gland.length for gland in glands]) > 2.0


def test_near_the_globe_the_fit_fades_out():
    fit, shape = fit_matrix(np.array([0.1, 0.1, 0.1, 0.1, 0.1])), OrbitShape()
    near, far = np.array([0.0, -12.5, 2.0]), np.array([0.0, -30.0, 2.0])
    assert np.allclose(in_parametric_orbit(near, fit, shape), near)
    assert np.allclose(in_parametric_orbit(far, fit, shape), fit @ far)


@pytest.mark.parametrize("elevation", [-20.0, 0.0, 15.0])
def test_the_eye_of_a_tilted_head_turns_to_where_its_nerve_leaves(elevation):
    turned = replace(OrbitShape(), gaze=(0.0, elevation)).gaze_rotation
    usual = np.array([-5.4, -10.5, 1.9])
    voxels = turned @ usual + np.random.default_rng(0).normal(0, 0.5, (60, 3))
    shape = look_where_the_nerve_leaves(voxels, OrbitShape())
    assert shape.gaze == pytest.approx((0.0, elevation), abs=1.0)
    assert np.linalg.norm(nerve_path(shape)[0] - voxels.mean(axis=0)) < 0.8
    # A little of the random gaze stays: eyes do not all look the same way.
    aside = look_where_the_nerve_leaves(voxels, replace(OrbitShape(), gaze=(10.0, 0.0)))
    assert aside.gaze[0] - shape.gaze[0] == pytest.approx(6.0)


def test_walls_do_not_push_the_deep_lateral_rectus_off_its_labelled_voxels():
    shape = OrbitShape()
    lines = {name: muscle_tube(shape.muscle(name), shape).samples for name in RECTI}
    beside = np.array([1.0, 0.0, 0.0])
    voxels = np.concatenate([np.repeat(line + beside * (name == "lateral rectus"), 4, axis=0)
                             for name, line in lines.items()])
    _, fitted = fitted_orbit(voxels, np.zeros((0, 3)), shape)
    after = muscle_tube(fitted.muscle("lateral rectus"), fitted).samples
    for depth in (-22.0, -26.0):
        before, found = (at_depth(line, depth) for line in (lines["lateral rectus"], after))
        # The affine fit takes its part of the millimetre.
        assert found[0] - before[0] > 0.4


@pytest.mark.parametrize("depth", [-19, -24, -29, -34])
def test_the_nerve_follows_its_labelled_voxels_to_the_mouth_of_its_canal(depth):
    shape = OrbitShape()
    line = nerve_path(shape)
    away_from_globe = np.clip((line[0, 1] - line[:, 1]) / 6.0, 0, 1)[:, None]
    voxels = np.repeat(line + away_from_globe * np.array([1.5, 0.0, -1.0]), 6, axis=0)
    moved = follow_nerve(voxels, shape)
    before, after = (at_depth(samples, depth) for samples in (line, nerve_path(moved)))
    assert np.allclose((after - before)[[0, 2]], (1.5, -1.0), atol=0.35)
    assert np.allclose(nerve_path(moved)[0], line[0])
    assert np.subtract(moved.nerve.canal_entrance, shape.nerve.canal_entrance)[1] == 0
    assert follow_nerve(np.zeros((0, 3)), shape) == shape


def test_jitter_moves_the_middle_of_a_muscle_by_less_than_its_thickness():
    before, after = OrbitShape(), jittered(OrbitShape(), np.random.default_rng(0))
    for old, new in zip(before.muscles, after.muscles, strict=True):
        assert old.path[0] == new.path[0] and old.path[-1] == new.path[-1]
        assert 0 < np.abs(np.subtract(old.path, new.path)).max() < 3


def test_jitter_lets_the_nerve_sag_in_the_middle_of_its_way_and_leaves_its_ends():
    shape = OrbitShape()
    lines = [nerve_path(jittered(shape, np.random.default_rng(seed))) for seed in range(120)]
    before = nerve_path(shape)
    moved = np.array([at_depth(line, -20.0) - at_depth(before, -20.0) for line in lines])
    assert moved[:, 2].mean() == pytest.approx(-0.5, abs=0.25) and 0.6 < moved[:, 2].std() < 1.3
    assert moved[:, 0].mean() == pytest.approx(0.0, abs=0.25) and 0.4 < moved[:, 0].std() < 1.1
    ends = np.array([(line[0], line[-1]) for line in lines]) - [before[0], before[-1]]
    assert np.abs(ends).max() < 1e-9


def test_nerves_of_parametric_training_orbits_sag_rather_than_bow_upwards():
    shapes = [with_random_sag(OrbitShape(), np.random.default_rng(seed)) for seed in range(120)]
    below = [at_depth(nerve_path(shape), -20.0)[2] - at_depth(nerve_path(OrbitShape()), -20.0)[2] for shape in shapes]
    assert np.mean(below) < -1.2 and np.std(below) > 0.4


def empty_orbit(bone_beyond: float) -> np.ndarray:
    """SynthSeg labels of soft tissue that ends in bone at a lateral x of ``bone_beyond`` mm (bank's grid, taller)."""
    shape = bank_grid().shape
    local = np.full((shape[0], shape[1] + 10, shape[2]), 507, dtype=np.int16)
    x = BANK_LOW[0] + BANK_SPACING * (np.arange(shape[2]) + 0.5)
    local[:, :, x > bone_beyond] = 515
    return local


def test_a_composed_orbit_never_breaks_through_bone():
    labels, tissues = compose_orbit(empty_orbit(8.0), np.eye(3), OrbitShape())
    x = BANK_LOW[0] + BANK_SPACING * (np.arange(labels.shape[2]) + 0.5)
    beyond = labels[:, :, x > 8.5]
    assert set(np.unique(beyond)) <= {0, 1, 3, 19}
    assert (tissues[:, :, x > 14] == Tissue.BONE).all()
    assert (labels == 9).sum() * BANK_SPACING**3 == pytest.approx(780, rel=0.2)


def test_air_of_a_faulty_label_map_eats_no_muscle_and_real_sinuses_stay():
    """Air 15.5 to 16.5 mm medial of the eye's axis cuts the medial rectus, as in one of the label maps."""
    sound, faulty = empty_orbit(15.0), empty_orbit(15.0)
    x = BANK_LOW[0] + BANK_SPACING * (np.arange(sound.shape[2]) + 0.5)
    y = BANK_LOW[1] + BANK_SPACING * (np.arange(sound.shape[1]) + 0.5)
    behind_globe = np.flatnonzero((y > -25) & (y < -14))[:, None]
    for head in (sound, faulty):
        head[:, :, x < -19] = 0
    faulty[:, behind_globe, np.flatnonzero((x > -16.5) & (x < -15.5))] = 0
    (expected, _), (labels, tissues) = (compose_orbit(head, np.eye(3), OrbitShape()) for head in (sound, faulty))
    medial = label_value("medial_rectus", Side.RIGHT)
    assert (expected == medial).sum() > 1000
    assert ((labels == medial) != (expected == medial)).sum() < 0.02 * (expected == medial).sum()
    assert (tissues[:, y[:tissues.shape[1]] > -30][:, :, x < -19] == Tissue.AIR).all()


@pytest.mark.parametrize("bone_beyond", [15.0, 17.5])
def test_the_lacrimal_gland_leans_on_the_real_wall(bone_beyond):
    labels, tissues = compose_orbit(empty_orbit(bone_beyond), np.eye(3), OrbitShape())
    gland = labels == 13
    x = BANK_LOW[0] + BANK_SPACING * (np.argwhere(gland)[:, 2] + 0.5)
    assert bone_beyond - 1.0 < x.max() <= bone_beyond
    assert x.min() > bone_beyond - OrbitShape().gland.thickness - 0.5
    assert 0.3 < gland.sum() * BANK_SPACING**3 / 1000 < 1.2
    assert ((tissues == Tissue.LACRIMAL_GLAND) == gland).all()


def test_what_lies_behind_a_gap_of_the_wall_is_no_orbital_fat():
    local = empty_orbit(15.0)
    x = BANK_LOW[0] + BANK_SPACING * (np.arange(local.shape[2]) + 0.5)
    local[:, :, x > 17.0] = 507
    closed, _ = compose_orbit(local, np.eye(3), OrbitShape())
    local[54:57, 60:70][:, :, x > 10] = 507
    gapped, _ = compose_orbit(local, np.eye(3), OrbitShape())
    assert (closed[:, :, x > 17.5] > 0).sum() == (gapped[:, :, x > 17.5] > 0).sum() == 0


def test_the_eyeball_stays_round_under_the_fit():
    fit = fit_matrix(np.array([-0.15, 0.1, -0.15, 0.1, 0.1]))
    labels, _ = compose_orbit(empty_orbit(60.0), fit, OrbitShape())
    points = np.argwhere(np.isin(labels, (1, 19))) * BANK_SPACING
    extents = np.ptp(points, axis=0)
    assert extents.max() - extents.min() < 2.5


def test_proptosis_moves_the_globe_out_of_the_head_and_the_box_along():
    local = empty_orbit(60.0)
    local[:, :40] = 515
    _, at_rest = compose_orbit(local, np.eye(3), OrbitShape())
    _, forward = compose_orbit(local, np.eye(3), replace(OrbitShape(), proptosis=4.0))
    behind = [(tissues[0, :, 0] == Tissue.BONE).sum() for tissues in (at_rest, forward)]
    assert (behind[0] - behind[1]) * BANK_SPACING == pytest.approx(4.0, abs=BANK_SPACING)


def test_brain_and_fluid_labels_become_their_tissues():
    values = np.array([0, 2, 3, 24, 507, 515, 508])
    expected = [Tissue.AIR, Tissue.WHITE_MATTER, Tissue.GRAY_MATTER, Tissue.CSF, UNSPECIFIED_SOFT_TISSUE, Tissue.BONE,
                Tissue.MUSCLE]
    assert tissues_from_labels(values).tolist() == [int(tissue) for tissue in expected]


def test_heads_without_two_eyeballs_are_refused(tmp_path):
    path = save_image(Image(np.full((20, 20, 20), 507, np.int16), np.diag([2.0, 2, 2, 1])), tmp_path / "head.nii.gz")
    with pytest.raises(Problem, match="two eyeballs"):
        load_head(path)


def test_points_and_nearest_voxels_agree_on_where_things_are():
    low = np.array([-5.0, -6.0, -7.0])
    volume = torch.arange(14 * 12 * 10).reshape(14, 12, 10)
    points = anatomy_points(low, (14, 12, 10), 1.0, np.eye(3), np.zeros(3), None)
    assert torch.equal(pick_nearest(volume, low, 1.0, points), volume)
    shifted = anatomy_points(low, (14, 12, 10), 1.0, np.eye(3), np.array([1.0, 0, 0]), None)
    assert torch.equal(pick_nearest(volume, low, 1.0, shifted)[:, :, :-1], volume[:, :, 1:])


def test_random_poses_never_mirror():
    spread = PoseSpread((20.0, 20.0, 20.0), 0.3, 0.1, 0.1, 0.0, 0.0)
    rng = np.random.default_rng(0)
    assert all(np.linalg.det(random_linear(spread, rng)) > 0 for _ in range(200))


@pytest.fixture(scope="module")
def phantom_bank(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    build_phantom_bank(folder, 1, seed=3)
    return folder


def test_samples_have_every_class_where_the_box_expects_it(phantom_bank):
    samples = OrbitSamples(phantom_bank)
    assert len(samples) == 2
    image, classes = samples.sample(1, np.random.default_rng(5))
    assert image.shape == (1, *BOX_SHAPE) and classes.shape == BOX_SHAPE
    assert image.min() >= 0 and image.max() <= 1
    present = set(classes.unique().tolist())
    assert {LABEL_OF_CLASS.index(value) for value in (0, 1, 3, 5, 7, 9, 11)} <= present

    def middle(value: int) -> np.ndarray:
        return np.argwhere(classes.numpy() == LABEL_OF_CLASS.index(value)).mean(axis=0)[::-1]

    # x lateral, y anterior, z superior: medial and lateral rectus, superior and inferior rectus.
    assert middle(9)[0] < middle(1)[0]
    assert middle(11)[0] > middle(9)[0] + 8
    assert middle(5)[2] > middle(7)[2] + 10
    assert middle(3)[1] < middle(1)[1]


def test_boxes_without_an_orbit_show_the_head_but_no_globe(phantom_bank):
    head = parametric_head(np.random.default_rng(4), 4.0)
    samples = OrbitSamples(phantom_bank, [head] * 3)
    samples.labels, samples.tissues = samples.labels * 8, samples.tissues * 8
    assert len(samples) == 16 + round(16 * EMPTY_SHARE) > 17
    image, classes = samples.sample(len(samples) - 1, np.random.default_rng(2))
    assert image.shape == (1, *BOX_SHAPE) and image.std() > 0.01
    assert classes.shape == BOX_SHAPE and not classes.any()
    turned = random_linear(PoseSpread((20.0, 10.0, 10.0), 0.2, 0.0, 0.0, 0.0, 0.0), np.random.default_rng(1))
    for seed in range(20):
        place = place_without_orbit(head, turned, np.random.default_rng(seed))
        globes = np.linalg.solve(turned, (head.globes.numpy() - place).T).T
        # The middle of every globe lies outside of the box by more than its radius.
        beyond = np.maximum(np.array(BOX_LOW) - globes, globes - np.array(BOX_HIGH)).max(axis=1)
        assert beyond.min() > 13


def test_the_same_random_state_gives_the_same_sample(phantom_bank):
    samples = OrbitSamples(phantom_bank)
    first, again, other = (samples.sample(0, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])


def test_bank_files_that_exist_are_not_made_again(phantom_bank, monkeypatch):
    monkeypatch.setattr(label_bank, "_phantom_orbit", lambda *_: pytest.fail("made again"))
    build_phantom_bank(phantom_bank, 1, seed=3)


def test_other_processes_make_the_same_bank(phantom_bank, tmp_path):
    build_phantom_bank(tmp_path, 1, seed=3, workers=2)
    (path,) = tmp_path.iterdir()
    with np.load(path) as one, np.load(phantom_bank / path.name) as two:
        assert all(np.array_equal(one[name], two[name]) for name in ("labels", "tissues"))


def test_locator_heat_lies_on_the_globes():
    samples = LocatorSamples([], phantom_heads=1, seed=1)
    brightest, seen = [], 0
    for seed in range(12):
        image, heat = samples.sample(seed % len(samples), np.random.default_rng(seed))
        assert heat.shape == image.shape
        seen += bool(heat.max() > 0.9)
        brightest.append(float(heat.max()))
    assert seen >= 4 and max(brightest) <= 1


def test_fields_of_view_are_whole_or_partial_and_often_oblique():
    fields = [field_of_view(np.random.default_rng(seed)) for seed in range(40)]
    assert all(set(np.unique(field)) <= {0, 1} and field.sum() >= 16 * 16 * 10 / 2 for field in fields)
    partial = [field.numpy().any(axis=0) for field in fields if not field.all()]
    assert 20 < len(partial) < 40
    # Seen from above the box of a straight scan is as wide in front as behind.
    widths = [field.sum(axis=1)[field.any(axis=1)] for field in partial]
    assert 8 < sum(bool(np.ptp(width) > 0) for width in widths) < len(partial) - 3


def test_air_is_black_or_grey_and_what_is_bright_stays_bright():
    air = [raised_air(torch.tensor([0.0, 1.0]), np.random.default_rng(seed)).tolist() for seed in range(40)]
    darkest, brightest = np.array(air).T
    assert (brightest == 1).all() and 20 < (darkest == 0).sum() < 36 and 0.1 < darkest.max() < 0.2


def test_losses_are_least_for_the_truth():
    classes = torch.randint(0, CLASS_COUNT, (1, 4, 4, 4))
    right = 20.0 * torch.nn.functional.one_hot(classes, CLASS_COUNT).movedim(-1, 1).float()
    assert cross_entropy_and_dice(right, classes) < 0.05 < cross_entropy_and_dice(right.roll(1, dims=1), classes)
    heat = (torch.rand(1, 1, 4, 4, 4) > 0.8).float()
    assert center_loss(40 * heat - 20, heat) < 0.01 < center_loss(20 - 40 * heat, heat)


def test_every_label_of_the_vocabulary_has_a_class_or_none():
    table = class_table()
    assert [LABEL_OF_CLASS[table[value]] for value in LABEL_OF_CLASS] == list(LABEL_OF_CLASS)
    assert table[2] == table[23] == 0


@pytest.mark.slow
def test_one_command_trains_from_nothing_to_a_package_and_goes_on_where_it_stopped(tmp_path):
    from NeuroOrbitLib.models import ModelPackage

    options = ["-o", str(tmp_path), "--phantom-heads", "3", "--workers", "0", "--locator-steps", "2"]
    assert main([*options, "--orbit-steps", "1", "--stages", "bank", "locator", "orbit"]) == 0
    assert main([*options, "--orbit-steps", "2", "--chiasm-steps", "1"]) == 0
    package = ModelPackage.open(tmp_path / "package")
    package.verify()
    assert package.facts.settings["training_steps"] == {"locator": 2, "orbit": 2, "chiasm": 1}
    assert package.facts.is_synthetic
    assert "made from parametric heads" in package.facts.training_data
    (tmp_path / "label_maps.json").write_text('["one.nii.gz", "two.nii.gz"]')
    assert main([*options, "--stages", "package"]) == 0
    assert "made from 2 real head label maps" in ModelPackage.open(tmp_path / "package").facts.training_data
    (tmp_path / "label_maps.json").unlink()
    assert main([*options, "--stages", "package"]) == 2


def test_networks_that_were_not_trained_again_come_from_the_package_that_the_run_started_from(tmp_path):
    shipped = find_package(DEFAULT_MODEL)
    orbit = CompactUNet(1, CLASS_COUNT, ORBIT_WIDTHS)
    save_checkpoint({"network": orbit.state_dict(), "step": 7}, tmp_path / "orbit" / CHECKPOINT_NAME)
    (tmp_path / "label_maps.json").write_text("[]")
    with pytest.raises(Problem, match="locator network was not trained"):
        package_run(tmp_path, tmp_path / "package")
    package = package_run(tmp_path, tmp_path / "package", shipped.folder)
    before, after = shipped.facts.settings["training_steps"], package.facts.settings["training_steps"]
    assert after == {**before, "orbit": before["orbit"] + 7}
    weights, old = package.load_state_dict(), shipped.load_state_dict()
    for name, tensor in weights.items():
        expected = orbit.state_dict()[name.removeprefix("orbit.")] if name.startswith("orbit.") else old[name]
        torch.testing.assert_close(tensor.float(), expected.float(), rtol=1e-3, atol=1e-6)


def test_a_folder_without_label_maps_is_named(tmp_path, capsys):
    assert main(["--label-maps", str(tmp_path), "-o", str(tmp_path / "run")]) == 2
    assert "no label maps" in capsys.readouterr().out


def test_a_run_that_began_with_other_label_maps_does_not_go_on(tmp_path, capsys):
    record = tmp_path / "label_maps.json"
    record.write_text('["one.nii.gz", "two.nii.gz"]')
    assert main(["-o", str(tmp_path), "--phantom-heads", "0", "--stages", "bank"]) == 2
    assert "learns from one.nii.gz, two.nii.gz, not from parametric heads alone" in capsys.readouterr().out
    assert record.read_text() == '["one.nii.gz", "two.nii.gz"]'


def test_a_place_with_other_files_is_refused_before_anything_is_computed(tmp_path, capsys):
    (tmp_path / "thesis.docx").write_bytes(b"years")
    assert main(["-o", str(tmp_path / "run"), "--package", str(tmp_path)]) == 2
    assert "Choose a new folder" in capsys.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.docx"]
