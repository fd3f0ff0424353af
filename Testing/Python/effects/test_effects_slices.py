"""What an effect sees of a slice and writes into a segment, in any orientation and under transforms."""

from __future__ import annotations

import textwrap
import timeit

import numpy as np
import pytest
import qt
import slicer
import vtk

from NeuroOrbitLib.effects.slice_images import visible_image
from Testing.Python.effects import effect_scenes as scenes

EFFECT = """
    import numpy as np, qt, slicer, vtk
    from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
    from NeuroOrbitLib.effects.reference import reference_of
    from NeuroOrbitLib.effects.slice_effect import SliceEffect
    from NeuroOrbitLib.effects.slice_images import visible_image
    from NeuroOrbitLib.effects.writing import change_selected_segment

    class SegmentEditorEffect(SliceEffect, AbstractScriptedSegmentEditorEffect):
        '''Adds the pixels within 5 mm of the mouse whose intensity is above 50.'''

        def __init__(self, scriptedEffect):
            scriptedEffect.name = "Bright spots"
            SliceEffect.__init__(self, scriptedEffect)
            self.seen = []
            self.changes = 0

        def setupOptionsFrame(self):
            self.add_notice()

        def requirements_file(self):
            return self.source_file().parent / "requirements.txt"

        def spot(self, pointer):
            image = visible_image(self.scriptedEffect, pointer.view)
            columns, rows = np.meshgrid(np.arange(image.grid.shape[1]), np.arange(image.grid.shape[0]))
            places = image.grid.affine[:3, :2] @ np.stack([columns.ravel(), rows.ravel()]) + image.grid.affine[:3, 3:]
            near = np.linalg.norm(places - pointer.ras[:, None], axis=0).reshape(image.grid.shape) <= 5.0
            return image, near & (image.array > 50) & image.inside

        def hovered(self, pointer):
            image, mask = self.spot(pointer)
            self.seen.append(pointer)
            self.overlay(pointer.view, "spot").show_mask(image.grid, mask, (1.0, 1.0, 0.0))

        def pressed(self, pointer):
            image, mask = self.spot(pointer)
            change_selected_segment(self.scriptedEffect, image.grid.voxels(mask), pointer.removing)
            return True

        def left(self, view):
            self.hide_overlays()

        def inputs_changed(self):
            self.changes += 1
"""


@pytest.fixture(scope="module")
def registered(tmp_path_factory):
    """The effect, registered once as in the application."""
    folder = tmp_path_factory.mktemp("effects") / "BrightSpotsLib"
    folder.mkdir()
    path = folder / "SegmentEditorEffect.py"
    path.write_text(textwrap.dedent(EFFECT), encoding="utf-8")
    (folder / "requirements.txt").write_text("numpy", encoding="utf-8")
    effect = slicer.qSlicerSegmentEditorScriptedEffect(None)
    assert effect.setPythonSource(str(path))
    effect.self().register()


@pytest.fixture
def editors(slicer_session, registered):
    """Makes Segment Editors with the effect active; closes them at the end."""
    made = []

    def make(volume, segments=("one", "two")):
        editor = scenes.make_editor(volume, segments)
        editor.setActiveEffectByName("Bright spots")
        made.append(editor)
        return editor

    yield make
    for editor in made:
        scenes.close_editor(editor)


def distances(editor, point=(0.0, 0.0, 0.0)):
    return np.linalg.norm(scenes.places(editor) - np.asarray(point), axis=1)


@pytest.mark.parametrize(("view", "axis"), [("Red", 2), ("Yellow", 0), ("Green", 1)])
def test_a_click_writes_the_layer_that_the_view_shows(editors, view, axis):
    editor = editors(scenes.ball_volume(spacing=(0.8, 0.9, 2.5), radius=12.0))
    point = np.array([1.3, -2.1, 3.0])
    point[axis] = slice_place = 4.2
    scenes.turn_slice(view, slice_axes(view), point)
    scenes.click(point, view)
    written = scenes.places(editor)
    size = {0: 0.8, 1: 0.9, 2: 2.5}[axis]
    assert np.ptp(written[:, axis]) == 0.0
    assert abs(written[0, axis] - slice_place) <= size / 2 + 1e-6
    assert distances(editor, point).max() < 5.0 + size
    area = len(written) * np.prod([0.8, 0.9, 2.5]) / size
    assert area == pytest.approx(np.pi * 25, rel=0.06)


