"""What a user is told about a segmentation: each check alone, on label maps and numbers made for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.normative import published_range
from NeuroOrbitLib.anatomy.structures import Side, label_name, label_value
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.geometry import Box
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence, StructureConfidence
from OrbitSegmentationLib.any_contrast.orbit_facts import OrbitFacts, orbit_facts
from OrbitSegmentationLib.any_contrast.segment import SPACING, SegmentedOrbit
from OrbitSegmentationLib.orbit_frame import OrbitFrame
from OrbitSegmentationLib.quality.coverage import (
    blur_notices,
    coverage_notices,
    defacing_notices,
    upside_down_notices,
)
from OrbitSegmentationLib.quality.doubts import find_doubts
from OrbitSegmentationLib.quality.novelty import REFERENCE, novelty_of
from OrbitSegmentationLib.quality.places import mirror_notices, place_notices
from OrbitSegmentationLib.quality.plausibility import (
    fragment_notices,
    impossible_notices,
    joined_notices,
    symmetry_notices,
    volume_notices,
)
from OrbitSegmentationLib.quality.review import review
from OrbitSegmentationLib.run_model import Found

FRAME = OrbitFrame((31.0, 5.0, 2.0), Side.LEFT)
GRID = FRAME.grid(SPACING)
USUAL_FACTS = OrbitFacts(seen=1.0, emptied=0.0, certainty=REFERENCE["certainty"][0], air_rank=0.05, above=0.4)


def points() -> np.ndarray:
    """Distance vectors (mm) of the box's voxels from the middle of the globe, x to the patient's right."""
    kji = np.moveaxis(np.indices(GRID.shape), 0, -1)
    return GRID.ras_from_ijk(kji[..., ::-1]) - FRAME.center


def eye(empty_below: float | None = None) -> tuple[SegmentedOrbit, Image]:
    """A globe in tissue with air in front of it; below some height (mm) the image may be empty."""
    offset = points()
    globe = np.linalg.norm(offset, axis=-1) < 12
    values = np.where(globe, 60.0, 100.0)
    values[offset[..., 1] > 14] = 3.0
    if empty_below is not None:
        values[offset[..., 2] < empty_below] = 0.0
    probabilities = np.zeros((CLASS_COUNT, *GRID.shape), np.float32)
    probabilities[1] = globe
    probabilities[0] = ~globe
    values[0, 0, 0], values[-1, 0, 0] = 0.0, 200.0
    return SegmentedOrbit(FRAME, probabilities, 1.0), Image(values.astype(np.float32), GRID.affine)


def row(key: str, side: str, milliliters: float, voxels: int = 1000) -> dict:
    value = label_value(key, side)
    return {"label": value, "structure": key, "name": label_name(value), "voxels": voxels, "volume_ml": milliliters}


def test_a_face_that_was_removed_below_the_eye_is_told_and_an_intact_one_is_not():
    assert orbit_facts(*eye(), is_ct=False).emptied == 0.0
    for height in (-9.0, -13.0):
        emptied = orbit_facts(*eye(height), is_ct=False).emptied
        assert "left eyeball" in defacing_notices({Side.RIGHT: 0.0, Side.LEFT: emptied})[0]["text"]
    assert defacing_notices({Side.RIGHT: 0.0, Side.LEFT: 0.0}) == []


def test_gas_in_the_eye_is_no_removed_face():
    orbit, image = eye()
    image.array[(np.linalg.norm(points(), axis=-1) < 10) & (points()[..., 1] > -4)] = 0.0
    assert orbit_facts(orbit, image, is_ct=False).emptied == 0.0


def test_dark_spots_in_the_eye_are_no_removed_face():
    orbit, image = eye()
    image.array[np.linalg.norm(points() - (2, -3, 1), axis=-1) < 4] = 0.0
    assert orbit_facts(orbit, image, is_ct=False).emptied == 0.0


def test_grey_values_that_are_turned_round_are_noticed_by_the_bright_air():
    orbit, image = eye()
    usual, turned = (orbit_facts(orbit, scan, is_ct=False) for scan in (image, image.with_array(200 - image.array)))
    assert usual.air_rank < 0.3 and turned.air_rank > 0.6
    assert not novelty_of([replace(USUAL_FACTS, air_rank=usual.air_rank)], []).is_unusual
    novelty = novelty_of([replace(USUAL_FACTS, air_rank=turned.air_rank)], [])
    assert novelty.is_unusual and "seem to be inverted" in novelty.notices()[0]["text"]


def head_around_the_eye(top: float, bottom: float, height: float = 40.0) -> tuple[SegmentedOrbit, Image]:
    """The globe of :func:`eye` in a larger scan with given brightness above and below the orbit."""
    orbit, _ = eye()
    grid = FRAME.grid(2.0, (-40.0, -50.0, -height), (40.0, 30.0, height))
    kji = np.moveaxis(np.indices(grid.shape), 0, -1)
    offset = grid.ras_from_ijk(kji[..., ::-1]) - FRAME.center
    values = np.full(grid.shape, 90.0)
    values[offset[..., 2] > 17], values[offset[..., 2] < -17], values[offset[..., 1] > 14] = top, bottom, 2.0
    return orbit, Image(values.astype(np.float32), grid.affine)


def test_a_scan_that_is_stored_upside_down_is_told():
    upright, flipped = (orbit_facts(*head_around_the_eye(*parts), is_ct=False).above for parts in ((80, 5), (5, 80)))
    assert upright > 0.5 and flipped < -0.5
    assert upside_down_notices([upright, upright]) == []
    assert "upside down" in upside_down_notices([flipped, flipped])[0]["text"]
    # One side with a filled sinus does not outweigh the other.
    assert upside_down_notices([upright, -0.1]) == []


def test_a_scan_that_ends_at_the_orbit_does_not_say_what_is_up():
    facts = orbit_facts(*head_around_the_eye(5, 80, height=22.0), is_ct=False)
    assert facts.above is None and upside_down_notices([facts.above]) == []


def test_turned_grey_values_are_not_called_upside_down_as_well():
    found = Found(Image(np.zeros((4, 4, 4), np.uint8), np.eye(4)), {Side.RIGHT: 1.0, Side.LEFT: 1.0},
                  facts={side: replace(USUAL_FACTS, air_rank=0.9, above=-0.5) for side in Side})
    texts = " ".join(notice["text"] for notice in review(found, []).notices)
    assert "seem to be inverted" in texts and "upside down" not in texts


def test_novelty_counts_standard_deviations_on_the_bad_side_only():
    mean, sd = REFERENCE["confidence"]
    assert novelty_of([USUAL_FACTS], [mean + 5 * sd]).score == pytest.approx(0.0)
    strange = novelty_of([USUAL_FACTS], [mean - 4 * sd, mean - 4 * sd])
    assert strange.score == pytest.approx(4.0) and "looks unlike those" in strange.notices()[0]["text"]
    own = {"confidence": (0.5, 0.1), "certainty": (0.5, 0.1)}
    assert not novelty_of([USUAL_FACTS], [mean - 4 * sd], own).is_unusual


def test_what_reaches_the_edge_of_what_the_scan_shows_is_named_but_fat_is_not():
    def told(labels, scan=None):
        found = Found(Image(labels, np.eye(4)), dict.fromkeys(Side, 1.0))
        return [notice["text"] for notice in review(found, [], scan=scan).notices]

    labels = np.zeros((20, 20, 20), np.uint8)
    labels[:4, 5:9, 5:9], labels[10, 10, 10], labels[12:, 12:, 12:] = 9, 1, 21
    texts = told(labels)
    assert len(texts) == 1 and "Right medial rectus" in texts[0] and "eyeball" not in texts[0] and "fat" not in texts[0]
    grey, below = np.random.default_rng(1).normal(200, 20, labels.shape), ((3, 0), (0, 0), (0, 0))
    assert told(np.pad(labels, below)) == []
    assert told(np.pad(labels, below), Image(np.pad(grey, below), np.eye(4))) == texts, "padding is no part of the scan"


def test_sides_may_differ_in_muscles_more_than_in_eyes():
    rows = [row("eyeball", "right", 9.0), row("eyeball", "left", 6.0), row("medial_rectus", "right", 1.2),
            row("medial_rectus", "left", 0.8)]
    texts = [notice["text"] for notice in symmetry_notices(rows)]
    assert len(texts) == 1 and "eyeball" in texts[0] and "9.00 ml right, 6.00 ml left" in texts[0]
    assert symmetry_notices([row("lens", "right", 0.17), row("lens", "left", 0.22)]) == []
    assert symmetry_notices([row("lens", "right", 0.12), row("lens", "left", 0.22)])


def test_implausible_volumes_are_told_with_the_published_range():
    low, high = published_range("optic_nerve")
    text = volume_notices([row("optic_nerve", "left", 9.0)])[0]["text"]
    assert "Left optic nerve: 9.00 ml" in text and f"{low:.2f} to {high:.2f} ml in healthy adults" in text


def test_eyes_of_an_impossible_size_make_the_voxel_size_doubtful():
    assert "voxel size of the file" in volume_notices([row("eyeball", "left", 3.8)])[0]["text"]


def test_densities_of_bone_and_air_are_no_soft_tissue_in_ct():
    rows = [{**row("lacrimal_gland", "right", 0.5), "mean_intensity": 206.0},
            {**row("medial_rectus", "right", 0.5), "mean_intensity": 55.0},
            {**row("orbital_fat", "right", 9.0), "mean_intensity": -90.0}]
    found = Found(Image(np.zeros((4, 4, 4), np.uint8), np.eye(4)), {Side.RIGHT: 1.0, Side.LEFT: 1.0})
    texts = [notice["text"] for notice in review(found, rows, is_ct=True).notices if "HU" in notice["text"]]
    assert len(texts) == 1 and "acrimal gland: 206 HU" in texts[0]
    assert not any("HU" in notice["text"] for notice in review(found, rows).notices)


def test_structures_that_fell_into_pieces_are_named():
    rows = [row("optic_nerve", "right", 0.3, voxels=300), row("eyeball", "right", 7.0, voxels=7000)]
    texts = [notice["text"] for notice in fragment_notices(rows, {3: 600.0, 1: 7100.0})]
    assert len(texts) == 1 and "Right optic nerve" in texts[0] and "eyeball" not in texts[0]


def muscles(medial_x: float) -> Image:
    """A left orbit of cubes; the medial rectus at ``medial_x`` mm from the globe, to the patient's right."""
    labels, offset = np.zeros(GRID.shape, np.uint8), points()
    for key, middle in {"eyeball": (0, 0, 0), "optic_nerve": (5, -25, 0), "medial_rectus": (medial_x, -15, 0),
                        "lateral_rectus": (-11, -15, 0), "superior_rectus": (0, -15, 11)}.items():
        labels[np.abs(offset - np.array(middle)).max(axis=-1) < 2.5] = label_value(key, "left")
    return Image(labels, GRID.affine)


