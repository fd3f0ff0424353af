"""Callipers, curves and outlines on shapes whose sizes are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.measurements import muscles
from NeuroOrbitLib.measurements.calliper import largest_width, polygon_area, smallest_width, width_along
from NeuroOrbitLib.measurements.centre_line import centre_line
from NeuroOrbitLib.measurements.curve import Curve, evenly_spaced
from NeuroOrbitLib.measurements.edges import (
    front_of,
    front_of_wall,
    frontmost_of_outermost,
    greatest_chord,
    without_thin,
)
from NeuroOrbitLib.measurements.field import depth_within, field_of
from NeuroOrbitLib.measurements.rays import end_along, foremost
from NeuroOrbitLib.measurements.sections import sections


def ellipse(long: float, short: float, turned: float) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    points = np.stack([long / 2 * np.cos(angle), short / 2 * np.sin(angle)], axis=1)
    cosine, sine = np.cos(np.radians(turned)), np.sin(np.radians(turned))
    return points @ np.array([[cosine, sine], [-sine, cosine]])


@pytest.mark.parametrize("turned", [0.0, 33.0, 90.0, 151.0])
def test_callipers_read_both_axes_of_an_ellipse_in_any_direction(turned):
    outline = ellipse(10.0, 4.0, turned)
    assert smallest_width(outline).value == pytest.approx(4.0, abs=0.01)
    assert largest_width(outline).value == pytest.approx(10.0, abs=0.01)
    assert polygon_area(outline) == pytest.approx(np.pi * 10.0, rel=1e-3)
    ends = largest_width(outline).line()
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(10.0, abs=0.01)


def test_the_line_of_a_calliper_is_as_long_as_the_distance_of_its_jaws():
    """It ran aslant from one point that a jaw touches to the other, 5.4 mm of a section of 2 mm."""
    width = smallest_width(np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 2.0], [1.0, 2.0]]))
    assert width.value == pytest.approx(2.0)
    ends = width.line()
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(2.0)
    assert sorted(ends[:, 1]) == pytest.approx([0.0, 2.0])
    assert np.linalg.norm(np.subtract(*width.line(3.0))) == pytest.approx(3.0)


def test_a_calliper_held_in_a_direction_reads_that_direction():
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 5.0], [0.0, 5.0]])
    assert width_along(square, np.array([0.0, 3.0])).value == 5.0


def test_curves_know_length_direction_and_where_they_cross_a_plane():
    angle = np.linspace(0, np.pi / 2, 400)
    curve = evenly_spaced(np.stack([10 * np.cos(angle), 10 * np.sin(angle), 0 * angle], axis=1))
    assert curve.length == pytest.approx(5 * np.pi, rel=1e-3)
    place = curve.crossing(np.array([0.0, 10 * np.sin(0.5), 0.0]), np.array([0.0, 1.0, 0.0]))
    assert place == pytest.approx(5.0, abs=0.05)
    np.testing.assert_allclose(curve.tangent_at(place), [-np.sin(0.5), np.cos(0.5), 0.0], atol=0.02)
    assert curve.crossing(np.array([0.0, 20.0, 0.0]), np.array([0.0, 1.0, 0.0])) is None


def test_a_curve_goes_straight_on_beyond_its_ends():
    curve = Curve(np.stack([np.linspace(0, 4, 9), np.zeros(9), np.zeros(9)], axis=1))
    longer = curve.part(-2.0, 7.0)
    np.testing.assert_allclose(longer.points[[0, -1]], [[-2, 0, 0], [7, 0, 0]], atol=1e-6)
    places, distances = curve.along(np.array([[6.0, 3.0, 0.0]]))
    assert places[0] == pytest.approx(6.0) and distances[0] == pytest.approx(3.0)


def cylinder(spacing: tuple[float, float, float], radius: float, turned: float) -> tuple[np.ndarray, Grid, np.ndarray]:
    """A straight round rod of 30 mm, turned about z from the y axis and nodded a little, off the voxels' middles."""
    count = [int(50 / step) for step in spacing]
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = -np.array(spacing) * (np.array(count) - 1) / 2
    grid = Grid(tuple(count[::-1]), affine)
    ras = grid.ras_from_ijk(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), -1)[..., ::-1])
    ras = ras - [0.13, 0.21, 0.3]
    axis = np.array([np.sin(np.radians(turned)), np.cos(np.radians(turned)), 0.12])
    axis /= np.linalg.norm(axis)
    along = ras @ axis
    beside = np.linalg.norm(ras - along[..., None] * axis, axis=-1)
    return (beside < radius) & (np.abs(along) < 15.0), grid, axis