def slice_axes(view):
    node = scenes.slice_view(view).mrmlSliceNode()
    return slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS())[:3, :3]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_oblique_click_writes_a_slab_of_one_voxel(editors, seed):
    turn = scenes.rotation(np.random.default_rng(seed).normal(size=3), 37.0)
    volume = scenes.ball_volume(spacing=(0.8, 0.8, 1.6), shape=(30, 60, 60),
                                axes=scenes.rotation((1, 2, 3), 20.0 * seed))
    editor = editors(volume)
    point = turn @ np.array([1.0, 2.0, 0.0]) + 0.7 * turn[:, 2]
    scenes.turn_slice("Red", turn, point)
    scenes.click(point)
    heights = (scenes.places(editor) - point) @ turn[:, 2]
    assert np.abs(heights).max() <= np.linalg.norm([0.8, 0.8, 1.6]) / 2
    assert distances(editor, point).max() <= 5.0 + np.linalg.norm([0.8, 0.8, 1.6]) / 2
    thickness = len(heights) * 0.8 * 0.8 * 1.6 / (np.pi * 25)
    assert 0.8 < thickness < 2.2  # mm: what the slice cuts, no hole and no second layer


def test_transforms_of_volume_and_segmentation_are_followed(editors, slicer_session):
    volume = scenes.ball_volume()
    editor = editors(volume)
    for node, shift in ((volume, 6.0), (editor.segmentationNode(), 2.0)):
        transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        matrix = vtk.vtkMatrix4x4()
        matrix.SetElement(0, 3, shift)
        transform.SetMatrixTransformToParent(matrix)
        node.SetAndObserveTransformNodeID(transform.GetID())
    slicer_session.process_events()
    scenes.turn_slice("Red", np.diag([-1.0, 1.0, 1.0]), (15.0, 0.0, 0.5))
    scenes.click((15.0, 0.0, 0.5))  # the edge of the ball is at 16 mm in the patient: 14 mm in the segmentation
    written = scenes.places(editor)
    assert written[:, 0].max() == pytest.approx(16.0, abs=1.0)
    assert written[:, 0].min() == pytest.approx(10.0, abs=1.0)  # 5 mm from the mouse
    assert np.ptp(written[:, 2]) == 0.0


def test_a_warped_volume_is_sampled_where_it_is_seen(editors, slicer_session):
    volume = scenes.ball_volume(radius=6.0)
    editor = editors(volume)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode")
    warp = vtk.vtkThinPlateSplineTransform()
    source, target = vtk.vtkPoints(), vtk.vtkPoints()
    for corner in np.ndindex(2, 2, 2):
        place = 30.0 * (2 * np.array(corner) - 1)
        source.InsertNextPoint(place)
        target.InsertNextPoint(place + np.array([8.0, 0.0, 0.0]))
    warp.SetSourceLandmarks(source)
    warp.SetTargetLandmarks(target)
    warp.SetBasisToR()
    transform.SetAndObserveTransformToParent(warp)
    volume.SetAndObserveTransformNodeID(transform.GetID())
    slicer_session.process_events()
    scenes.turn_slice("Red", np.diag([-1.0, 1.0, 1.0]), (8.0, 0.0, 0.5))
    scenes.click((8.0, 0.0, 0.5))
    assert scenes.places(editor)[:, 0].mean() == pytest.approx(8.0, abs=0.6)


def test_a_slice_of_a_large_scan_is_read_without_looking_through_all_its_voxels(editors):
    volume = scenes.ball_volume(shape=(100, 200, 200))
    editor = editors(volume)
    view = scenes.slice_widget()

    def look_through():
        copy = vtk.vtkImageData()
        copy.ShallowCopy(volume.GetImageData())
        copy.GetScalarRange()

    def shortest(work):
        return min(timeit.repeat(work, number=1, repeat=5))

    assert visible_image(editor.activeEffect(), view).array.shape == (200, 200)
    assert shortest(lambda: visible_image(editor.activeEffect(), view)) < 0.5 * shortest(look_through)


def test_a_segmentation_under_a_warp_is_refused_in_words(editors, slicer_session):
    editor = editors(scenes.ball_volume())
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode", "Warp")
    warp = vtk.vtkThinPlateSplineTransform()
    points = vtk.vtkPoints()
    for corner in np.ndindex(2, 2, 2):
        points.InsertNextPoint(corner)
    warp.SetSourceLandmarks(points)
    warp.SetTargetLandmarks(points)
    transform.SetAndObserveTransformToParent(warp)
    editor.segmentationNode().SetAndObserveTransformNodeID(transform.GetID())
    scenes.hover((0.0, 0.0, 0.5))
    assert "Harden" in editor.activeEffect().self().notice.text


