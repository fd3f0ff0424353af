"""How likely what is drawn is wrong, voxel by voxel, and the file that says so."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.geometry import Box
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib import pipeline
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.doubt_map import DoubtMap
from OrbitSegmentationLib.any_contrast.on_scan import labels_on_grid
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit
from OrbitSegmentationLib.orbit_frame import OrbitFrame
from Testing.Experiments.validation.orbit.phantoms import quick_phantom

MUSCLE, FAT = (LABEL_OF_CLASS.index(label_value(key, Side.RIGHT)) for key in ("medial_rectus", "orbital_fat"))


def test_doubt_is_the_share_of_what_is_not_drawn_and_fat_against_nothing_is_none():
    frame = OrbitFrame((0.0, 0.0, 0.0), Side.RIGHT)
    grid = frame.grid(1.0)
    shares = np.zeros((CLASS_COUNT, *grid.shape), np.float32)
    shares[0] = 1.0
    for row, (muscle, fat) in enumerate(((0.8, 0.2), (0.3, 0.7), (0.0, 0.5))):
        shares[:, 20 + row, 20:40, 20:40] = 0.0
        shares[MUSCLE, 20 + row, 20:40, 20:40], shares[FAT, 20 + row, 20:40, 20:40] = muscle, fat
        shares[0, 20 + row, 20:40, 20:40] = 1.0 - muscle - fat
    labels, doubt = np.zeros(grid.shape, np.uint8), DoubtMap.of(grid.shape)
    labels_on_grid(SegmentedOrbit(frame, shares, 1.0), labels, grid, LABEL_OF_CLASS, doubt=doubt)
    assert [int(doubt.percent[20 + row, 30, 30]) for row in range(3)] == [20, 30, 0]
    assert labels[20, 30, 30] == label_value("medial_rectus", Side.RIGHT)


def test_what_is_taken_away_or_added_in_the_end_is_as_doubtful_as_it_was_sure():
    doubt, everywhere = DoubtMap.of((1, 1, 4)), Box((0, 0, 0), (1, 1, 4))
    drawn = np.array([[[5, 5, 0, 5]]], np.uint8)
    doubt.add(everywhere, drawn, {5: np.array([[[0.9, 0.9, 0.2, 0.9]]], np.float32)})
    assert doubt.percent.ravel().tolist() == [10, 10, 20, 10]
    final, bone = np.array([[[True, False, True, False]]]), np.array([[[False, False, False, True]]])
    doubt.settle(drawn > 0, final, bone)
    assert doubt.percent.ravel().tolist() == [10, 90, 80, 0]


def test_no_doubt_is_no_image_and_a_little_is_one_around_it():
    doubt = DoubtMap.of((10, 10, 10))
    assert doubt.image(np.eye(4)) is None
    doubt.percent[3, 4:6, 5] = 40
    image = doubt.image(np.diag([2.0, 2.0, 2.0, 1.0]))
    assert image.array.shape == (1, 2, 1) and image.grid.ras_from_ijk((0, 0, 0)).tolist() == [10.0, 8.0, 6.0]


def test_the_file_lies_over_the_outlines_and_reports_keep_no_path_of_it(tmp_path):
    from NeuroOrbitLib import privacy

    scan = save_image(quick_phantom().load().image, tmp_path / "scan.nii")
    answer = pipeline.segment_file(str(scan), str(tmp_path / "labels.nii.gz"), views=1, doubt=True)
    assert answer["doubt"] == str(tmp_path / "labels_doubt.nii.gz")
    doubt, labels = load_image(answer["doubt"]), load_image(answer["labels"])
    places = np.argwhere(doubt.array > 40)
    ijk = np.rint(labels.grid.ijk_from_ras(doubt.grid.ras_from_ijk(places[:, ::-1]))).astype(int)
    from scipy import ndimage
    depth = ndimage.distance_transform_edt(labels.array == 0) + ndimage.distance_transform_edt(labels.array > 0)
    assert len(places) > 500 and np.median(depth[tuple(ijk.T[::-1])]) <= 2, "doubt is greatest at outlines"
    assert doubt.array.max() <= 100 and not {"doubt", "labels"} & set(privacy.without_paths(answer))


def test_no_doubt_of_an_earlier_run_stays_beside_new_labels_and_a_scan_of_its_name_does(tmp_path):
    head = quick_phantom().load().image
    scan, older = (save_image(head, tmp_path / name) for name in ("scan.nii", "labels_doubt.nii"))
    pipeline.segment_file(str(scan), str(tmp_path / "labels.nii"), views=1)
    assert not older.exists()
    scan = scan.rename(older)
    pipeline.segment_file(str(scan), str(tmp_path / "labels.nii"), views=1)
    assert scan.exists()


def test_the_file_never_replaces_the_scan(tmp_path):
    scan = save_image(quick_phantom().load().image, tmp_path / "labels_doubt.nii")
    before = scan.read_bytes()
    with pytest.raises(Problem):
        pipeline.segment_file(str(scan), str(tmp_path / "labels.nii"), views=1, doubt=True)
    assert scan.read_bytes() == before and not (tmp_path / "labels.nii").exists()