@pytest.mark.parametrize("spacing", [(0.5, 0.5, 0.5), (0.5, 0.5, 1.0), (0.5, 3.0, 0.5)])
@pytest.mark.parametrize("turned", [0.0, 20.0, 40.0])
def test_sections_of_a_rod_have_its_width_and_area_however_it_lies_in_the_voxels(spacing, turned):
    mask, grid, axis = cylinder(spacing, 2.5, turned)
    box = box_around(mask)
    field = field_of(mask[box.slices], grid, box)
    line = centre_line(field, -20.0 * axis)
    assert line.length == pytest.approx(30.0, abs=max(1.0, max(spacing)))
    np.testing.assert_allclose(line.tangent_at(line.length / 2), axis, atol=0.04)
    places = np.linspace(0.3, 0.7, 9) * line.length
    cuts = sections(field, line.at(places), line.tangent_at(places), 6.0)
    assert np.mean([cut.width().value for cut in cuts]) == pytest.approx(5.0, abs=0.35)
    assert np.mean([cut.area for cut in cuts]) == pytest.approx(np.pi * 2.5**2, rel=0.05)


def test_rims_are_the_front_of_the_outermost_points_and_flat_fronts_have_a_middle():
    wall = np.array([[10.0, y, 0.0] for y in range(-9, 3)] + [[0.0, 9.0, 0.0]])
    lateral, forward = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    np.testing.assert_array_equal(frontmost_of_outermost(wall, lateral, forward), [10.0, 2.0, 0.0])
    flat = np.array([[x, 1.0, 0.0] for x in np.linspace(0, 8, 17)] + [[4.0, -3.0, 0.0]])
    np.testing.assert_allclose(front_of(flat, forward), [4.0, 1.0, 0.0])


def test_a_wall_that_runs_outwards_to_the_back_still_ends_in_front():
    lateral, forward = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    wall = np.array([[20.0 - 0.045 * y, y, 0.0] for y in np.linspace(-24.0, 8.0, 81)])  # 1.4 mm wider at the back
    np.testing.assert_allclose(frontmost_of_outermost(wall, lateral, forward), wall[-1])


def test_a_wall_ends_where_the_contents_beside_it_are_four_millimetres_deep():
    across, ahead = np.arange(0.0, 20.0, 0.25), np.arange(-15.0, 5.0, 0.25)
    wedge = (ahead[None] < 0.0) & (ahead[None] > across[:, None] - 16.0)  # a wall at 45 degrees meets a flat front
    place, front = front_of_wall(np.where(wedge, 1.0, -1.0), across, ahead)
    assert (place, front) == pytest.approx((12.0, 0.0), abs=0.3)
    blunt = wedge & (across[:, None] < 14.5)  # the tip of the wedge is lost in voxels
    assert front_of_wall(np.where(blunt, 1.0, -1.0), across, ahead) == pytest.approx((place, front))
    assert front_of_wall(np.where(wedge & (ahead[None] > -3.0), 1.0, -1.0), across, ahead) is None


def test_spurs_of_bone_do_not_count_and_the_wall_does():
    bone = np.zeros((60, 60), dtype=bool)
    bone[10:30, 10:40], bone[18:23, 40:55] = True, True  # a wall, and a spur of 1.25 mm
    kept = without_thin(bone, 0.25)
    assert kept[15:25, 15:35].all() and not kept[:, 44:].any()


def test_the_greatest_chord_is_that_of_a_band_not_of_a_single_line():
    inside = np.zeros((100, 50), dtype=bool)
    inside[20:60, 10:40] = True
    inside[:, 25] = True
    assert greatest_chord(inside, 0.1, 0.4) == pytest.approx(4.0 + 6.0 / 10)


def test_a_chord_runs_across_the_fat_between_rectus_and_levator_however_voxels_show_it():
    """A gap of 0.4 mm is one voxel of 1 mm, or none: the chord must not be 1.4 mm longer for that."""
    fine = np.zeros((120, 50), dtype=bool)
    fine[20:60, 5:45], fine[64:80, 5:45] = True, True
    assert greatest_chord(fine, 0.1, 0.4) == pytest.approx(6.0)
    shares = np.zeros((24, 50))
    shares[4:16, 5:45] = 1.0
    assert greatest_chord(shares, 0.5, 0.4) == pytest.approx(6.0)
    shares[12] = 0.0
    assert greatest_chord(shares, 0.5, 0.4) == pytest.approx(6.0)
    shares[16, 5:45] = 0.75
    assert greatest_chord(shares, 0.5, 0.4) == pytest.approx(6.0 + 0.5 * (1 + (0.25 / 0.75)) - 0.25)


def test_thick_slices_do_not_cut_the_top_of_a_ball():
    spacing, radius, forward = np.array([0.5, 0.5, 3.3]), 12.0, np.array([0.0, 1.0, 0.0])
    grid = Grid((14, 60, 60), np.diag([*spacing, 1.0]))
    ras = grid.ras_from_ijk(np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)[..., ::-1])
    chance, lengths, fronts = np.random.default_rng(0), [], []
    for _ in range(10):
        center = np.array([15.0, 15.0, 20.0]) + chance.uniform(0, 1, 3) * spacing
        mask = np.linalg.norm(ras - center, axis=-1) < radius
        box = box_around(mask)
        ball = field_of(mask[box.slices], grid, box, is_round=True)
        lengths.append(np.linalg.norm(end_along(ball, center, forward) - end_along(ball, center, -forward)))
        fronts.append((foremost(ball, center, forward) - center) @ forward)
    assert np.mean(lengths) == pytest.approx(2 * radius, abs=0.05)
    assert np.mean(fronts) == pytest.approx(radius, abs=0.04)


