"""No eye is drawn in the fat of an orbit whose eye was removed, and eyes that are there stay."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.models import find_package
from NeuroOrbitLib.phantom.head.shape import random_head_shape
from NeuroOrbitLib.phantom.materials import Material
from NeuroOrbitLib.phantom.orbit.activity import HEALTHY
from NeuroOrbitLib.phantom.orbit.surgery import enucleated, filled
from NeuroOrbitLib.phantom.patients.patient import scan_patient
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.rendering import Pose
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.empty_sockets import without_invented_eyes
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
from OrbitSegmentationLib.orbit_frame import OrbitFrame
from OrbitSegmentationLib.pipeline import segment_image
from OrbitSegmentationLib.quality.coverage import socket_notices

FRAMES = {Side.RIGHT: OrbitFrame((32.0, 0.0, 0.0), Side.RIGHT), Side.LEFT: OrbitFrame((-32.0, 0.0, 0.0), Side.LEFT)}
EYE, LENS, MUSCLE, FAT = (LABEL_OF_CLASS.index(label_value(key, Side.RIGHT))
                          for key in ("eyeball", "lens", "medial_rectus", "orbital_fat"))


def orbit(side: Side) -> SegmentedOrbit:
    """Fat with an eye of 12 mm and a muscle behind it."""
    frame = FRAMES[side]
    grid = frame.grid(1.0)
    places = grid.ras_from_ijk(np.moveaxis(np.indices(grid.shape), 0, -1)[..., ::-1].astype(float)) - frame.center
    classes = np.full(grid.shape, FAT)
    classes[np.abs(places - [0, -24, 0]).max(axis=-1) < 5] = MUSCLE
    classes[np.linalg.norm(places, axis=-1) < 12] = EYE
    classes[np.linalg.norm(places - [0, 7, 0], axis=-1) < 3] = LENS
    return SegmentedOrbit(frame, np.eye(CLASS_COUNT, dtype=np.float32)[classes].transpose(3, 0, 1, 2), 1.0)


def image(orbits, fat: float, muscle: float, vitreous: float, noise: float, held: dict[Side, float]) -> Image:
    """A scan of these orbits; ``held`` is the grey value of what an outline holds instead of an eye."""
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, 3] = (-70.0, -48.0, -30.0)
    scan = Image(np.zeros((60, 78, 140), np.float32), affine)
    grey = np.full_like(scan.array, fat)
    for each in orbits:
        values = np.select([each.classes == MUSCLE, np.isin(each.classes, (EYE, LENS))],
                           [muscle, held.get(each.frame.side, vitreous)], fat)
        shown = resample(Image(values, each.grid.affine), scan.grid, "nearest", fill=-2000.0).array
        grey = np.where(shown > -2000.0, shown, grey)
    grey[:, -8:] = -1000.0 if fat < 0 else 0.0
    return scan.with_array(grey + np.random.default_rng(2).normal(0, noise, grey.shape))


def emptied(contrast: tuple[float, ...], held: dict[Side, float], is_ct: bool, sides=tuple(Side)):
    orbits = [orbit(side) for side in sides]
    scan = image(orbits, *contrast, held)
    return without_invented_eyes(orbits, scan, is_ct, float(scan.array.min()))


CT, T1, T2 = (-95.0, 45.0, 8.0, 12.0), (850.0, 350.0, 220.0, 20.0), (490.0, 400.0, 1000.0, 25.0)


@pytest.mark.parametrize(("contrast", "is_ct"), [(CT, True), (T1, False), (T2, False)], ids=["CT", "T1", "T2"])
def test_the_eye_that_was_drawn_in_fat_becomes_fat(contrast, is_ct):
    after, empty = emptied(contrast, {Side.LEFT: contrast[0]}, is_ct)
    assert empty == {Side.LEFT}
    right, left = after
    assert np.array_equal(right.probabilities, orbit(Side.RIGHT).probabilities)
    assert not np.isin(left.classes, (EYE, LENS)).any()
    assert (left.classes == FAT).sum() > (orbit(Side.LEFT).classes == FAT).sum() + 7000
    assert np.allclose(left.probabilities.sum(axis=0), 1.0)


@pytest.mark.parametrize(("contrast", "held", "is_ct"), [
    (CT, {}, True), (T1, {}, False), (T2, {}, False),
    (CT, {Side.LEFT: 120.0}, True), (T1, {Side.LEFT: 450.0}, False),  # silicone oil
    (CT, {Side.LEFT: -900.0}, True),  # gas
    ((80.0, 290.0, 840.0, 10.0), {Side.LEFT: 85.0}, False),  # dark as suppressed fat: blood or an implant, too
    ((180.0, 620.0, 190.0, 20.0), {}, False),  # a vitreous as dark as suppressed fat
], ids=["CT", "T1", "T2", "oil in CT", "oil in T1", "gas", "dark blood", "T1 with suppressed fat"])
def test_whatever_else_an_eye_holds_is_left_to_the_reader(contrast, held, is_ct):
    after, empty = emptied(contrast, held, is_ct)
    assert not empty
    for each, side in zip(after, Side, strict=True):
        assert np.array_equal(each.probabilities, orbit(side).probabilities)


def test_a_lone_eye_is_judged_in_ct_and_not_in_mri():
    assert emptied(CT, {Side.LEFT: CT[0]}, True, (Side.LEFT,))[1] == {Side.LEFT}
    assert not emptied(T1, {Side.LEFT: T1[0]}, False, (Side.LEFT,))[1]


def test_the_notice_names_the_side_in_plain_words():
    (notice,) = socket_notices({Side.RIGHT})
    assert notice["text"].startswith("The right eye is missing: what is in its place looks like fat")
    assert socket_notices(frozenset()) == []


@pytest.fixture(scope="module")
def package():
    return find_package(DEFAULT_MODEL)


def scanned(side: str, change) -> Image:
    head = random_head_shape(np.random.default_rng(3), "F")
    head = replace(head, **{side: change(getattr(head, side))})
    plan = replace(protocol("ct-fast"), spacing=(1.2, 1.2, 1.6), thickness=1.6, size=(132, 96, 54), center=(0, -17, 0))
    return scan_patient(head, Pose.neutral(), HEALTHY, plan, 3).image


def volumes(result) -> dict[str, float]:
    return {row["name"]: row["volume_ml"] for row in result.measurements}


def test_of_a_patient_without_a_right_eye_the_left_one_is_measured_and_the_right_one_told(package):
    result = segment_image(scanned("right", enucleated), package, views=1)
    found, texts = volumes(result), [notice["text"] for notice in result.notices]
    assert "Right eyeball" not in found and "Right lens" not in found and found["Left eyeball"] > 5.5
    assert found["Right medial rectus muscle"] > 0.3
    assert sum("The right eye is missing" in text for text in texts) == 1
    assert not any("Not found" in text or "blurred" in text for text in texts)
    json.dumps(result.quality)


@pytest.mark.parametrize(("change", "remark"), [
    (lambda shape: enucleated(shape, Material.HYDROXYAPATITE, 20.0, has_prosthesis=True), "prosthesis?"),
    (lambda shape: filled(shape, Material.GAS), "gas?")], ids=["implant", "gas"])
def test_an_implant_and_gas_are_told_by_name_and_not_taken_for_bone_or_a_removed_face(package, change, remark):
    result = segment_image(scanned("left", change), package, views=1)
    rows = {row["name"]: row for row in result.measurements}
    texts = [notice["text"] for notice in result.notices]
    assert rows["Left eyeball"]["not_measured"] == remark and rows["Left eyeball"]["voxels"] * 1.2 * 1.2 * 1.6 > 4500
    assert rows["Right eyeball"]["volume_ml"] > 5.5
    assert not any("Not found" in text or "removal of the face" in text for text in texts)
    assert not any("eyeball" in text for text in texts if text.startswith("Partly taken out"))