def test_a_muscle_on_the_wrong_side_of_the_nerve_is_named():
    assert place_notices(muscles(medial_x=15)) == []
    assert "Left medial rectus" in place_notices(muscles(medial_x=-12))[0]["text"]


def unsure_nerve() -> tuple[Image, ScanConfidence]:
    """A nerve of ten slices that is unsure in the fifth and sixth."""
    labels = np.zeros((30, 20, 20), np.uint8)
    labels[10:20, 8:12, 6:10] = 3
    affine = np.diag([1.0, 1.0, 2.0, 1.0])
    affine[:3, 3] = (10, 20, 30)
    image = Image(labels, affine)
    confidence, probability = ScanConfidence.of(image.grid), np.where(labels == 3, 0.95, 0.0)
    probability[14:16] = np.where(labels[14:16] == 3, 0.5, 0.2)
    confidence.add(Box((0, 0, 0), labels.shape), labels, {3: probability})
    return image, confidence


def test_unsure_slices_are_listed_with_the_place_to_jump_to():
    labels, confidence = unsure_nerve()
    doubt, = find_doubts(labels, confidence)
    assert (doubt.name, doubt.plane, doubt.slices) == ("Right optic nerve", "axial", 2)
    assert doubt.position_ras == (10 + 7.5, 20 + 9.5, 30 + 2 * 14) and doubt.confidence < 0.5