def test_few_voxels_with_one_far_away_have_no_line():
    """A polynomial through an inferior oblique of 36 voxels swung for 1 149 m between them, and memory ran out."""
    cluster = [(-2.19, 1.72, -1.36), (-1.39, 0.92, -1.36), (-1.39, 1.72, -1.36), (-0.59, -0.68, 0.24),
               (-0.59, 0.12, 0.24), (-0.59, 1.72, -1.36), (0.21, -2.28, 0.24), (0.21, -1.48, 0.24),
               (0.21, -0.68, 0.24), (0.21, 0.12, -0.56), (0.21, 0.12, 0.24), (0.21, 0.92, -0.56), (0.21, 0.92, 0.24),
               (0.21, 1.72, -0.56), (0.21, 1.72, 0.24), (1.01, -2.28, 0.24), (1.01, -1.48, 0.24), (1.01, -0.68, 0.24),
               (1.01, 0.12, 0.24), (1.01, 0.92, 0.24), (1.81, -2.28, 0.24), (1.81, -2.28, 1.04), (1.81, -1.48, 0.24),
               (1.81, -0.68, 0.24), (1.81, 0.12, 0.24), (2.61, -2.28, 1.84)]
    solid = np.array([(-11.79, 5.72, 0.24), *cluster])
    assert centre_line(SimpleNamespace(solid=solid), np.array([-44.0, 1.0, 13.0])) is None


def test_a_muscle_without_a_section_that_is_wide_enough_gives_no_infinite_uncertainty(monkeypatch):
    """The uncertainty of its length was infinite, which no JSON can hold: a batch lost the whole scan."""
    flat = muscles.Profile(np.arange(5.0), [None] * 5, np.zeros(5), np.zeros(5), np.zeros(5, bool))
    monkeypatch.setattr(muscles, "profile", lambda *_: flat)
    line = evenly_spaced(np.array([[0.0, 0, 0], [0.0, 20, 0]]))
    found = muscles.muscle_measures(None, line, None, None, 0.4)
    assert set(found) == {"greatest_diameter", "greatest_area", "length"}
    assert all(measured.value is None and measured.reason for measured in found.values())


def test_a_part_that_is_nearly_cut_off_makes_a_diameter_uncertain():
    step = 0.5
    affine = np.diag([step, step, step, 1.0])
    affine[:3, 3] = [-10.0, -25.0, -7.0]
    grid = Grid((28, 100, 40), affine)
    x, _, z = np.moveaxis(grid.ras_from_ijk(np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"),
                                                     -1)[..., ::-1]), -1, 0)
    belly = (x / 5.2) ** 2 + (z / 2.1) ** 2 < 1
    sheet = (np.abs(x) < 4.2) & (np.abs(z - 3.75) < 0.3)  # 1 mm thin, 1 mm above the belly
    sigma = 0.3
    found = []
    for mask in (belly, belly | sheet):
        box = box_around(mask)
        line = Curve(np.stack([np.zeros(81), np.linspace(-20.0, 20.0, 81), np.zeros(81)], axis=1))
        measures = muscles.muscle_measures(field_of(mask[box.slices], grid, box), line, None, None, sigma,
                                           is_double=True)
        found.append(measures["greatest_diameter"])
    alone, both = found
    assert alone.uncertainty == pytest.approx(2 * sigma, rel=0.1)
    assert both.value == pytest.approx(alone.value + 2.0, abs=0.3)
    assert both.uncertainty > 2.2 * sigma + 0.5, "with the outline a little smaller, the sheet does not count"


@pytest.mark.parametrize("box", [np.s_[4:9, 3:11, 5:8], np.s_[0:6, 2:12, 0:4], np.s_[3:4, 0:14, 9:12]])
def test_depth_within_a_mask_is_that_of_the_whole_array(box):
    mask, spacing = np.zeros((12, 14, 12), bool), (2.0, 0.5, 0.8)
    mask[box] = np.random.default_rng(0).random(mask[box].shape) < 0.9
    assert np.array_equal(depth_within(mask, spacing), ndimage.distance_transform_edt(mask, spacing))
    assert np.array_equal(depth_within(mask[4], spacing[1:]), ndimage.distance_transform_edt(mask[4], spacing[1:]))


def test_an_empty_mask_has_no_depth():
    assert not depth_within(np.zeros((4, 5, 6), bool), (1.0, 1.0, 1.0)).any()
