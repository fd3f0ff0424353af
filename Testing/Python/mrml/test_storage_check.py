"""Apply looks at the file that a volume was loaded from: Slicer shows damaged files without a word."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pydicom
import pytest
import slicer
import vtk
from DICOMLib import DICOMUtils

from NeuroDifferentialLib.mrml.lesion_nodes import ANATOMY_REFERENCE
from NeuroDifferentialLib.mrml.runs import DEFAULT_TOOL, Steps
from NeuroOrbitLib.imaging import reading
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.follow_up import start_follow_up
from NeuroOrbitLib.mrml.measuring import start_measuring
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.segment_masks import label_image, union_of_segments
from NeuroOrbitLib.mrml.segmentations import add_segmentation, show_in_3d
from NeuroOrbitLib.mrml.storage_check import check_storage, notes_about_file, notes_about_slices
from NeuroOrbitLib.mrml.visits import set_date
from NeuroOrbitLib.mrml.volumes import UnsuitableVolume, node_from_image
from NeuroOrbitLib.problem import Problem
from Testing.dicom_series import edit, files_of, write_image, write_text


def scan() -> Image:
    return Image(np.random.default_rng(0).integers(0, 1000, (40, 60, 60)).astype(np.int16), np.diag([1, 1, 2, 1]))


def damage(path: Path) -> None:
    """Zero a block in the compressed voxels."""
    content = bytearray(path.read_bytes())
    place = 3 * len(content) // 4
    content[place : place + 200] = bytes(200)
    path.write_bytes(content)


@pytest.fixture()
def damaged(slicer_session, tmp_path):
    """A volume that was loaded from a damaged file."""
    path = save_image(scan(), tmp_path / "scan.nii.gz")
    damage(path)
    node = slicer.util.loadVolume(str(path))
    assert node is not None and not np.array_equal(slicer.util.arrayFromVolume(node), scan().array)
    return node


def test_a_volume_of_a_damaged_file_is_refused_in_words(damaged):
    with pytest.raises(UnsuitableVolume, match=r"file that 'scan' was loaded from.*scan\.nii\.gz.*damaged"):
        check_storage(damaged)


def test_an_analysis_does_not_start_on_it_and_leaves_nothing(damaged):
    class Runner:
        """Starts nothing."""

    before = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(UnsuitableVolume, match="damaged"):
        VolumeRun(Runner(), "module:function", damaged, {}, lambda run, answer: None)
    assert slicer.mrmlScene.GetNumberOfNodes() == before


def test_a_volume_that_was_changed_since_is_taken_as_it_is(damaged):
    slicer.util.updateVolumeFromArray(damaged, scan().array)
    check_storage(damaged)


def test_a_volume_whose_file_is_gone_or_that_never_had_one_is_taken_as_it_is(damaged):
    os.remove(damaged.GetStorageNode().GetFileName())
    check_storage(damaged)
    check_storage(node_from_image(scan(), "made here"))
    assert notes_about_file(damaged) == []


@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz", "scan.nrrd", "scan.mha", "scan.nhdr"])
def test_a_whole_file_is_read_once_and_again_when_it_changes(slicer_session, tmp_path, monkeypatch, name):
    path = save_image(scan(), tmp_path / name)
    node = slicer.util.loadVolume(str(path))
    read, count = reading.read_file, []
    monkeypatch.setattr(reading, "read_file", lambda place: count.append(place) or read(place))
    check_storage(node)
    check_storage(node)
    assert len(count) == 1
    data = path.with_suffix(".raw") if name.endswith("nhdr") else path
    data.write_bytes(data.read_bytes()[:-9])
    with pytest.raises(UnsuitableVolume, match="cut off"):
        check_storage(node)
    assert len(count) == 2


def test_the_file_itself_is_never_changed(slicer_session, tmp_path):
    path = save_image(scan(), tmp_path / "scan.nii.gz")
    check_storage(slicer.util.loadVolume(str(path)))
    np.testing.assert_array_equal(load_image(path).array, scan().array)


class NoRunner:
    """Starts nothing."""


def test_maps_and_earlier_scans_of_damaged_files_are_refused_too(damaged):
    whole = node_from_image(scan(), "whole")
    labels = np.zeros(scan().array.shape, np.uint8)
    labels[10:20, 10:20, 10:20], labels[10:20, 10:20, 40:50] = 2, 1
    now, before = (add_segmentation(Image(labels, scan().affine), node, node.GetName()) for node in (whole, damaged))
    with pytest.raises(UnsuitableVolume, match="damaged"):
        start_measuring(NoRunner(), now, "Module", {"t2": damaged})
    for node, day in ((whole, "2024-06-01"), (damaged, "2024-03-01")):
        set_date(node, day)
    with pytest.raises(UnsuitableVolume, match="damaged"):
        start_follow_up(NoRunner(), now, [before], "Module")


def test_t1_and_earlier_visit_of_damaged_files_are_refused_too(damaged):
    steps, whole = Steps(NoRunner(), "Module"), node_from_image(scan(), "whole")
    with pytest.raises(UnsuitableVolume, match="damaged"):
        steps.find(whole, damaged)
    with pytest.raises(UnsuitableVolume, match="damaged"):
        steps.compare(whole, damaged)


@pytest.fixture()
def volume(slicer_session):
    return node_from_image(scan(), "scan")


def labels_of(volume) -> Image:
    labels = np.zeros(scan().array.shape, np.uint8)
    labels[10:20, 10:20, 10:20], labels[10:20, 10:20, 40:50] = 2, 1
    return Image(labels, scan().affine)


def saved(volume, path, layers: int = 1):
    """A segmentation as Slicer loads it from a file that it wrote itself."""
    node = add_segmentation(labels_of(volume), volume, path.name.partition(".")[0])
    for number in range(layers - 1):
        node.GetSegmentation().AddEmptySegment(f"over{number}", f"Over {number}")
        mask = np.zeros(scan().array.shape, np.uint8)
        mask[12:18, 12:18, 12:18] = 1
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask, node, f"over{number}", volume)
    assert slicer.util.saveNode(node, str(path))
    slicer.mrmlScene.RemoveNode(node)
    loaded = slicer.util.loadSegmentation(str(path))
    loaded.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    return loaded


def damage_checksum(path: Path) -> None:
    """Change the checksum at the end of the compressed voxels. Only Slicer's whole process could survive loading it."""
    content = bytearray(path.read_bytes())
    content[-8] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("layers", [1, 2])
