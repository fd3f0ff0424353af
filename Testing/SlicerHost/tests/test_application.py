"""slicer.app, the scene, files, subject hierarchy and dialogs.

Justification: qSlicerApplication.cxx, qSlicerCoreApplication.cxx, qSlicerCoreIOManager.cxx, the readers of Slicer's
modules, qSlicerSubjectHierarchyPluginLogic.cxx and slicer.util.
"""
from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer
import vtk
from slicerhost import errors


@pytest.fixture
def volume(slicer_session):
    voxels = np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6)
    matrix = np.diag([0.5, 0.75, 3.0, 1.0])
    matrix[:3, 3] = (10, 20, 30)
    return slicer.util.addVolumeFromArray(voxels, ijkToRAS=matrix, name="CT")


def hierarchy():
    return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)


def test_application_properties_are_attributes():
    # Q_PROPERTYs of qSlicerCoreApplication
    assert slicer.app.applicationName == "Slicer" and slicer.app.majorVersion == 5
    assert qt.QDir(slicer.app.temporaryPath).exists()
    assert slicer.app.mrmlScene() is slicer.mrmlScene


def test_settings_do_not_touch_the_user(slicer_session):
    # --testing implies --disable-settings; here settings live below the host's own home
    slicer.app.settings().setValue("Orbit/device", "cpu")
    assert qt.QSettings().value("Orbit/device") == "cpu"
    assert slicer.app.slicerUserSettingsFilePath.startswith(slicer.app.slicerHome)


def test_scene_is_fresh_in_every_test(volume):
    # the fixture clears the scene; the volume of the test before must be gone
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 1


def test_utility_functions_are_not_names_of_slicer():
    # Slicer/__init__.py does not star-import slicer.util; the wheel does
    assert not hasattr(slicer, "arrayFromVolume") and hasattr(slicer.util, "arrayFromVolume")


def test_volume_survives_saving_and_loading(volume, tmp_path):
    # qSlicerNodeWriter and qSlicerVolumesReader: name is the base name up to the first dot
    assert slicer.util.saveNode(volume, str(tmp_path / "head.v1.nrrd"), {})
    loaded = slicer.util.loadVolume(str(tmp_path / "head.v1.nrrd"), {})
    matrix = vtk.vtkMatrix4x4()
    loaded.GetIJKToRASMatrix(matrix)
    assert loaded.GetName() == "head"
    assert np.array_equal(slicer.util.arrayFromVolume(loaded), slicer.util.arrayFromVolume(volume))
    assert (matrix.GetElement(2, 2), matrix.GetElement(0, 3)) == pytest.approx((3.0, 10.0))


def test_loaded_volume_is_shown_unless_told_otherwise(volume, tmp_path):
    # qSlicerVolumesReader::load: property "show" (default true) propagates the volume selection
    slicer.util.saveNode(volume, str(tmp_path / "head.nrrd"), {})
    selection = slicer.app.applicationLogic().GetSelectionNode()
    selection.SetActiveVolumeID(None)
    slicer.util.loadVolume(str(tmp_path / "head.nrrd"), {"show": False})
    assert selection.GetActiveVolumeID() is None
    shown = slicer.util.loadVolume(str(tmp_path / "head.nrrd"), {})
    red = slicer.app.layoutManager().sliceWidget("Red").sliceLogic().GetSliceCompositeNode()
    assert red.GetBackgroundVolumeID() == shown.GetID()


def test_segmentation_table_and_markups_survive_files(volume, tmp_path):
    # readers of the Segmentations, Tables and Markups modules
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Orbit")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment = segmentation.GetSegmentation().AddEmptySegment("", "Left eyeball")
    mask = (slicer.util.arrayFromVolume(volume) > 100).astype(np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, segment, volume)
    points = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Apex")
    points.AddControlPoint(vtk.vtkVector3d(1, 2, 3))
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Volumes")
    slicer.util.updateTableFromArray(table, np.array([[1.5, 2.5]]), ["left", "right"])
    for node, name in ((segmentation, "a.seg.nrrd"), (points, "b.mrk.json"), (table, "c.tsv")):
        assert slicer.util.saveNode(node, str(tmp_path / name), {})
    loaded = slicer.util.loadSegmentation(str(tmp_path / "a.seg.nrrd"), {})
    assert loaded.GetSegmentation().GetNthSegment(0).GetName() == "Left eyeball"
    assert slicer.util.arrayFromSegmentBinaryLabelmap(
        loaded, loaded.GetSegmentation().GetNthSegmentID(0), volume).sum() == mask.sum()
    assert slicer.util.arrayFromMarkupsControlPoints(slicer.util.loadMarkups(str(tmp_path / "b.mrk.json"))).tolist() \
        == [[1, 2, 3]]
    assert float(slicer.util.loadTable(str(tmp_path / "c.tsv")).GetCellText(0, 1)) == 2.5


