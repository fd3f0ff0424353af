"""Lesions of MS and NMOSD that are drawn into brains, and the scans of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from NeuroOrbitLib.anatomy.brain import BrainPart, parts_from_freesurfer
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.artefacts import FalseLesions, add_false_lesions
from NeuroOrbitLib.phantom.brain.head import brain_parts
from NeuroOrbitLib.phantom.brain.plan import (
    FREQUENCIES,
    Disease,
    LesionPlan,
    PatientPlan,
    Pattern,
    patient_with_load,
    random_patient,
)
from NeuroOrbitLib.phantom.brain.raster import draw_lesions
from NeuroOrbitLib.phantom.brain.scans import ScanQuality, on_scan, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BRAIN_SEQUENCES, tissue_signal, tissue_signals
from NeuroOrbitLib.phantom.brain.zones import Zones
from NeuroOrbitLib.phantom.tissue import Tissue
from NeuroOrbitLib.problem import Problem
from Testing.toy_brain import toy_brain


@pytest.fixture(scope="module")
def brain():
    return toy_brain()


@pytest.fixture(scope="module")
def zones(brain):
    return Zones.of(brain.parts, brain.labels.spacing[::-1])


def drawn(zones, *lesions, caps=0.0, seed=1):
    return draw_lesions(PatientPlan(Disease.MS, 40.0, caps, tuple(lesions)), zones, seed)


def lesion(pattern, volume, elongation=2.5):
    return LesionPlan(pattern, volume, elongation, 1.0, 1600.0, 160.0)


def test_every_part_of_the_brain_has_a_place_in_the_label_map(brain):
    assert set(np.unique(brain.parts)) == set(range(len(BrainPart)))


def test_face_and_skull_are_no_part_of_the_brain():
    assert parts_from_freesurfer(np.array([506, 515, 530, 0])).tolist() == [0, 0, 0, 0]


def test_a_label_map_without_a_brain_is_refused_in_words():
    with pytest.raises(Problem, match="holds no whole brain"):
        brain_parts(Image(np.zeros((20, 20, 20), np.int16), np.eye(4)))


def test_patterns_are_as_frequent_as_in_the_cohort():
    rng = np.random.default_rng(0)
    patients = [random_patient(rng, Disease.NMOSD) for _ in range(600)]
    share = np.mean([any(each.pattern is Pattern.LINEAR_EPENDYMAL for each in patient.lesions) for patient in patients])
    assert share == pytest.approx(FREQUENCIES[Pattern.LINEAR_EPENDYMAL][0][0], abs=0.05)
    ms = [random_patient(rng, Disease.MS) for _ in range(600)]
    callosal = np.mean([any(each.pattern is Pattern.CALLOSAL for each in patient.lesions) for patient in ms])
    assert callosal == pytest.approx(0.34, abs=0.06)


def test_mimics_bring_lesions_of_the_other_disease_but_keep_the_label():
    rng = np.random.default_rng(0)
    mixed = [random_patient(rng, Disease.NMOSD, mimics=1.0) for _ in range(300)]
    assert all(patient.disease is Disease.NMOSD for patient in mixed)
    callosal = np.mean([any(each.pattern is Pattern.CALLOSAL for each in patient.lesions) for patient in mixed])
    assert callosal == pytest.approx(0.34, abs=0.08)


@pytest.mark.parametrize("load", [1.0, 8.0, 50.0])
def test_a_wanted_load_is_planned_and_drawn(zones, load):
    plan = patient_with_load(np.random.default_rng(3), Disease.MS, load)
    assert plan.volume_ml == pytest.approx(load, rel=0.05)
    assert any(each.pattern is Pattern.CONFLUENT_BAND for each in plan.lesions) == (load > 12)
    volume = np.count_nonzero(draw_lesions(plan, zones, 1).mask) * 8 / 1000
    assert 0.6 * load < volume < 1.3 * load


def test_a_load_below_that_of_the_smallest_lesions_is_refused():
    assert patient_with_load(np.random.default_rng(3), Disease.MS, 0.05).volume_ml == pytest.approx(0.05, rel=0.2)
    with pytest.raises(ValueError, match=r"at least 0\.05 ml"):
        patient_with_load(np.random.default_rng(3), Disease.MS, 0.01)


@pytest.mark.parametrize("pattern", [each for each in Pattern if each is not Pattern.CONFLUENT_BAND])
def test_each_pattern_finds_its_place(zones, pattern):
    found = drawn(zones, lesion(pattern, 300.0))
    assert len(found.lesions) == 1
    assert (zones.allowed(pattern) | ~found.mask).all()


def test_places_are_those_of_the_patterns(zones):
    assert zones.to_cortex[drawn(zones, lesion(Pattern.U_FIBRE, 200.0)).mask].min() <= 2.0
    assert zones.to_lateral[drawn(zones, lesion(Pattern.EPENDYMAL_DOT, 20.0)).mask].min() <= 2.0
    callosal = drawn(zones, lesion(Pattern.CALLOSAL, 100.0))
    assert zones.parts[callosal.lesions[0].center] == BrainPart.CORPUS_CALLOSUM
    below = np.isin(zones.parts[drawn(zones, lesion(Pattern.INFRATENTORIAL, 200.0)).mask],
                    (BrainPart.BRAINSTEM, BrainPart.CEREBELLAR_WHITE_MATTER))
    assert below.all()


def test_dawson_fingers_stand_on_the_ventricle(zones):
    angles = []
    for seed in range(6):
        found = drawn(zones, lesion(Pattern.DAWSON, 900.0, 3.0), seed=seed)
        points = np.argwhere(found.mask) * 2.0
        axis = np.linalg.eigh(np.cov(points.T))[1][:, 2]
        angles.append(abs(float(axis @ zones.toward_ventricle(found.lesions[0].center))))
    assert np.median(angles) > 0.8


def test_linear_ependymal_lesions_line_a_ventricle(zones):
    found = drawn(zones, lesion(Pattern.LINEAR_EPENDYMAL, 600.0))
    depth = np.minimum(np.minimum(zones.to_lateral, zones.to_third), zones.to_fourth)[found.mask]
    assert depth.max() <= 4.0


def test_lesions_have_the_volume_that_was_planned_and_are_in_one_piece(zones):
    found = drawn(zones, lesion(Pattern.DEEP_WHITE, 400.0))
    assert found.lesions[0].volume == pytest.approx(400.0, rel=0.1)
    assert ndimage.label(found.mask, structure=np.ones((3, 3, 3)))[1] == 1


@pytest.mark.parametrize("edge", [2.5, 4.0])
def test_the_edge_of_a_lesion_is_as_wide_as_planned(zones, edge):
    plan = replace(lesion(Pattern.DEEP_WHITE, 3000.0, 1.0), edge=edge)
    share = drawn(zones, plan).share
    surface = 4 * np.pi * (3 * 3000.0 / (4 * np.pi)) ** (2 / 3)
    between = np.count_nonzero((share > 0.1) & (share < 0.9)) * float(np.prod(zones.spacing))
    assert between / surface == pytest.approx(edge, rel=0.4)


def test_caps_of_age_are_no_lesions(zones):
    found = drawn(zones, lesion(Pattern.PUNCTATE, 20.0), caps=3.0)
    assert found.caps.max() > 0.3
    assert np.count_nonzero(found.mask) < 10


def test_signals_order_the_tissues_as_scanners_do():
    flair, t1 = (tissue_signals(BRAIN_SEQUENCES[name]) for name in ("flair-3d", "t1-3d"))
    assert flair[Tissue.CSF] < 0.2 * flair[Tissue.WHITE_MATTER] < 0.2 * flair[Tissue.GRAY_MATTER]
    assert t1[Tissue.CSF] < t1[Tissue.GRAY_MATTER] < 0.8 * t1[Tissue.WHITE_MATTER]


@pytest.fixture(scope="module")
def heavy(zones):
    return drawn(zones, lesion(Pattern.DEEP_WHITE, 3000.0, 1.0))


def test_lesions_are_bright_in_flair_and_dark_in_t1(brain, zones, heavy):
    for name, low, high in (("flair-3d", 1.4, 2.6), ("t1-3d", 0.3, 0.95)):
        scan = simulate_brain(brain, heavy, BRAIN_SEQUENCES[name], 1, quality=ScanQuality(bias=0.0))
        inside = on_scan(heavy.mask, brain, scan) > 0.9
        white = on_scan((brain.parts == BrainPart.WHITE_MATTER) & (heavy.share == 0), brain, scan) > 0.95
        ratio = np.median(scan.array[inside]) / np.median(scan.array[white])
        assert low < ratio < high, name


def test_a_stripped_scan_shows_the_brain_alone_and_a_whole_one_the_skin(brain, heavy):
    whole, stripped = (simulate_brain(brain, heavy, BRAIN_SEQUENCES["flair-axial-5mm"], 1, coverage)
                       for coverage in ("whole", "stripped"))
    skin = on_scan(brain.labels.array == 511, brain, whole) > 0.8
    assert np.median(whole.array[skin]) > 50
    assert np.median(stripped.array[skin]) == 0
    assert stripped.array.max() > 300


def test_the_same_seed_gives_the_same_scan(brain, heavy):
    first, second, other = (simulate_brain(brain, heavy, BRAIN_SEQUENCES["flair-axial-5mm"], seed).array
                            for seed in (4, 4, 5))
    assert (first == second).all()
    assert first.shape != other.shape or (first != other).any()


@pytest.mark.parametrize("disease", list(Disease))
def test_lesions_are_as_bright_in_flair_as_those_of_patients(disease):
    rng = np.random.default_rng(3)
    lesions = [each for _ in range(30) for each in random_patient(rng, disease).lesions]
    t1, t2 = (np.array([getattr(each, name) for each in lesions]) for name in ("t1", "t2"))
    for sequence in (each for each in BRAIN_SEQUENCES.values() if each.is_flair):
        white = tissue_signals(sequence)[Tissue.WHITE_MATTER]
        ratio = tissue_signal(sequence, np.array(0.86), t1, t2) / white
        assert np.percentile(ratio, 2) > 1.15
        assert 1.3 < np.median(ratio) < 2.0
        assert np.percentile(ratio, 98) < 2.4


def test_lesions_of_multiple_sclerosis_are_about_as_dark_in_t1_as_grey_matter():
    rng, sequence = np.random.default_rng(3), BRAIN_SEQUENCES["t1-3d"]
    lesions = [each for _ in range(30) for each in random_patient(rng, Disease.MS).lesions]
    levels = tissue_signals(sequence)
    signal = tissue_signal(sequence, np.array(0.86), *(np.array([getattr(each, name) for each in lesions])
                                                       for name in ("t1", "t2")))
    white, grey = levels[Tissue.WHITE_MATTER], levels[Tissue.GRAY_MATTER]
    share = (signal - grey) / (white - grey)
    assert -0.3 < np.median(share) < 0.3
    assert np.percentile(share, 95) < 1.0


def test_the_lining_of_the_ventricles_is_bright_and_fades_into_the_brain(brain, zones):
    levels = tissue_signals(BRAIN_SEQUENCES["flair-3d"])
    plain = np.ones(brain.parts.shape, np.float32)
    only_rim = replace(FalseLesions.none(), rim=0.5, rim_width=2.0)
    more = add_false_lesions(plain, brain.parts, levels, only_rim, np.random.default_rng(0)) - 1
    white = brain.parts == BrainPart.WHITE_MATTER
    near, away = (float(more[white & (zones.to_lateral > low) & (zones.to_lateral <= low + 2)].mean())
                  for low in (0, 4))
    assert near > 2 * away > 0
    for part in (BrainPart.LATERAL_VENTRICLE, BrainPart.DEEP_GREY, BrainPart.CORTEX):
        assert not more[brain.parts == part].any()
    assert more[zones.to_lateral > 12].max() < 0.01


def test_grey_matter_is_brighter_than_white_matter_in_everybodys_flair():
    rng = np.random.default_rng(4)
    for sequence in (each for each in BRAIN_SEQUENCES.values() if each.is_flair):
        levels = np.array([tissue_signals(sequence, rng) for _ in range(200)])
        ratio = levels[:, Tissue.GRAY_MATTER] / levels[:, Tissue.WHITE_MATTER]
        assert np.mean(ratio > 1.0) > 0.95


def test_lesions_of_one_patient_look_alike_more_than_those_of_two():
    rng = np.random.default_rng(5)
    patients = [random_patient(rng, Disease.NMOSD) for _ in range(40)]
    logs = [np.log([each.t2 for each in patient.lesions if each.t1 < 1500]) for patient in patients]
    within = np.mean([values.std() for values in logs if len(values) > 3])
    assert within < np.std([values.mean() for values in logs if len(values) > 3])