def test_segments_of_a_damaged_file_are_refused_in_words_whatever_asks_for_them(volume, tmp_path, layers):
    node = saved(volume, tmp_path / "muscles.seg.nrrd", layers)
    damage_checksum(tmp_path / "muscles.seg.nrrd")
    for take in (label_image, union_of_segments):
        with pytest.raises(Problem, match=r"'muscles_1' was loaded from.*muscles\.seg\.nrrd.*damaged.*save it"):
            take(node, volume)


def test_showing_a_damaged_segmentation_in_3d_does_not_make_it_whole(volume, tmp_path):
    node = saved(volume, tmp_path / "muscles.seg.nrrd")
    damage_checksum(tmp_path / "muscles.seg.nrrd")
    show_in_3d(node)
    with pytest.raises(Problem, match="damaged"):
        label_image(node, volume)


def test_a_damaged_segmentation_that_was_looked_at_and_saved_again_is_taken(volume, tmp_path):
    path = tmp_path / "muscles.seg.nrrd"
    node = saved(volume, path)
    damage_checksum(path)
    with pytest.raises(Problem, match="damaged"):
        label_image(node, volume)
    assert slicer.util.saveNode(node, str(path))
    np.testing.assert_array_equal(label_image(node, volume).array, labels_of(volume).array)


@pytest.mark.parametrize("layers", [1, 2])
def test_segments_of_whole_files_are_taken_with_layers_and_many_names(volume, tmp_path, layers):
    node = saved(volume, tmp_path / "muscles.seg.nrrd", layers)
    np.testing.assert_array_equal(label_image(node, volume).array > 0, labels_of(volume).array > 0)


def test_a_header_of_hundreds_of_segments_is_no_damage(volume, tmp_path):
    path = tmp_path / "muscles.seg.nrrd"
    node = saved(volume, path)
    for number in range(300):
        name = f"segment_{number}_" + "of a long name " * 20
        node.GetSegmentation().AddEmptySegment(f"segment_{number}", name)
    assert slicer.util.saveNode(node, str(path)) and path.read_bytes().index(b"\n\n") > 2**16
    assert label_image(node, volume).array.any() and load_image(path).array.any()


def test_measuring_does_not_start_on_damaged_segments(volume, tmp_path):
    node = saved(volume, tmp_path / "muscles.seg.nrrd")
    damage_checksum(tmp_path / "muscles.seg.nrrd")
    before = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(Problem, match="damaged"):
        start_measuring(NoRunner(), node, "Module")
    assert slicer.mrmlScene.GetNumberOfNodes() == before


