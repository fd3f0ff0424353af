"""Sample data, SimpleITK exchange and the packages that stand beside ``slicer``.

Justification: Slicer's Modules/Scripted/SampleData/SampleData.py and Base/Python/sitkUtils.py.
"""
from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
import qt
import SampleData
import SimpleITK as sitk
import sitkUtils
import slicer
import vtk
from SampleData import SampleDataLogic, SampleDataSource
from slicerhost.slicerpy import SAMPLE_DATA_MODULE


@pytest.fixture
def served(tmp_path, slicer_session):
    """A function (file name, bytes) that makes a file and returns its address and checksum; the cache is empty."""
    cache = tmp_path / "cache"
    slicer.mrmlScene.GetCacheManager().SetRemoteCacheDirectory(str(cache))

    def serve(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path.as_uri(), f"SHA256:{hashlib.sha256(content).hexdigest()}"

    return serve


@pytest.fixture
def volume_file(tmp_path):
    image = sitk.GetImageFromArray(np.arange(60, dtype=np.int16).reshape(3, 4, 5))
    path = tmp_path / "volume.nrrd"
    sitk.WriteImage(image, str(path))
    return path.read_bytes()


def test_downloaded_volume_becomes_a_node_of_the_given_name(served, volume_file):
    uri, checksum = served("v.nrrd", volume_file)
    (node,) = SampleDataLogic().downloadFromURL(uris=uri, fileNames="v.nrrd", nodeNames="Orbit", checksums=checksum)
    assert (node.GetName(), slicer.util.arrayFromVolume(node).shape) == ("Orbit", (3, 4, 5))
    assert node.GetStorageNode() is None  # the cache is no place to save to


def test_file_without_node_name_is_named_after_itself(served, volume_file):
    uri, _ = served("left-orbit.nrrd", volume_file)
    (node,) = SampleData.downloadFromURL(uris=uri, fileNames="left-orbit.nrrd")
    assert node.GetName() == "left-orbit"


def test_file_that_is_not_to_be_loaded_gives_its_path(served):
    uri, _ = served("a.txt", b"x")
    (path,) = SampleDataLogic().downloadFromURL(uris=uri, fileNames="a.txt", loadFiles=False)
    assert Path(path).read_bytes() == b"x"


def test_archive_gives_the_folder_it_was_extracted_to(served, tmp_path):
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("inside.txt", "x")
    uri, _ = served("y.zip", (tmp_path / "z.zip").read_bytes())
    (folder,) = SampleDataLogic().downloadFromURL(uris=uri, fileNames="y.zip", loadFileTypes="ZipFile")
    assert (Path(folder) / "inside.txt").read_text() == "x"


def test_cached_file_is_reused_only_if_its_checksum_is_right(served):
    uri, checksum = served("a.txt", b"first")
    logic = SampleDataLogic()
    path = logic.downloadFileIntoCache(uri, "a.txt", checksum)
    served("a.txt", b"second")
    assert Path(logic.downloadFileIntoCache(uri, "a.txt", checksum=None)).read_bytes() == b"first"
    _, other = served("a.txt", b"second")
    assert Path(logic.downloadFileIntoCache(uri, "a.txt", other)).read_bytes() == b"second"
    assert path == logic.downloadFileIntoCache(uri, "a.txt", other)


def test_file_with_a_wrong_checksum_is_not_kept(served, tmp_path):
    uri, _ = served("a.txt", b"x")
    SampleDataLogic().downloadFileIntoCache(uri, "a.txt", "SHA256:" + "0" * 64)
    assert not (tmp_path / "cache" / "a.txt").exists()


def test_failed_download_is_a_value_error(served):
    with pytest.raises(ValueError, match="absent"):
        SampleDataLogic().downloadFileIntoCache("file:///absent/file", "a.txt")


@pytest.mark.parametrize(("address", "rewritten"), [
    ("https://github.com/o/r/blob/main/d/f.nrrd", "https://raw.githubusercontent.com/o/r/refs/heads/main/d/f.nrrd"),
    ("https://www.dropbox.com/s/1/f.nrrd", "https://dl.dropbox.com/s/1/f.nrrd"),
    ("https://example.org/f.nrrd", "https://example.org/f.nrrd"),
])
def test_addresses_of_pages_lead_to_files(address, rewritten):
    assert SampleDataLogic().rewriteUrl(address) == rewritten


def test_fields_of_a_source_must_have_the_same_length():
    with pytest.raises(ValueError, match="same length"):
        SampleDataSource(uris=["a", "b"], fileNames=["a"])
    with pytest.raises(ValueError, match="loadFileType"):
        SampleDataSource(uris="a", fileNames="a", loadFileType="VolumeFile", loadFileTypes="VolumeFile")


def test_source_is_registered_once():
    for _ in range(2):
        SampleDataLogic.registerCustomSampleDataSource(category="Once", sampleName="One", uris="u", fileNames="f")
    (source,) = SampleDataLogic.sampleDataSourcesByCategory("Once")
    assert SampleDataLogic().sourceForSampleName("One") is source
    assert SampleDataLogic().categoryForSource(source) == "Once"


def test_slicers_own_samples_are_known():
    source = SampleDataLogic().sourceForSampleName("MRHead")
    assert source.checksums == ["SHA256:cc211f0dfd9a05ca3841ce1141b292898b2dd2d3f08286affadf823a7e58df93"]
    assert SampleDataLogic().sourceForSampleName("CBCTMRHead").nodeNames == ["DZ-CBCT", "DZ-MR"]


def test_button_with_thumbnail_calls_the_custom_downloader(slicer_session, tmp_path):
    picture = tmp_path / "orbit.png"
    pixmap = qt.QPixmap(8, 8)
    pixmap.fill(qt.QColor("red"))
    pixmap.save(str(picture))
    asked = []
    SampleDataLogic.registerCustomSampleDataCategory("OrbitCategory", title="Orbit phantoms")
    SampleDataLogic.registerCustomSampleDataSource(
        category="OrbitCategory", sampleName="OrbitPhantom", uris="x", fileNames="x", nodeNames="x",
        thumbnailFileName=str(picture), customDownloader=asked.append)
    slicer_session.load_modules([SAMPLE_DATA_MODULE])
    widget = slicer_session.select("SampleData")
    widget.setCategoriesFromSampleDataSources(widget.categoryLayout, slicer.modules.sampleDataSources, widget.logic)
    assert widget.findCategoryWidget(widget.parent, "OrbitCategory").title == "Orbit phantoms"
    button = slicer.util.findChild(widget.parent, "OrbitPhantomPushButton")
    assert not button.icon.isNull()
    button.click()
    assert [source.sampleName for source in asked] == ["OrbitPhantom"]


OBLIQUE = np.array([[0, 0.5, 2.6, 10], [-1.5, 0, 0, 20], [0, 1.9, -0.7, 30], [0, 0, 0, 1.0]])


def volume_with_geometry(array):
    volume = slicer.util.addVolumeFromArray(array)
    volume.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(OBLIQUE))
    return volume


