"""Where the profiles look, what they see, and that sides and positions survive the way there and back."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.evaluation.segmentation.scores import score_case
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models.inference import window_starts
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.paper_networks.prediction import (
    _grown_to_multiple,
    classes_from_probabilities,
    orbit_probabilities,
    segment_orbits,
)
from OrbitSegmentationLib.paper_networks.preprocessing import (
    eye_centers,
    orbit_grid,
    prepare_orbit,
    prepare_orbits,
    sequence_min_max,
)
from OrbitSegmentationLib.paper_networks.profile_classes import (
    class_map,
    sided_class_map,
    sided_class_name,
    vocabulary_labels,
)
from OrbitSegmentationLib.paper_networks.profiles import (
    PROFILES,
    SEQ_UNET_IMPROVED,
    SEQ_UNET_PUBLISHED,
    SV_NET,
    find_profile,
    profile_from_dict,
)
from OrbitSegmentationLib.paper_networks.training.samples import OrbitSamples

SMALL_SV_NET = SV_NET.changed({"shape": [48, 48, 32], "spacing": [1.8, 1.8, 2.0], "window": [48, 48, 16],
                               "within_reach": False})


def test_eye_centers_are_found_on_their_sides(toy_head, toy_eyes):
    centers = eye_centers(toy_head[1])
    for side in Side:
        assert np.allclose(centers[side], toy_eyes[side], atol=1.0)


def test_the_sv_net_window_is_the_published_one_and_slices_run_backwards_to_forwards(toy_head, toy_eyes):
    grid = orbit_grid(SV_NET, toy_head[0].grid, Side.RIGHT, toy_eyes[Side.RIGHT])
    assert grid.shape == (256, 256, 128) and SV_NET.window == (256, 256, 32)
    assert np.allclose(np.array(grid.spacing), (0.5, 0.34, 0.34))
    assert np.allclose(grid.affine[:3, :3] / grid.spacing, np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]]))
    reach = grid.ras_from_ijk(np.array([[0, 0, 0], [127, 0, 0]]))[:, 1] - toy_eyes[Side.RIGHT][1]
    assert reach[0] < -44 and reach[1] > 14  # apex to in front of the cornea


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("name", ["sv_net", "seq_unet_improved"])
def test_the_box_holds_its_own_orbit_and_not_the_other_eye(name, side, toy_head, toy_eyes):
    profile = find_profile(name)
    grid = orbit_grid(profile, toy_head[0].grid, side, toy_eyes[side])
    size = np.array(grid.shape[::-1])

    def inside(point):
        ijk = grid.ijk_from_ras(point)
        return bool(np.all((ijk > 0) & (ijk < size - 1)))

    eye = toy_eyes[side]
    for lateral, anterior, superior in [(18, 0, 0), (-18, -2, 0), (-16, -40, 3), (0, 13, 0), (0, 0, 17), (0, 0, -17)]:
        assert inside(np.add(eye, (side.x_sign * lateral, anterior, superior)))
    assert not inside(toy_eyes[side.other])


def test_a_left_orbit_looks_like_a_right_one_when_mirrored(toy_eyes):
    from_eye = {}
    for side in Side:
        grid = orbit_grid(SEQ_UNET_IMPROVED, None, side, toy_eyes[side])
        from_eye[side] = grid.ras_from_ijk(np.array([10, 20, 30])) - toy_eyes[side]
    assert np.allclose(from_eye[Side.LEFT], from_eye[Side.RIGHT] * [-1, 1, 1])


def test_the_published_sequence_profile_sees_half_a_head_in_64_pixels(toy_head, toy_eyes):
    image, _ = toy_head
    for side in Side:
        grid = orbit_grid(SEQ_UNET_PUBLISHED, image.grid, side, toy_eyes[side])
        assert grid.shape == (image.array.shape[0], 64, 64)
        corners = grid.ras_from_ijk(np.array([[0, 0, 0], [63, 63, 0]]))
        assert (np.sign(corners[:, 0]) == side.x_sign).all() or np.abs(corners[:, 0]).min() < 2.0
        extent = np.abs(np.diff(corners, axis=0))[0] * 64 / 63
        assert extent[:2] == pytest.approx([(65 - 1) // 2 * 2.0, (55 - 1) * 2 // 3 * 2.0])
        front = reorient_to_ras(image).grid
        assert corners[:, 1].max() + extent[1] / 128 == pytest.approx(front.ras_from_ijk([0, 54, 0])[1] + 1.0)


def test_half_heads_do_not_depend_on_the_axis_order(toy_head, toy_eyes):
    image, _ = toy_head
    turned = Image(np.ascontiguousarray(image.array.transpose(1, 2, 0)[::-1]), turned_affine(image))
    plain, other = (prepare_orbit(i, SEQ_UNET_PUBLISHED, Side.LEFT, toy_eyes[Side.LEFT]) for i in (image, turned))
    assert np.allclose(plain.image, other.image, atol=1e-4)


def turned_affine(image: Image) -> np.ndarray:
    """Affine of ``image.array.transpose(1, 2, 0)[::-1]`` (new K = old J reversed, new J = old I, new I = old K)."""
    affine = image.affine.copy()
    affine[:3, :3] = image.affine[:3, [2, 0, 1]]
    affine[:3, 3] += affine[:3, 2] * (image.array.shape[1] - 1)
    affine[:3, 2] *= -1
    return affine


def test_ct_window_is_fixed_and_padding_is_air(toy_head, toy_eyes):
    image, _ = toy_head
    padded = image.with_array(np.where(image.array < -90, np.int16(-3024), image.array))
    prepared = prepare_orbit(padded, SMALL_SV_NET, Side.RIGHT, toy_eyes[Side.RIGHT])
    assert prepared.image.min() == 0.0
    globe = prepare_orbit(image, SMALL_SV_NET, Side.RIGHT, toy_eyes[Side.RIGHT]).image[24, 26, 23]
    assert globe == pytest.approx((10 + 152) / 400, abs=0.04)


def test_sequence_scaling_loses_absolute_values():
    slices = np.array([[10.0, 20.0], [30.0, 50.0]])
    assert np.array_equal(sequence_min_max(slices), sequence_min_max(slices + 1000))
    assert sequence_min_max(slices).max() == 1.0
    assert not sequence_min_max(np.full((3, 2), 7.0)).any()


def test_class_maps_merge_structures_of_one_side(toy_head):
    labels = toy_head[1]
    merged = class_map(labels, SEQ_UNET_IMPROVED, Side.RIGHT).array
    assert np.array_equal(merged == 1, labels.array == 1)
    assert np.array_equal(merged == 2, np.isin(labels.array, [5, 7, 9, 11]))
    assert not merged[labels.array == 2].any()


def test_merged_muscles_are_told_apart_again_on_both_sides(toy_head, toy_eyes):
    labels = toy_head[1]
    for side in Side:
        classes = class_map(labels, SEQ_UNET_IMPROVED, side).array
        found = vocabulary_labels(classes, labels.grid, SEQ_UNET_IMPROVED, side, toy_eyes[side])
        same = (found == labels.array)[classes > 0].mean()
        assert same > 0.97


def test_sided_classes_have_names_of_their_own(toy_head):
    labels = toy_head[1]
    sided = sided_class_map(labels, SEQ_UNET_IMPROVED).array
    assert np.array_equal(sided == 3, np.isin(labels.array, [5, 7, 9, 11]))
    assert np.array_equal(sided == 6, labels.array == 4)
    names = [sided_class_name(value, SEQ_UNET_IMPROVED) for value in range(1, 7)]
    assert names == ["Right eyeball", "Left eyeball", "Right extra-ocular muscles", "Left extra-ocular muscles",
                     "Right optic nerve", "Left optic nerve"]


def test_prepared_classes_lie_where_the_structures_are(toy_head, toy_eyes):
    image, labels = toy_head
    for orbit in prepare_orbits(image, labels, SMALL_SV_NET):
        where = np.argwhere(orbit.classes == 3)[:, ::-1]  # medial rectus
        middle = orbit.grid.ras_from_ijk(where.mean(axis=0)) - toy_eyes[orbit.side]
        assert middle[0] * orbit.side.x_sign == pytest.approx(-14, abs=2.0)
        assert middle[1] == pytest.approx(-12, abs=2.0)


def test_a_label_map_without_eyeballs_cannot_be_prepared(toy_head):
    image, labels = toy_head
    muscles = labels.with_array(np.where(labels.array > 2, labels.array, 0))
    with pytest.raises(Problem, match="no eyeball"):
        list(prepare_orbits(image, muscles, SV_NET))


def test_samples_have_the_networks_axes(toy_head):
    image, labels = toy_head
    random = np.random.default_rng(0)
    orbits = list(prepare_orbits(image, labels, SMALL_SV_NET))
    volumes = OrbitSamples(orbits, SMALL_SV_NET)
    assert len(volumes) == 4  # two orbits, two windows of 16 cover 32 slices
    voxels, target = volumes.sample(0, random)
    assert voxels.shape == (1, 48, 48, 16) and target.shape == (6, 48, 48, 16)
    assert torch.equal(target.sum(dim=0), torch.ones(48, 48, 16))

    small = SEQ_UNET_IMPROVED.changed({"shape": [32, 64, 64], "spacing": [2, 1, 1], "window": [3, 64, 64]})
    orbits = list(prepare_orbits(image, labels, small))
    sequences = OrbitSamples(orbits, small)
    labelled = sum(int(orbit.classes.any(axis=(1, 2)).sum()) for orbit in orbits)
    assert len(sequences) == labelled + 4
    voxels, target = sequences.sample(8, random)
    assert voxels.shape == (3, 1, 64, 64) and target.shape == (3, 64, 64)
    assert torch.equal(voxels[1, 0], torch.from_numpy(orbits[0].image[sequences.places[8][1]].copy()))


def test_profiles_survive_json_and_refuse_nonsense():
    for profile in PROFILES.values():
        assert profile_from_dict(json.loads(json.dumps(profile.as_dict()))) == profile
    with pytest.raises(Problem, match="Unknown profile setting 'colour'"):
        SV_NET.changed({"colour": "red"})
    with pytest.raises(Problem, match="larger than the orbit"):
        SV_NET.changed({"window": [512, 256, 32]})
    with pytest.raises(Problem, match="seq_unet_published"):
        find_profile("sv")


def hounsfield_reader(bounds: list[tuple[float, float]]):
    """A stand-in for a network: logits by thresholds on the CT window, one channel per pair of HU."""

    def predict(batch: torch.Tensor) -> torch.Tensor:
        hounsfield = batch[:, :1] * 400 - 152
        return torch.cat([torch.minimum(hounsfield - low, high - hounsfield) for low, high in bounds], dim=1)

    return predict


@pytest.fixture
def clean_head(toy_head):
    """The toy head without noise, so that thresholds can segment it."""
    image, labels = toy_head
    hounsfield = np.full(labels.array.shape, 20, dtype=np.int16)
    hounsfield[np.isin(labels.array, [1, 2])] = 140
    hounsfield[np.isin(labels.array, [3, 4])] = -100
    return image.with_array(hounsfield), labels


EYES_AND_NERVES = SMALL_SV_NET.changed({"classes": [["eyeball"], ["optic_nerve"]]})


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_both_orbits_come_back_on_the_scans_grid_in_any_axis_order(clean_head, toy_eyes, axes):
    image, labels = clean_head
    affine = image.affine.copy()
    affine[:3, :3] = image.affine[:3, [2 - axis for axis in axes[::-1]]]
    turned = Image(np.ascontiguousarray(image.array.transpose(axes)), affine)
    predict = hounsfield_reader([(-40, 80), (80, 300), (-300, -40)])
    found = segment_orbits(turned, toy_eyes, predict, EYES_AND_NERVES)
    assert found.grid.same_as(turned.grid)
    reference = Image(labels.array.transpose(axes), affine)
    eyes = score_case(reference, found, labels=[1, 2])
    assert min(score.metrics["dice"] for score in eyes.values()) > 0.93
    nerves = score_case(reference, found, labels=[3, 4])
    assert min(score.metrics["dice"] for score in nerves.values()) > 0.75


def count_calls(predict):
    """``predict`` and the list of batch shapes that it was called with."""
    shapes = []

    def counted(batch):
        shapes.append(tuple(batch.shape))
        return predict(batch)

    return counted, shapes


def test_windows_see_the_part_that_holds_structures_and_give_what_the_network_says_there(clean_head, toy_eyes):
    profile = EYES_AND_NERVES.changed({"within_reach": True, "slice_step": 8,
                                       "reach": [[-30, 30], [-30, 30], [-32, 24]]})
    reader = hounsfield_reader([(-40, 80), (80, 300), (-300, -40)])
    predict, shapes = count_calls(reader)
    orbit = prepare_orbit(clean_head[0], profile, Side.RIGHT, toy_eyes[Side.RIGHT])
    probabilities = orbit_probabilities(orbit.image, predict, profile)
    assert shapes == [(1, 1, 48, 48, 16)] * 3  # 34 x 34 rows and columns in multiples of 16, 28 slices
    whole = torch.sigmoid(reader(torch.from_numpy(orbit.image)[None, None]))[0].numpy()
    # Beside the 34 rows and columns it sees the scan, not padding: a dark edge there would cost Dice.
    seen = (slice(None), slice(0, 48), slice(0, 48), slice(0, 32))
    assert np.allclose(probabilities[seen], whole[seen], atol=1e-5)
    assert probabilities.sum() == pytest.approx(probabilities[seen].sum())


@pytest.mark.parametrize(("part", "size", "grown"), [
    (slice(7, 41), 48, slice(0, 48)),
    (slice(20, 54), 100, slice(13, 61)),
    (slice(0, 28), 100, slice(0, 32)),
    (slice(90, 100), 100, slice(84, 100)),
    (slice(2, 40), 42, slice(0, 42)),
    (slice(16, 48), 64, slice(16, 48)),
])
def test_what_a_network_sees_grows_to_a_multiple_within_the_array(part, size, grown):
    assert _grown_to_multiple(part, size) == grown


def test_sv_net_covers_the_orbit_in_a_thirtieth_of_the_published_work():
    sizes = [part.stop - part.start for part in SV_NET.reach_box]
    assert sizes == [176, 176, 112]  # multiples of 16: nothing is padded
    windows = len(window_starts(sizes[2], SV_NET.window[2], SV_NET.slice_step))
    published = (SV_NET.shape[2] - SV_NET.window[2] + 1) * np.prod(SV_NET.window)
    assert published / (windows * np.prod((*sizes[:2], SV_NET.window[2]))) > 30


@pytest.mark.parametrize("changes, windows", [({"slice_step": 8}, 3), ({"slice_step": 1, "weighting": "constant"}, 17)])
def test_the_windows_of_a_volume_network_step_as_the_profile_says(clean_head, toy_eyes, changes, windows):
    profile = EYES_AND_NERVES.changed(changes)
    predict, shapes = count_calls(hounsfield_reader([(-40, 80), (80, 300), (-300, -40)]))
    orbit = prepare_orbit(clean_head[0], profile, Side.RIGHT, toy_eyes[Side.RIGHT])
    probabilities = orbit_probabilities(orbit.image, predict, profile)
    assert shapes == [(1, 1, 48, 48, 16)] * windows
    with torch.no_grad():
        whole = torch.sigmoid(predict(torch.from_numpy(orbit.image)[None, None]))[0].numpy()
    assert np.allclose(probabilities, whole, atol=1e-4)


def test_slices_and_sequences_come_back_in_the_orbits_axes(clean_head, toy_eyes):
    by_slice = EYES_AND_NERVES.changed({"layout": "slice", "window": [48, 48, 1]})
    orbit = prepare_orbit(clean_head[0], by_slice, Side.LEFT, toy_eyes[Side.LEFT])
    reader = hounsfield_reader([(-40, 80), (80, 300), (-300, -40)])
    predict, shapes = count_calls(reader)
    slices = orbit_probabilities(orbit.image, predict, by_slice)
    assert shapes == [(1, 1, 48, 48)] * 32
    whole = torch.sigmoid(reader(torch.from_numpy(orbit.image)[None, None]))[0].numpy()
    assert np.allclose(slices, whole, atol=1e-5)

    sequence = SEQ_UNET_IMPROVED.changed({"shape": [20, 32, 32], "spacing": [3, 2, 2], "window": [3, 32, 32]})
    orbit = prepare_orbit(clean_head[0], sequence, Side.LEFT, toy_eyes[Side.LEFT])
    predict, shapes = count_calls(lambda batch: reader(batch[:, 1]))  # the middle slice
    maps = orbit_probabilities(orbit.image, predict, sequence)
    assert shapes == [(1, 3, 1, 32, 32)] * 20
    whole = torch.sigmoid(reader(torch.from_numpy(orbit.image)[None, None]))[0].numpy()
    assert np.allclose(maps, whole, atol=1e-5)


def test_one_eye_gives_one_side_only(clean_head, toy_eyes):
    predict = hounsfield_reader([(-40, 80), (80, 300), (-300, -40)])
    found = segment_orbits(clean_head[0], {Side.LEFT: toy_eyes[Side.LEFT]}, predict, EYES_AND_NERVES)
    assert set(np.unique(found.array)) == {0, 2, 4}


def test_independent_classes_need_one_half():
    probabilities = np.array([[[[0.4, 0.6, 0.7]]], [[[0.3, 0.2, 0.8]]]])
    profile = SEQ_UNET_IMPROVED
    assert classes_from_probabilities(probabilities, profile).ravel().tolist() == [0, 1, 2]