def test_parts_of_the_brain_of_a_damaged_file_are_refused_with_their_lesions(volume, tmp_path):
    path = save_image(labels_of(volume), tmp_path / "parts.nii.gz")
    parts = slicer.util.loadLabelVolume(str(path))
    lesions = add_segmentation(labels_of(volume), volume, "lesions")
    lesions.SetNodeReferenceID(ANATOMY_REFERENCE, parts.GetID())
    damage_checksum(path)
    with pytest.raises(Problem, match=r"parts\.nii\.gz.*damaged"):
        Steps(NoRunner(), "Module").classify(volume, lesions, DEFAULT_TOOL)


@pytest.fixture()
def from_dicom(slicer_session, tmp_path):
    """(volume as from the DICOM module, folder of its files)."""
    folder = write_image(scan(), tmp_path / "ct")
    DICOMUtils.importDicom(str(folder))
    node = node_from_image(scan(), "CT")
    node.SetAttribute("DICOM.instanceUIDs", " ".join(pydicom.dcmread(path).SOPInstanceUID for path in files_of(folder)))
    return node, folder


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda folder: write_text(folder, "PixelSpacing", "a\\b"), "pixel spacing in .* cannot be read"),
    (lambda folder: edit(folder, "PixelSpacing"), "do not say how large their pixels are"),
    (lambda folder: files_of(folder)[-1].write_bytes(files_of(folder)[-1].read_bytes()[:-100]), "is cut off"),
    (lambda folder: edit(folder, files=slice(3, 4), PixelData=bytes(20)), "has too few pixels"),
    (lambda folder: edit(folder, files=slice(3, 4), PatientID="P2"), "name 2 patients"),
])
def test_a_volume_of_damaged_dicom_files_is_refused_in_words(from_dicom, spoil, words):
    node, folder = from_dicom
    check_storage(node)
    spoil(folder)
    with pytest.raises(UnsuitableVolume, match=f"The DICOM files that 'CT' was loaded from.*{words}.*saved as NRRD"):
        check_storage(node)


def test_a_volume_whose_dicom_files_are_gone_is_taken_as_it_is(from_dicom):
    node, folder = from_dicom
    for path in files_of(folder):
        path.unlink()
    check_storage(node)


def loaded_evenly(node, folder, positions, count):
    """The volume as an application that spaces all slices alike loads them; the files say where they were taken."""
    for path, place in zip(files_of(folder), positions, strict=True):
        if place is None:
            path.unlink()
            continue
        number = files_of(folder).index(path)
        edit(folder, files=slice(number, number + 1), ImagePositionPatient=[0, 0, float(place)])
    known = [uid for uid in node.GetAttribute("DICOM.instanceUIDs").split()
             if Path(slicer.dicomDatabase.fileForInstance(uid)).is_file()]
    node.SetAttribute("DICOM.instanceUIDs", " ".join(known))
    slicer.util.updateVolumeFromArray(node, slicer.util.arrayFromVolume(node)[:count].copy())


EVEN = [2 * index for index in range(40)]


@pytest.mark.parametrize(("positions", "count", "words"), [
    (EVEN, 40, None),
    ([None if index == 20 else place for index, place in enumerate(EVEN)], 39, r"\(2\.00 to 4\.00 mm apart\)"),
    ([EVEN[19] if index == 20 else place for index, place in enumerate(EVEN)], 40, r"\(0\.00 to 4\.00 mm apart\)"),
    ([place + (1 if index == 20 else 0) for index, place in enumerate(EVEN)], 40, r"\(1\.00 to 3\.00 mm apart\)"),
    ([None if index == 20 else place for index, place in enumerate(EVEN)], 38, None),
], ids=["even", "one missing", "one double", "one shifted", "resampled since"])
def test_a_volume_with_unevenly_taken_slices_is_told_in_one_sentence(from_dicom, positions, count, words):
    node, folder = from_dicom
    loaded_evenly(node, folder, positions, count)
    check_storage(node)
    notes = notes_about_slices(node)
    if words is None:
        assert notes == []
    else:
        assert len(notes) == 1 and re.search(words + ".*export the series again", notes[0])


def test_slices_that_a_transform_puts_in_their_places_are_not_told(from_dicom):
    node, folder = from_dicom
    loaded_evenly(node, folder, [place + (1 if index == 20 else 0) for index, place in enumerate(EVEN)], 40)
    assert notes_about_slices(node)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLGridTransformNode")
    transform.SetAndObserveTransformFromParent(vtk.vtkThinPlateSplineTransform())
    node.SetAndObserveTransformNodeID(transform.GetID())
    assert not transform.IsTransformToWorldLinear() and notes_about_slices(node) == []