def geometry(volume):
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)


def test_image_has_the_volume_s_geometry_in_lps(slicer_session):
    volume = volume_with_geometry(np.zeros((2, 3, 4), np.int16))
    image = sitkUtils.PullVolumeFromSlicer(volume)
    expected = (OBLIQUE @ [3, 2, 1, 1])[:3] * [-1, -1, 1]
    assert image.GetSize() == (4, 3, 2)
    assert np.allclose(image.TransformIndexToPhysicalPoint((3, 2, 1)), expected)


def test_volume_survives_the_way_there_and_back(slicer_session):
    array = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    volume = volume_with_geometry(array)
    copy = sitkUtils.PushVolumeToSlicer(sitkUtils.PullVolumeFromSlicer(volume), name="copy")
    assert copy is not volume and copy.GetName() == "copy"
    assert np.array_equal(slicer.util.arrayFromVolume(copy), array)
    assert np.allclose(geometry(copy), OBLIQUE)


def test_image_can_be_pushed_into_an_existing_label_map(slicer_session):
    target = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    image = sitk.GetImageFromArray(np.ones((2, 2, 2), np.uint8))
    assert sitkUtils.PushVolumeToSlicer(image, targetNode=target) is target
    assert slicer.util.arrayFromVolume(target).sum() == 8
