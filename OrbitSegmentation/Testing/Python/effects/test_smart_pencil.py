"""SmartPencil by mouse in slice views; results in millimetres."""

from __future__ import annotations

import time

import numpy as np
import pytest
import qt
import slicer
from slicerhost import errors

from Testing.Python.effects import effect_scenes as scenes

NAME = "SmartPencil"
CENTER = (0.0, 0.0, 0.5)


@pytest.fixture
def pencil(editors):
    """Makes Segment Editors with the pencil active."""
    return lambda volume, *segments: editors(volume, NAME, *segments)


def effect_of(editor):
    return editor.effectByName(NAME).self()


def wait_for_regions(editor, ras=CENTER, view="Red"):
    """Hover until the region under the mouse is shown, as a user does."""
    effect, deadline = effect_of(editor), time.monotonic() + 20.0
    scenes.hover(ras, view)
    while not effect.overlay(scenes.slice_widget(view), "hover").visible:
        assert time.monotonic() < deadline, "no regions came"
        slicer.app.processEvents()
        time.sleep(0.005)
    return effect.shown


def disc_area(radius, distance=0.0):
    return np.pi * (radius**2 - distance**2)


@pytest.mark.parametrize(("view", "spacing"), [("Red", (0.7, 0.7, 3.0)), ("Green", (0.7, 0.9, 1.5)),
                                               ("Yellow", (0.7, 0.9, 1.5))])
def test_clicking_the_regions_of_a_ball_gives_its_cross_section(pencil, view, spacing):
    editor = pencil(scenes.ball_volume(spacing=spacing, shape=(30, 64, 72), radius=12.0))
    editor.activeEffect().setParameter("Regions", 100)
    node = scenes.slice_view(view).mrmlSliceNode()
    normal = slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS())[:3, 2]
    axes = slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS())[:3, :3]
    scenes.turn_slice(view, axes, 0.3 * normal)
    ways = [axes[:, :2] @ np.array([x, y]) for x in (-8, -4, 0, 4, 8) for y in (-8, -4, 0, 4, 8) if np.hypot(x, y) < 10]
    scenes.drag([0.3 * normal + way for way in ways], view)
    places = scenes.places(editor)
    axis = int(np.abs(normal).argmax())
    assert np.ptp(places[:, axis]) == 0.0
    assert np.linalg.norm(places, axis=1).max() <= 12.0 + max(spacing)
    area = len(places) * np.prod(spacing) / spacing[axis]
    assert area == pytest.approx(disc_area(12.0), rel=0.12)


def test_picture(pencil, slicer_session):
    editor = pencil(scenes.ball_volume(spacing=(0.7, 0.7, 3.0), shape=(30, 64, 72), radius=12.0))
    wait_for_regions(editor)
    scenes.drag([(-3.0, 0.0, 0.5), (3.0, 2.0, 0.5)])
    wait_for_regions(editor, (4.0, -6.0, 0.5))
    slicer_session.grab("/tmp/pencil.png")