def test_a_review_gathers_everything_as_plain_data():
    labels, confidence = unsure_nerve()
    found = Found(labels, {Side.RIGHT: 1.0}, {1: "Right eyeball"}, confidence, {Side.RIGHT: USUAL_FACTS})
    checks = review(found, [row("optic_nerve", "right", 0.32, voxels=160)])
    texts = " ".join(notice["text"] for notice in checks.notices)
    assert "left eye was not found" in texts and "Not found: Right eyeball" in texts
    data = checks.as_data()
    assert data["look_at"][0]["label"] == 3 and data["look_at"][0]["position_ras"] == [17.5, 29.5, 58.0]
    assert data["novelty"]["values"]["certainty"] == pytest.approx(REFERENCE["certainty"][0])


def test_how_sure_the_chiasm_is_says_nothing_about_how_unusual_the_orbits_are():
    labels, confidence = unsure_nerve()
    found = Found(labels, {Side.RIGHT: 1.0}, {}, confidence, {Side.RIGHT: USUAL_FACTS})
    alone = review(found, []).novelty.as_data()
    nerve = confidence.structures[label_value("optic_nerve", "right")]
    confidence.structures[label_value("optic_chiasm")] = StructureConfidence(
        0.1 * nerve.inside, nerve.everywhere, nerve.size)
    assert review(found, []).novelty.as_data() == alone


