"""What a CT shows beside an outline: the cornea under a closed lid, and muscles that lie on the bone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_value
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.measurements.at_the_bone import up_to_the_bone
from NeuroOrbitLib.measurements.bone_edge import beyond_outline
from NeuroOrbitLib.measurements.changes import changes_between
from NeuroOrbitLib.measurements.cornea import cornea_beyond, foremost_of_cornea
from NeuroOrbitLib.measurements.measure import measure
from NeuroOrbitLib.measurements.outlines import outline_of
from NeuroOrbitLib.measurements.pairs import pairs_of
from NeuroOrbitLib.measurements.rows import HEAD, by_key
from NeuroOrbitLib.phantom.patients.patient import make_patient, scan_patient
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.rendering import Pose
from NeuroOrbitLib.phantom.truth.measures import true_measures

FORWARD = np.array([0.0, 1.0, 0.0])
RECTI = tuple(key for key in EXTRAOCULAR_MUSCLES if "oblique" not in key)


def eye(lid: float = 25.0, chamber: float = 10.0, noise: float = 8.0) -> Image:
    """A CT of 0.6 mm of lens, chamber, cornea (55 HU) and what lies before it; the cornea ends at y = 12 mm."""
    affine = np.diag([0.6, 0.6, 0.6, 1.0])
    affine[:3, 3] = (-9.0, -2.0, -9.0)
    fine = Grid((90, 90, 90), affine @ np.diag([1 / 3, 1 / 3, 1 / 3, 1.0]))
    points = fine.ras_from_ijk(np.stack(np.meshgrid(*[np.arange(90)] * 3, indexing="ij"), axis=-1)[..., ::-1])
    depth = 7.8 - np.linalg.norm(points - [0.0, 12.0 - 7.8, 0.0], axis=-1)
    ahead = points[..., 1]
    values = np.select([ahead < 8.0, depth > 0.535, depth > 0.0], [80.0, chamber, 55.0], lid)
    coarse = ndimage.gaussian_filter(values, 1.5).reshape(30, 3, 30, 3, 30, 3).mean(axis=(1, 3, 5))
    coarse += np.random.default_rng(4).normal(0.0, noise, coarse.shape)
    affine[:3, 3] += 0.2
    return Image(coarse.astype(np.float32), affine)


@pytest.mark.parametrize("lid", [15.0, 30.0, 55.0])
@pytest.mark.parametrize("off", [-0.9, 0.0, 0.7])
def test_the_cornea_is_found_under_a_lid_from_wherever_the_outline_ends(lid, off):
    found = cornea_beyond(eye(lid), np.array([0.0, 12.0 + off, 0.0]), FORWARD)
    assert found == pytest.approx(-off, abs=0.2)


@pytest.mark.parametrize("scan", [eye(chamber=52.0), eye(lid=-1000.0), eye(chamber=55.0, lid=55.0)],
                         ids=["blood in the chamber", "open eye", "nothing shows"])
def test_without_a_dark_chamber_before_a_cornea_the_outline_stands(scan):
    assert cornea_beyond(scan, np.array([0.0, 12.0, 0.0]), FORWARD) is None


def test_what_lies_far_from_the_outline_is_no_cornea():
    assert cornea_beyond(eye(), np.array([0.0, 14.0, 0.0]), FORWARD) is None


def test_the_foremost_point_of_a_cornea_that_looks_aside_lies_before_its_apex():
    axis = np.array([np.sin(0.35), np.cos(0.35), 0.0])
    found = foremost_of_cornea(12.0 * axis, np.zeros(3), FORWARD)
    np.testing.assert_allclose(found, 4.2 * axis + 7.8 * FORWARD)


@pytest.fixture(scope="module")
def patient():
    return make_patient(9700, 0.5, protocols=())


@pytest.fixture(scope="module")
def truth(patient):
    return true_measures(patient.head)


@pytest.fixture(scope="module")
def scanned(patient):
    """A CT of 0.8 x 0.8 x 1.2 mm with its true labels."""
    scan = scan_patient(patient.head, Pose.neutral(), patient.muscles, protocol("ct-fast"), 9700)
    return scan.image, scan.labels


@pytest.fixture(scope="module")
def rows(scanned):
    return by_key(measure(scanned[1], scanned[0], True))


def without_cornea(labels: Image) -> Image:
    """The labels without the frontmost 0.8 mm of each globe."""
    globes = np.isin(labels.array, [label_value(key, side) for key in ("eyeball", "lens") for side in Side])
    assert labels.affine[1, 1] < 0, "rows run from front to back"
    front = globes & ~np.roll(globes, 1, axis=1)
    return labels.with_array(np.where(front, 0, labels.array).astype(labels.array.dtype))


def test_an_eye_measured_to_its_cornea_does_not_stand_before_one_measured_to_its_outline(scanned, truth):
    """Of a patient without the left lens, the left eye lay 0.7 mm farther back than it is."""
    scan, outlined = scanned[0], without_cornea(scanned[1])
    lens = label_value("lens", Side.LEFT)
    aphakic = outlined.with_array(np.where(outlined.array == lens, label_value("eyeball", Side.LEFT), outlined.array))
    found = by_key(measure(aphakic, scan, True))
    right, left = (found["eyeball", side, "exophthalmos"] for side in ("right", "left"))
    assert right.value == pytest.approx(truth["sides"]["right"]["eyeball"]["exophthalmos"], abs=0.5)
    assert left.value < truth["sides"]["left"]["eyeball"]["exophthalmos"] - 0.5
    assert "cornea" in right.measured.method and "cornea" not in left.measured.method
    difference = found[HEAD, "", "exophthalmos_difference"]
    assert difference.value is None and "cornea on one side only" in difference.text
    pair = next(pair for pair in pairs_of(found.values()) if pair.quantity == "exophthalmos")
    assert pair.difference is None


def test_axial_length_and_exophthalmos_do_not_follow_an_outline_that_loses_the_cornea(scanned, truth):
    scan, outlined = scanned[0], without_cornea(scanned[1])
    found, alone = by_key(measure(outlined, scan, True)), by_key(measure(outlined))
    for side in ("right", "left"):
        true = truth["sides"][side]["eyeball"]
        row = found["eyeball", side, "axial_length"]
        assert alone["eyeball", side, "axial_length"].value < true["axial_length"] - 0.6
        assert row.value == pytest.approx(true["axial_length"], abs=0.3)
        assert found["eyeball", side, "exophthalmos"].value == pytest.approx(true["exophthalmos"], abs=0.5)
        assert "cornea's front from its edge in the CT" in row.measured.method
        assert np.linalg.norm(np.subtract(*row.measured.place.points)) == pytest.approx(row.value)


def test_without_its_scan_an_eye_is_measured_as_it_is_outlined(scanned, rows):
    alone = by_key(measure(scanned[1]))
    assert "cornea" not in alone["eyeball", "right", "axial_length"].measured.method
    assert alone["eyeball", "right", "axial_length"].value == pytest.approx(
        rows["eyeball", "right", "axial_length"].value, abs=0.4)


@pytest.mark.parametrize("limits", [(-160, 240), (-125, 275)])
def test_a_ct_that_was_cut_to_a_window_is_measured_without_its_bone_and_says_so(scanned, rows, limits):
    """The orbit grew 2 mm into its walls: 2.7 ml larger, with an index of 41 in the place of 49, by the same method."""
    scan, labels = scanned
    cut = by_key(measure(labels, scan.with_array(np.clip(scan.array, *limits)), True))
    alone = by_key(measure(labels))
    for side in ("right", "left"):
        for name in ("volume", "barrett_horizontal", "barrett_vertical"):
            row = cut["bony_orbit", side, name]
            assert row.value == pytest.approx(alone["bony_orbit", side, name].value)
            assert row.measured.method != rows["bony_orbit", side, name].measured.method
        assert cut["eyeball", side, "exophthalmos"].measured.method != rows[
            "eyeball", side, "exophthalmos"].measured.method
    assert not [change for change in changes_between(rows.values(), cut.values())[0] if change.verdict == "decreased"]


def off_the_bone(labels: Image, scan: Image, keys: tuple[str, ...] = RECTI) -> Image:
    """The labels with muscles that keep a voxel away from the bone."""
    bone = ndimage.binary_dilation(scan.array > 250, ndimage.generate_binary_structure(3, 2))
    muscles = np.isin(labels.array, [label_value(key, side) for key in keys for side in Side])
    return labels.with_array(np.where(muscles & bone, 0, labels.array).astype(labels.array.dtype))


def test_a_muscle_that_lies_on_the_bone_is_measured_up_to_it(scanned, rows):
    scan, labels = scanned
    outlined = off_the_bone(labels, scan)
    short, found = by_key(measure(outlined)), by_key(measure(outlined, scan, True))
    keys = [(key, side, "area_behind_globe") for key in RECTI for side in ("right", "left")]

    def missing(measured):
        return np.mean([1.0 - measured[key].value / rows[key].value for key in keys])

    assert missing(short) > 0.08
    assert abs(missing(found)) < 0.5 * missing(short)
    for key in keys:
        volume = (*key[:2], "volume")
        assert found[volume].value == short[volume].value, "a volume is that of the label"


def test_true_outlines_hardly_gain_at_the_bone(scanned, rows):
    alone = by_key(measure(scanned[1]))
    for key in RECTI:
        for side in ("right", "left"):
            assert rows[key, side, "greatest_diameter"].value == pytest.approx(
                alone[key, side, "greatest_diameter"].value, abs=0.2), (key, side)


def test_in_a_label_map_without_fat_what_has_no_label_belongs_to_nobody(scanned):
    scan, labels = scanned
    fat = [label_value(key, side) for key in ("orbital_fat", "bony_orbit") for side in Side]
    bare = off_the_bone(labels.with_array(np.where(np.isin(labels.array, fat), 0, labels.array)), scan)
    with_scan, alone = by_key(measure(bare, scan, True)), by_key(measure(bare))
    for key in RECTI:
        assert with_scan[key, "right", "greatest_area"].value == alone[key, "right", "greatest_area"].value, key


def slab(between: float) -> tuple[Image, Image]:
    """A muscle (z < 5), bone from z = 7 on, and ``between`` them two unlabelled layers of so many HU; 0.5-mm voxels."""
    grid = Grid((40, 40, 40), np.diag([0.5, 0.5, 0.5, 1.0]))
    labels, density = np.zeros(grid.shape, dtype=np.uint8), np.full(grid.shape, -95.0, dtype=np.float32)
    labels[4:12, 5:35, 5:35] = label_value("inferior_rectus", Side.RIGHT)
    density[4:12, 5:35, 5:35] = 45.0
    density[12:14], density[14:] = between, 900.0
    density += np.random.default_rng(1).normal(0.0, 8.0, grid.shape)
    return Image(labels, grid.affine), Image(density.astype(np.float32), grid.affine)


@pytest.mark.parametrize(("between", "thicker"), [(45.0, True), (-95.0, False), (150.0, False)],
                         ids=["muscle", "fat", "muscle or fat with bone"])
def test_only_what_is_as_dense_as_the_muscle_is_added(between, thicker):
    labels, ct = slab(between)
    box = box_around(labels.array > 0)
    outline = outline_of(labels.array[box.slices] > 0, box, labels.spacing[::-1], True)
    grown, note = up_to_the_bone(outline, labels, ct)
    added = np.count_nonzero(grown.mask) / np.count_nonzero(outline.mask) - 1.0
    if thicker:
        assert added == pytest.approx(0.25, abs=0.05)
        assert "between its outline and the bone" in note
    else:
        assert added < 0.01
        assert note == ""


def wall(bone: float = 6.0, fat: float = 0.0, blur: float = 0.5) -> Image:
    """A CT of 0.6 mm of muscle (50 HU), a layer of fat, and bone (1000 HU) with brain behind it.

    The muscle ends on the plane y = 10 + x / 2 + z / 4; all thicknesses are those along y (mm).
    """
    fine = Grid((60, 120, 60), np.diag([0.2, 0.2, 0.2, 1.0]))
    points = fine.ras_from_ijk(np.stack(np.meshgrid(*map(np.arange, fine.shape), indexing="ij"), axis=-1)[..., ::-1])
    beyond = points[..., 1] - muscle_end(points[..., 0], points[..., 2])
    density = np.select([beyond < 0.0, beyond < fat, beyond < fat + bone], [50.0, -95.0, 1000.0], 35.0)
    density = ndimage.gaussian_filter(density, blur / 0.2, mode="nearest")
    coarse = density.reshape(20, 3, 40, 3, 20, 3).mean(axis=(1, 3, 5))
    coarse += np.random.default_rng(2).normal(0.0, 12.0, coarse.shape)
    affine = np.diag([0.6, 0.6, 0.6, 1.0])
    affine[:3, 3] = 0.2
    return Image(coarse.astype(np.float32), affine)


def muscle_end(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    return 10.0 + x / 2 + z / 4


def ends_before(missing: float) -> np.ndarray:
    """Where 77 lines along y leave an outline that ends so far before the muscle does (mm)."""
    z, x = (axis.ravel() for axis in np.meshgrid(np.arange(2.0, 7.1, 0.5), np.arange(3.0, 6.1, 0.5), indexing="ij"))
    return np.stack([x, muscle_end(x, z) - missing, z], axis=1)


GROUPS = np.tile(np.arange(7) // 2, 11)


@pytest.mark.parametrize("blur", [0.35, 0.6, 0.9])
@pytest.mark.parametrize("missing", [0.0, 0.7, 1.4])
def test_a_muscle_goes_on_to_the_edge_of_the_bone_but_never_into_it(missing, blur):
    found = beyond_outline(wall(blur=blur), ends_before(missing), FORWARD, 50.0, -95.0, GROUPS)
    assert missing - 0.5 < found < missing + 0.1


@pytest.mark.parametrize("blur", [0.35, 0.6])
def test_fat_before_the_bone_does_not_count_as_muscle(blur):
    found = beyond_outline(wall(fat=0.6, blur=blur), ends_before(0.7), FORWARD, 50.0, -95.0, GROUPS)
    assert found == pytest.approx(0.7, abs=0.1)


@pytest.mark.parametrize("scan", [wall(bone=0.0), wall(bone=0.8), wall(fat=4.0)],
                         ids=["no bone", "thin bone", "far bone"])
def test_the_outline_stands_where_no_thick_bone_is_near(scan):
    assert beyond_outline(scan, ends_before(0.7), FORWARD, 50.0, -95.0, GROUPS) == 0.0


def test_barretts_index_does_not_follow_an_outline_that_keeps_away_from_the_bone(scanned, truth):
    scan, labels = scanned
    found = by_key(measure(off_the_bone(labels, scan, ("lateral_rectus",)), scan, True))
    for side in ("right", "left"):
        true = truth["sides"][side]["bony_orbit"]["barrett_horizontal"]
        assert found["bony_orbit", side, "barrett_horizontal"].value == pytest.approx(true, abs=1.5), side


def spread_ahead(labels: Image, scan: Image, voxels: int = 2) -> Image:
    """The labels with orbital fat that runs into the lids before it, as automatic outlines do."""
    array = labels.array.copy()
    for _time in range(voxels):
        ahead = np.roll(array, -1, axis=1)
        spread = np.isin(ahead, [label_value("orbital_fat", side) for side in Side]) & (array == 0)
        array = np.where(spread & (np.abs(scan.array) < 200), ahead, array)
    return labels.with_array(array)


def test_the_volume_of_the_orbit_ends_at_the_rims_of_the_bone_wherever_fat_is_outlined(scanned, truth, rows):
    scan, labels = scanned
    outlined = spread_ahead(labels, scan)
    found, alone, before = by_key(measure(outlined, scan, True)), by_key(measure(outlined)), by_key(measure(labels))
    for side in ("right", "left"):
        key, true = ("bony_orbit", side, "volume"), truth["sides"][side]["bony_orbit"]
        assert rows[key].value == pytest.approx(true["volume"], rel=0.025), side
        assert before[key].value == pytest.approx(true["volume_of_contents"], rel=0.025), side
        assert "rims: frontmost bone" in rows[key].measured.method
        assert "rims: front ends of the orbit's contents" in alone[key].measured.method
        assert alone[key].value > 1.04 * before[key].value, "1.6 mm of fat before the rims"
        assert found[key].value == pytest.approx(rows[key].value, rel=0.02), side


def test_an_orbit_without_one_of_its_rims_ends_where_its_contents_do(scanned, rows):
    scan, labels = scanned
    array = scan.array.copy()
    eye = np.argwhere(labels.array == label_value("eyeball", Side.RIGHT))
    (low, front, first), (_high, back, last) = eye.min(axis=0), eye.max(axis=0)
    rim = (slice(None, low), slice(front - 10, back), slice(first, last))  # below the eye
    array[rim] = np.minimum(array[rim], 40)
    found = by_key(measure(labels, scan.with_array(array), True))
    assert "rims: front ends" in found["bony_orbit", "right", "volume"].measured.method
    assert found["bony_orbit", "left", "volume"].text == rows["bony_orbit", "left", "volume"].text


def test_a_buckle_around_the_eye_is_no_rim(scanned, rows):
    scan, labels = scanned
    globes = np.isin(labels.array, [label_value("eyeball", side) for side in Side])
    fat = np.isin(labels.array, [label_value("orbital_fat", side) for side in Side])
    equator = np.abs(np.arange(globes.shape[1]) - np.argwhere(globes)[:, 1].mean()) < 4
    array = np.where(ndimage.binary_dilation(globes) & fat & equator[None, :, None], 2000, scan.array)
    found = by_key(measure(labels, scan.with_array(array), True))
    for side in ("right", "left"):
        key = "bony_orbit", side, "volume"
        assert "frontmost bone" in found[key].measured.method
        assert found[key].value == pytest.approx(rows[key].value, rel=0.02), side


def test_barretts_index_of_a_ct_is_known_to_two_or_three_points(rows, scanned):
    alone = by_key(measure(scanned[1]))
    for name in ("barrett_horizontal", "barrett_vertical"):
        key = "bony_orbit", "right", name
        assert 1.5 < rows[key].measured.uncertainty < 3.0
        assert rows[key].measured.uncertainty < 0.7 * alone[key].measured.uncertainty