def test_control_removes_and_undo_brings_back(editors):
    editor = editors(scenes.ball_volume())
    scenes.click((0.0, 0.0, 0.5))
    count = scenes.voxels(editor).sum()
    scenes.click((0.0, 0.0, 0.5), modifier=qt.Qt.ControlModifier)
    assert count > 60 and not scenes.voxels(editor).any()
    editor.undo()
    assert scenes.voxels(editor).sum() == count
    editor.undo()
    assert not scenes.voxels(editor).any()


def test_the_modifier_key_is_told_without_moving_the_mouse(editors):
    editor = editors(scenes.ball_volume())
    scenes.hover((0.0, 0.0, 0.5))
    scenes.QTest.keyPress(scenes.slice_view(), qt.Qt.Key_Control)
    scenes.QTest.keyRelease(scenes.slice_view(), qt.Qt.Key_Control)
    assert [pointer.removing for pointer in editor.activeEffect().self().seen[-3:]] == [False, True, False]


def test_overlays_lie_where_their_pixels_are_and_follow_the_view(editors, slicer_session):
    editor = editors(scenes.ball_volume())
    scenes.hover((0.0, 0.0, 0.5))
    before = yellow_middle()
    assert before == pytest.approx(screen((0.0, 0.0, 0.5)), abs=2.0)
    node = scenes.slice_view().mrmlSliceNode()
    node.SetFieldOfView(*(size / 2 for size in node.GetFieldOfView()[:2]), node.GetFieldOfView()[2])
    node.SetXYZOrigin(6.0, -4.0, 0.0)
    node.UpdateMatrices()
    slicer_session.process_events()
    assert yellow_middle() == pytest.approx(screen((0.0, 0.0, 0.5)), abs=2.0)
    assert np.hypot(*np.subtract(before, yellow_middle())) > 5
    editor.setActiveEffect(None)
    slicer_session.process_events()
    assert yellow_middle() is None


def screen(ras):
    point = scenes.pixel(ras)
    return point.x(), point.y()


def yellow_middle():
    image = scenes.slice_view().grab().toImage().convertToFormat(qt.QImage.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    colors = rows[:, :3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)
    marked = (colors[..., 0] > 200) & (colors[..., 1] > 200) & (colors[..., 2] < 120)
    found = np.argwhere(marked)
    return None if not len(found) else tuple(((found.min(axis=0) + found.max(axis=0)) / 2)[::-1])


def test_changes_of_the_inputs_are_told_once(editors, slicer_session):
    volume = scenes.ball_volume()
    editor = editors(volume)
    effect = editor.activeEffect().self()
    slicer_session.process_events()
    before = effect.changes
    volume.GetDisplayNode().SetWindowLevel(60, 40)
    volume.GetDisplayNode().SetWindowLevel(80, 40)
    volume.Modified()
    slicer_session.process_events()
    assert effect.changes == before + 1


def test_leaving_gives_everything_back(editors, slicer_session):
    volume = scenes.ball_volume()
    editor = editors(volume)
    effect = editor.activeEffect().self()
    scenes.hover((0.0, 0.0, 0.5))
    editor.setActiveEffect(None)
    renderer = scenes.slice_view().renderWindow().GetRenderers().GetFirstRenderer()
    props = renderer.GetViewProps().GetNumberOfItems()
    for _ in range(5):
        editor.setActiveEffectByName("Bright spots")
        scenes.hover((0.0, 0.0, 0.5))
        assert renderer.GetViewProps().GetNumberOfItems() == props + 2
        editor.setActiveEffect(None)
        assert (len(effect.lifetime), renderer.GetViewProps().GetNumberOfItems()) == (0, props)


def test_an_effect_is_idle_until_its_packages_are_installed(editors, monkeypatch):
    editor = editors(scenes.ball_volume())
    effect = editor.activeEffect().self()
    requirements = effect.requirements_file()
    requirements.write_text("surely-not-installed-package>=3")
    editor.setActiveEffect(None)
    editor.setActiveEffectByName("Bright spots")
    scenes.click((0.0, 0.0, 0.5))
    assert "surely-not-installed-package" in effect.notice.text and not scenes.voxels(editor).any()
    monkeypatch.setattr("slicer.packaging.pip_ensure", lambda *_all, **_options: requirements.write_text("numpy"))
    effect.installButton.click()
    assert not effect.notice.text
    scenes.click((0.0, 0.0, 0.5))
    assert scenes.voxels(editor).any()