def test_recti_that_differ_beyond_what_healthy_sides_do_are_told_with_the_usual_ratio():
    rows = [row("medial_rectus", "right", 0.95), row("medial_rectus", "left", 0.46)]
    text = symmetry_notices(rows)[0]["text"]
    assert "0.95 ml right, 0.46 ml left (usual up to 1.7 times)" in text
    assert symmetry_notices([row("medial_rectus", "right", 0.80), row("medial_rectus", "left", 0.60)]) == []


def test_specks_of_what_is_thin_raise_no_notice():
    assert fragment_notices([row("superior_oblique", "left", 0.3, voxels=300)], {16: 600.0}) == []


def test_interpolated_and_impossible_parts_are_told_if_they_are_large():
    rows = [row("inferior_rectus", "right", 0.6, voxels=600), row("lacrimal_gland", "left", 0.2, voxels=200)]
    assert "Right inferior rectus muscle. What lies between" in joined_notices(rows, {7: 100})[0]["text"]
    assert joined_notices(rows, {7: 20}) == []
    taken_out = impossible_notices(rows, {14: 300, 7: 20, 6: 90})[0]["text"]
    assert "Left lacrimal gland" in taken_out and "inferior rectus" not in taken_out
    assert "Left superior rectus" in taken_out, "what was taken out as a whole is named, too"


def test_a_side_that_nothing_but_anatomy_tells_is_called_uncertain():
    unsure, known = (coverage_notices({Side.LEFT: 1.0}, is_unsure)[0]["text"] for is_unsure in (True, False))
    assert "side of the other one is uncertain" in unsure and "it is the left one" in unsure
    assert "uncertain" not in known and "right eye was not found" in known


def test_a_blurred_face_is_told_once_for_both_sides():
    assert blur_notices(frozenset()) == []
    assert "in front of the right and left eye is blurred" in blur_notices(frozenset(Side))[0]["text"]


def both_orbits(moved: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Image:
    """Globes with a medial rectus each; the left one is moved by some mm."""
    labels = np.zeros((30, 50, 100), np.uint8)
    kji = np.moveaxis(np.indices(labels.shape), 0, -1)
    for side, x in ((Side.RIGHT, 80), (Side.LEFT, 20)):
        eye, shift = np.array([x, 35, 15]), moved if side is Side.LEFT else (0, 0, 0)
        labels[np.linalg.norm(kji[..., ::-1] - eye, axis=-1) < 9] = label_value("eyeball", side)
        muscle = eye + np.array((-11 * side.x_sign, -12, 0)) + np.array(shift)
        labels[np.abs(kji[..., ::-1] - muscle).max(axis=-1) < 2.5] = label_value("medial_rectus", side)
    return Image(labels, np.eye(4))


@pytest.mark.parametrize(("moved", "told"), [((0, 0, 0), False), ((0, 6, 0), False), ((3, 0, 2), False),
                                             ((7, 0, 0), True), ((0, 0, -7), True)])
def test_a_muscle_that_lies_elsewhere_than_on_the_other_side_is_named(moved, told):
    texts = [notice["text"] for notice in mirror_notices(both_orbits(moved))]
    assert bool(texts) == told and all("medial rectus muscle" in text for text in texts)
