"""3D views: real view logic, camera and displayable managers behind qMRMLThreeDWidget.

Justification: qMRMLThreeDView.cxx, qMRMLThreeDWidget.cxx of Slicer; ctkVTKRenderView.cpp.
"""
from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer
import vtk
from PySide6.QtTest import QTest


@pytest.fixture
def widget(slicer_session):
    return slicer.app.layoutManager().threeDWidget(0)


@pytest.fixture
def sphere(widget):
    """A sphere of 20 mm radius around (50, 0, 0)."""
    source = vtk.vtkSphereSource()
    source.SetCenter(50, 0, 0)
    source.SetRadius(20)
    source.Update()
    return slicer.modules.models.logic().AddModel(source.GetOutput())


def test_widget_knows_its_view_node_and_camera(widget):
    # qMRMLThreeDWidget::mrmlViewNode, qMRMLThreeDView::cameraNode
    assert widget.mrmlViewNode().GetID() == "vtkMRMLViewNode1"
    assert widget.threeDView().cameraNode().IsA("vtkMRMLCameraNode")


def test_reset_looks_at_what_is_visible(widget, sphere):
    # qMRMLThreeDView::resetFocalPoint: centre of the visible props
    slicer.app.layoutManager().resetThreeDViews()
    assert widget.threeDView().cameraNode().GetFocalPoint() == pytest.approx((50, 0, 0), abs=2)


@pytest.mark.parametrize("axis, axis_index, sign",
                         [(0, 0, -1), (1, 0, 1), (2, 1, -1), (3, 1, 1), (4, 2, -1), (5, 2, 1)])
def test_rotate_to_view_axis(widget, sphere, axis, axis_index, sign):
    # qMRMLThreeDView::rotateToViewAxis: 0 to 5 are -R, +R, -A, +A, -S, +S
    view = widget.threeDView()
    view.resetFocalPoint()
    view.rotateToViewAxis(axis)
    camera = view.cameraNode()
    direction = np.subtract(camera.GetPosition(), camera.GetFocalPoint())
    assert np.argmax(np.abs(direction)) == axis_index
    assert np.sign(direction[axis_index]) == sign


def test_left_drag_turns_the_camera(slicer_session, widget, sphere):
    # vtkMRMLCameraWidget
    view = widget.threeDView()
    before = view.cameraNode().GetPosition()
    slicer.util.clickAndDrag(view, start=(100, 100), end=(160, 130))
    assert view.cameraNode().GetPosition() != pytest.approx(before, abs=1)


def test_zoom_in_moves_the_camera_closer(widget, sphere):
    # ctkVTKRenderView::zoomIn: dolly by 1 + zoomFactor
    view = widget.threeDView()
    camera = view.renderWindow().GetRenderers().GetFirstRenderer().GetActiveCamera()
    before = camera.GetDistance()
    view.zoomIn()
    assert camera.GetDistance() == pytest.approx(before / (1 + view.zoomFactor))


def test_background_is_set_through_the_controller(widget):
    # qMRMLThreeDViewControllerWidget::setBlackBackground
    widget.threeDController().setBlackBackground()
    assert widget.mrmlViewNode().GetBackgroundColor() == (0, 0, 0)
    widget.threeDController().setLightBlueBackground()


def test_model_is_drawn(widget, sphere):
    # vtkMRMLModelDisplayableManager
    slicer.app.layoutManager().resetThreeDViews()
    view = widget.threeDView()
    view.forceRender()
    with_model = view.grab().toImage()
    sphere.GetDisplayNode().SetVisibility(False)
    view.forceRender()
    assert view.grab().toImage() != with_model


def test_keys_reach_the_view(widget):
    # QVTKInteractorAdapter
    symbols = []
    interactor = widget.threeDView().interactor()
    tag = interactor.AddObserver("KeyPressEvent", lambda caller, _event: symbols.append(caller.GetKeySym()), 10.0)
    QTest.keyClick(widget.threeDView(), qt.Qt.Key_B)
    interactor.RemoveObserver(tag)
    assert symbols == ["b"]