def test_segmentation_in_a_plain_nrrd_is_known_by_its_header(volume, tmp_path):
    # qSlicerSegmentationsReader::canLoadFileConfidence
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Orbit")
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment = segmentation.GetSegmentation().AddEmptySegment("", "Lens")
    mask = (slicer.util.arrayFromVolume(volume) > 100).astype(np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, segment, volume)
    slicer.util.saveNode(segmentation, str(tmp_path / "orbit.nrrd"), {})
    slicer.util.saveNode(volume, str(tmp_path / "ct.nrrd"), {})
    manager = slicer.app.coreIOManager()
    assert manager.fileType(str(tmp_path / "orbit.nrrd")) == "SegmentationFile"
    assert manager.fileType(str(tmp_path / "ct.nrrd")) == "VolumeFile"


@pytest.mark.parametrize("name", ["scene.mrb", "scene.mrml"])
def test_scene_survives_saving_and_loading(volume, tmp_path, name):
    # qSlicerSceneWriter and qSlicerSceneReader; the hierarchy of the file is merged, not doubled
    hierarchy().CreateFolderItem(hierarchy().GetSceneItemID(), "Run 1")
    hierarchy().SetItemParent(hierarchy().GetItemByDataNode(volume), hierarchy().GetItemByName("Run 1"))
    if name.endswith(".mrml"):
        slicer.util.saveNode(volume, str(tmp_path / "CT.nrrd"), {})
    assert slicer.util.saveScene(str(tmp_path / name))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / name), {})
    loaded = slicer.util.getNode("CT")
    assert slicer.util.arrayFromVolume(loaded).max() == 119
    item = hierarchy().GetItemByDataNode(loaded)
    assert hierarchy().GetItemName(hierarchy().GetItemParent(item)) == "Run 1"


def test_text_file_is_loaded_as_text(slicer_session, tmp_path):
    # qSlicerTablesReader::canLoadFileConfidence; test_slicer_util_save.py
    text = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode")
    text.SetText("both orbits")
    text.SetForceCreateStorageNode(True)
    assert slicer.util.saveNode(text, str(tmp_path / "report.txt"))
    loaded = slicer.util.loadNodeFromFile(str(tmp_path / "report.txt"))
    assert loaded.IsA("vtkMRMLTextNode") and loaded.GetText() == "both orbits"


def test_export_leaves_the_node_and_its_storage_alone(volume, tmp_path):
    # qSlicerCoreIOManager::exportNodes works in a temporary scene
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    to_the_left = np.eye(4)
    to_the_left[0, 3] = 7
    slicer.util.updateTransformMatrixFromArray(transform, to_the_left)
    volume.SetAndObserveTransformNodeID(transform.GetID())
    assert slicer.util.exportNode(volume, str(tmp_path / "world.nrrd"), {}, world=True)
    assert volume.GetStorageNode() is None and volume.GetOrigin()[0] == pytest.approx(10)
    assert slicer.util.loadVolume(str(tmp_path / "world.nrrd"), {}).GetOrigin()[0] == pytest.approx(17)


def test_loading_an_absent_file_raises(slicer_session, tmp_path):
    # slicer.util.loadNodeFromFile: RuntimeError when the I/O manager fails
    with pytest.raises(RuntimeError):
        slicer.util.loadVolume(str(tmp_path / "absent.nrrd"), {})


def test_nodes_and_segments_get_hierarchy_items(volume):
    # qSlicerSubjectHierarchyPluginLogic::onNodeAdded; qSlicerSubjectHierarchySegmentationsPlugin::onSegmentAdded
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Orbit")
    segment = segmentation.GetSegmentation().AddEmptySegment("", "Optic nerve")
    item = hierarchy().GetItemByDataNode(segmentation)
    children = vtk.vtkIdList()
    hierarchy().GetItemChildren(item, children)
    assert hierarchy().GetItemName(item) == "Orbit"
    assert [hierarchy().GetItemName(children.GetId(i)) for i in range(children.GetNumberOfIds())] == ["Optic nerve"]
    segmentation.GetSegmentation().RemoveSegment(segment)
    hierarchy().GetItemChildren(item, children)
    assert children.GetNumberOfIds() == 0
    slicer.mrmlScene.RemoveNode(segmentation)
    assert not hierarchy().GetItemByDataNode(segmentation)


