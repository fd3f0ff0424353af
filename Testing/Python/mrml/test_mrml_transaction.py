"""The scene changes as a whole or not at all."""

import pytest
import slicer

from NeuroOrbitLib.mrml.folders import create_run_folder, folder_of, put_in_folder
from NeuroOrbitLib.mrml.transaction import scene_transaction


def hierarchy():
    return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)


def scene_content():
    ids = {slicer.mrmlScene.GetNthNode(index).GetID() for index in range(slicer.mrmlScene.GetNumberOfNodes())}
    return ids, hierarchy().GetNumberOfItems()


def add_results(volume):
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Result")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.AddDefaultStorageNode()
    put_in_folder(create_run_folder(volume, "Run"), [segmentation])
    return segmentation


@pytest.fixture
def volume(slicer_session):
    return slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Scan")


def test_a_completed_transaction_keeps_everything(volume):
    with scene_transaction():
        segmentation = add_results(volume)
    assert slicer.mrmlScene.IsNodePresent(segmentation)
    assert hierarchy().GetItemName(folder_of(segmentation)) == "Run"


def test_an_exception_leaves_the_scene_as_it_was_and_goes_on(volume):
    before = scene_content()
    with pytest.raises(RuntimeError, match="disk full"), scene_transaction():
        add_results(volume)
        raise RuntimeError("disk full")
    assert scene_content() == before


def test_results_of_a_dicom_volume_lie_in_its_study(volume):
    patient = hierarchy().CreateSubjectItem(hierarchy().GetSceneItemID(), "Patient")
    study = hierarchy().CreateStudyItem(patient, "Study")
    hierarchy().SetItemParent(hierarchy().GetItemByDataNode(volume), study)
    folder = folder_of(add_results(volume))
    assert hierarchy().GetItemParent(folder) == study


def test_each_run_gets_a_folder_of_its_own(volume):
    first, second = folder_of(add_results(volume)), folder_of(add_results(volume))
    assert first != second
    assert hierarchy().GetItemName(first) != hierarchy().GetItemName(second)
