"""Slice views: real slice logic and displayable managers behind qMRMLSliceWidget.

Justification: qMRMLSliceWidget.cxx, qMRMLSliceControllerWidget.cxx, qMRMLSliceView.cxx; ctkVTKAbstractView.cpp.
"""
from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer
import vtk
from PySide6 import QtCore, QtGui
from PySide6.QtTest import QTest


@pytest.fixture
def volume(slicer_session):
    """A volume of 40x60x80 voxels of 1x1x2 mm whose left half (patient) is bright, shown in all slice views."""
    array = np.zeros((40, 60, 80), dtype=np.int16)
    array[:, :, 40:] = 100  # the I axis runs to the left
    to_ras = vtk.vtkMatrix4x4()
    for row, (scale, origin) in enumerate(((-1, 40), (-1, 30), (2, -40))):
        to_ras.SetElement(row, row, scale)
        to_ras.SetElement(row, 3, origin)
    node = slicer.util.addVolumeFromArray(array, ijkToRAS=to_ras, name="CT")
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    slicer_session.process_events()
    return node


@pytest.fixture
def red(volume):
    return slicer.app.layoutManager().sliceWidget("Red")


def pixels(view):
    view.forceRender()
    image = view.grab().toImage().convertToFormat(QtGui.QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def point_of(view, ras):
    x, y, _ = view.convertRASToXYZ(ras)
    return qt.QPoint(round(x), round(view.height - 1 - y))


def send_wheel(view, delta):
    position = QtCore.QPointF(60, 60)
    flags = qt.Qt
    event = QtGui.QWheelEvent(position, QtCore.QPointF(view.mapToGlobal(qt.QPoint(60, 60))), qt.QPoint(0, 0),
                              qt.QPoint(0, delta), flags.NoButton, flags.NoModifier, flags.NoScrollPhase, False)
    slicer.app.sendEvent(view, event)
    slicer.app.processEvents()


def test_patient_left_is_on_the_right_of_an_axial_view(red):
    # vtkMRMLSliceNode: axial slices are seen from the feet
    frame = pixels(red.sliceView())
    middle = frame.shape[0] // 2
    assert frame[middle, 3 * frame.shape[1] // 5].mean() > frame[middle, 2 * frame.shape[1] // 5].mean() + 50


def test_slice_coordinates_and_ras_are_inverse(red):
    # qMRMLSliceView::convertRASToXYZ, convertXYZToRAS through the crosshair displayable manager
    view = red.sliceView()
    ras = [7.0, -11.0, red.sliceLogic().GetSliceOffset()]
    assert view.convertXYZToRAS(view.convertRASToXYZ(ras)) == pytest.approx(ras, abs=1e-6)


def test_wheel_moves_the_slice_by_one_slice(red):
    # vtkMRMLSliceIntersectionWidget: wheel events change the offset by the slice spacing (2 mm)
    before = red.sliceLogic().GetSliceOffset()
    send_wheel(red.sliceView(), 120)
    assert red.sliceLogic().GetSliceOffset() == pytest.approx(before + 2)


def test_offset_slider_and_slice_follow_each_other(red):
    # qMRMLSliceControllerWidget::onSliceLogicModifiedEvent, setSliceOffsetValue
    slider = red.sliceController().sliceOffsetSlider()
    red.sliceLogic().SetSliceOffset(10)
    assert slider.value == pytest.approx(10)
    slider.value = -6
    assert red.sliceLogic().GetSliceOffset() == pytest.approx(-6)


def test_fit_shows_the_whole_background(red):
    # qMRMLSliceControllerWidget::fitSliceToBackground
    red.mrmlSliceNode().SetFieldOfView(5, 5, 1)
    red.sliceController().fitSliceToBackground()
    assert min(red.mrmlSliceNode().GetFieldOfView()[:2]) >= 60


def test_click_in_place_mode_sets_a_point_under_the_mouse(slicer_session, red):
    # vtkMRMLMarkupsDisplayableManager: place mode; y is flipped between Qt and VTK
    points = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
    points.CreateDefaultDisplayNodes()
    slicer.modules.markups.logic().StartPlaceMode(False)
    slicer.app.applicationLogic().GetSelectionNode().SetActivePlaceNodeID(points.GetID())
    target = [12.0, 8.0, red.sliceLogic().GetSliceOffset()]
    position = point_of(red.sliceView(), target)
    QTest.mouseMove(red.sliceView(), position)
    slicer_session.process_events()
    QTest.mouseClick(red.sliceView(), qt.Qt.LeftButton, qt.Qt.NoModifier, position)
    slicer_session.process_events()
    assert points.GetNthControlPointPosition(0) == pytest.approx(target, abs=0.6)


def test_right_drag_zooms(red):
    # vtkMRMLSliceIntersectionWidget: right button drag changes the field of view
    before = red.mrmlSliceNode().GetFieldOfView()[0]
    slicer.util.clickAndDrag(red, button="Right", start=(60, 60), end=(60, 100))
    assert red.mrmlSliceNode().GetFieldOfView()[0] != pytest.approx(before, rel=0.02)


def test_key_press_reaches_the_interactor(red):
    # QVTKInteractorAdapter: key events carry VTK's key symbols
    symbols = []
    interactor = red.sliceView().interactor()
    tag = interactor.AddObserver("KeyPressEvent", lambda caller, _event: symbols.append(caller.GetKeySym()), 10.0)
    for key in (qt.Qt.Key_A, qt.Qt.Key_Return, qt.Qt.Key_Left):
        QTest.keyClick(red.sliceView(), key)
    interactor.RemoveObserver(tag)
    assert symbols == ["a", "Return", "Left"]


def test_double_click_is_its_own_event(red):
    # QVTKInteractorAdapter: Qt's double click becomes LeftButtonDoubleClickEvent
    events = []
    interactor = red.sliceView().interactor()
    tag = interactor.AddObserver(vtk.vtkCommand.LeftButtonDoubleClickEvent, lambda *_event: events.append(1), 10.0)
    QTest.mouseDClick(red.sliceView(), qt.Qt.LeftButton, qt.Qt.NoModifier, qt.QPoint(50, 50))
    interactor.RemoveObserver(tag)
    slicer.app.layoutManager().removeAllMaximizedViewNodes()  # Slicer maximises the view on a double click
    assert events == [1]


def test_paused_view_keeps_its_frame_until_resumed(slicer_session, red):
    # ctkVTKAbstractView::pauseRender counts
    view = red.sliceView()
    frames = []
    tag = view.renderWindow().AddObserver(vtk.vtkCommand.EndEvent, lambda *_event: frames.append(1))
    assert (view.pauseRender(), view.pauseRender()) == (1, 2)
    red.sliceLogic().SetSliceOffset(4)
    slicer_session.process_events()
    assert frames == []
    view.resumeRender()
    assert view.resumeRender() == 0
    slicer_session.process_events()
    view.renderWindow().RemoveObserver(tag)
    assert frames


def test_corner_annotation_is_drawn(red):
    # ctkVTKAbstractView::cornerAnnotation
    view = red.sliceView()
    view.cornerAnnotation().ClearAllTexts()
    without = pixels(view)
    view.cornerAnnotation().SetText(vtk.vtkCornerAnnotation.UpperLeft, "RIGHT ORBIT")
    with_text = pixels(view)
    view.cornerAnnotation().ClearAllTexts()
    assert (with_text != without).any()


def test_segment_is_drawn_in_its_colour(red, volume):
    # vtkMRMLSegmentationsDisplayableManager2D
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    identifier = segmentation.GetSegmentation().AddEmptySegment("globe", "globe", [1, 0, 0])
    mask = np.zeros((40, 60, 80), dtype=np.uint8)
    mask[:, 10:50, 10:70] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, identifier, volume)
    frame = pixels(red.sliceView()).astype(int)
    center = frame[frame.shape[0] // 2, frame.shape[1] // 2]
    assert center[0] > center[1] + 50
