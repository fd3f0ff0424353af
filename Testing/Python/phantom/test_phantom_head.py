"""The head phantom: sides are the patient's, structures lie where anatomy has them, scans show known values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging.geometry import grid_around, reorient_to_ras
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.measurements.rims import lateral_end
from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import HeadShape, random_head_shape
from NeuroOrbitLib.phantom.orbit.activity import HEALTHY
from NeuroOrbitLib.phantom.orbit.raster import NERVE_TISSUES
from NeuroOrbitLib.phantom.patients.truth import corneal_protrusion, head_truth, orbit_volumes
from NeuroOrbitLib.phantom.scanner.protocols import PROTOCOLS
from NeuroOrbitLib.phantom.scanner.rendering import Pose, scan_labels
from NeuroOrbitLib.phantom.tissue import Tissue
from NeuroOrbitLib.phantom.truth.globe import globe_surface
from NeuroOrbitLib.phantom.truth.head import TrueOrbit, lateral_contents, true_frame
from NeuroOrbitLib.phantom.truth.measures import true_measures

HEAD = HeadShape()
GRID = grid_around(np.array([0.0, -22.0, 0.0]), (130.0, 90.0, 50.0), 1.0)


@pytest.fixture(scope="module")
def head() -> tuple[np.ndarray, np.ndarray]:
    kji = np.stack(np.meshgrid(*[np.arange(count) for count in GRID.shape], indexing="ij"), axis=-1)
    return rasterise_head(HEAD, GRID.ras_from_ijk(kji[..., ::-1]))


def center(labels: np.ndarray, value: int, grid: Grid = GRID) -> np.ndarray:
    return grid.ras_from_ijk(np.argwhere(labels == value).mean(axis=0)[::-1])


def test_right_structures_lie_right_and_left_structures_left(head):
    labels, _ = head
    for value in range(1, 23, 2):
        assert center(labels, value)[0] > 12.0, value
        assert center(labels, value + 1)[0] < -12.0, value


def test_default_head_is_symmetric(head):
    labels, _ = head
    mirrored = labels[:, :, ::-1].copy()
    paired = (mirrored > 0) & (mirrored < 25)
    mirrored[paired] = np.where(mirrored[paired] % 2 == 1, mirrored[paired] + 1, mirrored[paired] - 1)
    assert (mirrored == labels).mean() > 0.9995


def test_optic_nerves_run_from_the_globes_to_the_chiasm_and_are_labelled_up_to_the_optic_canal(head):
    labels, tissues = head
    chiasm = center(labels, 25)
    assert np.abs(chiasm[0]) < 1.0 and -62 < chiasm[1] < -46
    beyond = np.isin(tissues, NERVE_TISSUES) & (labels == 0)
    pieces, _ = ndimage.label(beyond | np.isin(labels, (3, 4, 25)), structure=np.ones((3, 3, 3)))
    assert pieces[labels == 25].min() > 0
    for value, eye, side in ((3, 1, "R"), (4, 2, "L")):
        nerve = GRID.ras_from_ijk(np.argwhere(labels == value)[:, ::-1])
        mouth = HEAD.from_orbit(np.array(HEAD.orbit(side).nerve.canal_entrance), side)
        assert np.linalg.norm(nerve - center(labels, eye), axis=1).min() < 13.5
        assert np.linalg.norm(nerve - mouth, axis=1).min() < 2.0
        assert nerve[:, 1].min() > mouth[1] - 2.0
        # Tissue of the nerve connects the label with the chiasm.
        assert set(pieces[labels == value]) == set(pieces[labels == 25])


def test_the_tissues_around_the_orbit_are_where_they_belong(head):
    _, tissues = head

    def at(x: float, y: float, z: float) -> int:
        return int(tissues[tuple(np.rint(GRID.ijk_from_ras(np.array([x, y, z]))).astype(int)[::-1])])

    assert at(0.0, 40.0 - 18.0 + 0.9, 24.0) in (Tissue.SKIN, Tissue.AIR, Tissue.SUBCUTANEOUS_FAT)
    assert at(30.0, -12.0, -24.0) == Tissue.AIR  # maxillary sinus
    assert at(57.0, -25.0, 2.0) == Tissue.TEMPORALIS
    assert at(30.0, -15.0, 24.0) in (Tissue.GRAY_MATTER, Tissue.WHITE_MATTER, Tissue.CSF)  # frontal lobe
    assert at(40.0, -60.0, -5.0) in (Tissue.GRAY_MATTER, Tissue.WHITE_MATTER)  # temporal lobe
    ethmoid = tissues[GRID.shape[0] // 2, 20:60, 60:70]
    assert 0.4 < (ethmoid == Tissue.AIR).mean() < 0.9


def test_orbital_walls_are_thin_medially_and_thick_laterally(head):
    _, tissues = head
    row = tissues[GRID.shape[0] // 2, round(GRID.ijk_from_ras(np.array([0, -12.0, 0]))[1])]
    lateral = row[round(GRID.ijk_from_ras(np.array([38.0, 0, 0]))[0]):][:12]
    assert 3 <= (lateral == Tissue.THIN_BONE).sum() <= 7
    medial = row[round(GRID.ijk_from_ras(np.array([9.0, 0, 0]))[0]):][:6]
    assert (medial == Tissue.THIN_BONE).sum() <= 3


def test_label_volumes_match_the_finely_counted_truth(head):
    labels, _ = head
    truth = orbit_volumes(HEAD.right)
    for value, key, tolerance in ((9, "medial_rectus", 0.06), (11, "lateral_rectus", 0.08),
                                  (13, "lacrimal_gland", 0.06)):
        assert (labels == value).sum() / 1000.0 == pytest.approx(truth[key], rel=tolerance)
    assert np.isin(labels, (1, 19)).sum() / 1000.0 == pytest.approx(truth["eyeball"], rel=0.02)


def test_what_lies_beyond_the_skin_is_no_part_of_the_truth():
    head = random_head_shape(np.random.default_rng(15))  # its lateral rims lie far in front, at the temples
    frame = true_frame(head)

    def inside(points: np.ndarray) -> np.ndarray:
        return np.where(rasterise_head(head, points)[0] > 0, 1.0, -1.0)

    for side in Side:
        orbit = TrueOrbit(head, side)
        seen = lateral_end(inside, orbit.center, frame, frame.lateral(side))
        assert lateral_contents(orbit, frame) == pytest.approx(seen, abs=0.3)
    volumes = head_truth(head, HEALTHY)["sides"]["right"]["volumes_ml"]
    axes = [np.arange(*limits, 0.8, dtype=np.float32) for limits in ((-24, 26), (-40, 16), (-24, 24))]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    counted = (rasterise_head(head, head.from_orbit(points, "R"))[0] == 21).sum() * 0.8**3 / 1000
    assert volumes["orbital_fat"] == pytest.approx(counted, rel=0.006)
    assert volumes["orbital_fat"] < 0.985 * orbit_volumes(head.right)["orbital_fat"]


def test_exophthalmos_from_the_contents_is_measured_from_the_line_between_their_ends():
    head = random_head_shape(np.random.default_rng(8))
    found, frame = true_measures(head)["sides"], true_frame(head)
    orbits = {side: TrueOrbit(head, side) for side in Side}
    right, left = (lateral_contents(orbit, frame) for orbit in orbits.values())
    line = (right - left) / np.linalg.norm(right - left)
    for side, orbit in orbits.items():
        ahead = frame.forward - (frame.forward @ line) * line
        surface = orbit.to_head(globe_surface(orbit.shape)) - right
        assert found[side.value]["eyeball"]["exophthalmos_of_contents"] == pytest.approx(
            (surface @ ahead).max(), abs=0.1)


def test_default_cornea_stands_out_as_in_healthy_adults():
    assert corneal_protrusion(HEAD, "R") == pytest.approx(15.4, abs=0.8)
    assert corneal_protrusion(HEAD, "L") == pytest.approx(corneal_protrusion(HEAD, "R"), abs=1e-6)


def test_proptosis_is_measured_against_the_rims():
    healthy = random_head_shape(np.random.default_rng(5), "F", 0.0)
    ill = random_head_shape(np.random.default_rng(5), "F", 1.0)
    assert corneal_protrusion(ill, "R") > corneal_protrusion(healthy, "R") + 1.0


def test_turned_head_and_oblique_grid_see_the_same_anatomy():
    pose = Pose.from_angles((8.0, -5.0, 12.0), (10.0, -30.0, 5.0))
    spacing = 1.5
    straight = Grid(*_coarse(np.eye(3), np.zeros(3), spacing))
    turned = Grid(*_coarse(pose.rotation, pose.translation, spacing))
    assert np.array_equal(scan_labels(HEAD, Pose.neutral(), straight), scan_labels(HEAD, pose, turned))


def _coarse(rotation: np.ndarray, translation: np.ndarray, spacing: float) -> tuple[tuple[int, int, int], np.ndarray]:
    grid = grid_around(np.array([0.0, -15.0, 0.0]), (110.0, 60.0, 30.0), spacing)
    affine = np.eye(4)
    affine[:3, :3] = rotation @ grid.affine[:3, :3]
    affine[:3, 3] = rotation @ grid.affine[:3, 3] + translation
    return grid.shape, affine


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_every_protocol_covers_both_globes_and_the_apex(name):
    grid = PROTOCOLS[name].grid()
    for point in ((31.0, 0, 0), (-31.0, 0, 0), (15.0, -30.0, 2.0), (31.0, 8.0, 0.0)):
        index = grid.ijk_from_ras(np.array(point))
        assert np.all(index > 0) and np.all(index < np.array(grid.shape[::-1]) - 1), point


@pytest.mark.parametrize("name", ["ct-fast", "mr-coronal-t2", "mr-t1-head"])
def test_sides_are_right_in_every_plane(name):
    protocol = PROTOCOLS[name]
    grid = protocol.grid()
    sparse = Grid(tuple(-(-np.array(grid.shape) // [2, 4, 4])), grid.affine @ np.diag([4.0, 4.0, 2.0, 1.0]))
    labels = scan_labels(HEAD, Pose.neutral(), sparse)
    upright = reorient_to_ras(Image(labels, sparse.affine))
    assert center(upright.array, 1, upright.grid)[0] > 20 and center(upright.array, 2, upright.grid)[0] < -20


def test_left_and_right_differ_a_little_and_the_seed_decides():
    first, again = (random_head_shape(np.random.default_rng(4), "F", 0.6) for _ in range(2))
    assert first == again
    assert first.left != first.right
    assert first.left.globe.radius == pytest.approx(first.right.globe.radius, rel=0.05)