def test_dialog_is_answered(slicer_dialogs):
    # slicer.util.confirmYesNoDisplay outside of testing mode
    slicer_dialogs.answer("No")
    assert slicer.util.confirmYesNoDisplay("Replace the segmentation?") is False
    assert "Replace the segmentation?" in slicer_dialogs.seen[0]


def test_unexpected_dialog_is_rejected_and_remembered(slicer_dialogs):
    # nobody is there to answer: the run must not hang
    assert slicer.util.confirmOkCancelDisplay("Continue?") is False
    assert "Continue?" in errors.take("dialog")[0].text


def test_no_dialogs_in_testing_mode(slicer_session):
    # slicer.util._messageDisplay: returns at once if slicer.app.testingEnabled()
    slicer.util.confirmYesNoDisplay("Replace?")
    slicer.util.errorDisplay("The volume is empty.")
    assert slicer_session.dialogs.seen == []


def test_exception_in_an_observer_does_not_reach_the_caller(volume):
    # VTK prints the exceptions of Python observers
    volume.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: 1 / 0)
    volume.Modified()
    assert isinstance(errors.take("exception")[0].exception, ZeroDivisionError)


def test_vtk_error_is_collected(slicer_session):
    # vtkErrorMacro goes to vtkOutputWindow
    slicer.mrmlScene.CreateNodeByClass("vtkMRMLNoSuchNode")
    vtk.vtkOutputWindow.GetInstance().DisplayErrorText("no volume")
    assert "no volume" in errors.take("vtk error")[-1].text
    errors.take("vtk warning")


def test_extension_is_not_installed_by_default():
    # qSlicerExtensionsManagerModel::isExtensionInstalled
    assert slicer.app.extensionsManagerModel().isExtensionInstalled("PyTorch") is False


def test_member_that_slicer_has_but_the_host_has_not_raises_a_gap():
    # qSlicerApplication::openExtensionsCatalogWebsite
    with pytest.raises(errors.HostGap, match="openExtensionsCatalogWebsite"):
        slicer.app.openExtensionsCatalogWebsite()


def test_main_window_has_the_names_that_modules_look_for():
    # object names of qSlicerMainWindow.ui
    window = slicer.util.mainWindow()
    for name in ("PanelDockWidget", "ModulePanel", "CentralWidget", "ModuleSelectorToolBar"):
        assert slicer.util.findChild(window, name) is not None
    slicer.util.showStatusMessage("Ready")
    assert window.statusBar().currentMessage() == "Ready"


def test_popup_that_closes_itself_is_not_waited_for(slicer_session):
    # slicer.util.delayDisplay: a dialog without buttons and a timer; slicer.util.messageBox uses it in testing mode
    slicer.util.delayDisplay("Loading the scan", 60000)
    slicer.util.messageBox("The extension is missing")
    assert slicer_session.dialogs.seen == ["Loading the scan", "The extension is missing"]
    assert not errors.problems("dialog")


def test_hierarchy_of_a_closed_scene_is_let_go(slicer_session):
    # qSlicerSubjectHierarchyPluginLogic::onSceneCloseEnded; vtkSubjectHierarchyItem::DataNodeCache: items of a
    # hierarchy that is kept alive would be taken for those of new nodes at the same address
    tree = slicer.qMRMLSubjectHierarchyTreeView()
    tree.setMRMLScene(slicer.mrmlScene)
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
    discarded = slicer.qMRMLSubjectHierarchyTreeView()
    discarded.setMRMLScene(slicer.mrmlScene)
    discarded.delete()
    before = vtk.vtkWeakReference()
    before.Set(tree.subjectHierarchyNode())
    slicer.mrmlScene.Clear(False)
    assert before.Get() is None
    after = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    assert slicer.mrmlScene.IsNodePresent(after)
    slicer_session.process_events()
    assert tree.subjectHierarchyNode() is after
    assert slicer.qSlicerSubjectHierarchyPluginHandler.instance().subjectHierarchyNode() is after


def test_a_fresh_scene_comes_with_the_first_size_of_the_window(slicer_session):
    window = slicer.util.mainWindow()
    first = window.size
    window.resize(first.width() + 900, first.height())
    slicer_session.reset()
    assert window.size == first
