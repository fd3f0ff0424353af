"""Where the demonstration's slices cut, and how it draws without a screen."""

from __future__ import annotations

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.view_plans import BELLIES_BEHIND_EYE, MARGIN, Place, plan_view
from Testing.Demo.rendering import choose_render_window


def place(middle, half_size):
    """A structure that fills a box."""
    middle = np.array(middle, float)
    return Place(middle, np.stack([middle - half_size, middle + half_size], axis=1))


ORBITS = {
    "right_eyeball": place((30, 60, 10), 12),
    "left_eyeball": place((-32, 60, 12), 12),
    "right_optic_nerve": place((20, 40, 13), 8),
    "left_optic_nerve": place((-22, 40, 15), 8),
    "right_lacrimal_gland": place((45, 70, 40), 6),
}


def test_the_axial_plane_lies_in_the_optic_nerves_and_shows_both_orbits():
    plan = plan_view("Red", ORBITS)
    assert plan.center == pytest.approx((-1, 52, 14))
    assert plan.width == pytest.approx(86 + 2 * MARGIN)
    assert plan.height == pytest.approx(40 + 2 * MARGIN)


def test_the_coronal_plane_lies_behind_the_eyeballs():
    assert plan_view("Green", ORBITS).center[1] == pytest.approx(60 - BELLIES_BEHIND_EYE)


def test_the_sagittal_plane_cuts_eyeball_and_nerve_of_one_side():
    plan = plan_view("Yellow", ORBITS)
    assert plan.side == "right" and plan.center[0] == pytest.approx(25)
    left_only = {name: value for name, value in ORBITS.items() if name.startswith("left")}
    assert plan_view("Yellow", left_only).center[0] == pytest.approx(-27)


def test_without_a_nerve_the_planes_go_through_the_eyeballs():
    eyes = {name: value for name, value in ORBITS.items() if name.endswith("eyeball")}
    assert plan_view("Red", eyes).center[2] == pytest.approx(11)


def test_other_structures_alone_are_shown_too():
    gland = {"right_lacrimal_gland": ORBITS["right_lacrimal_gland"]}
    assert plan_view("Red", gland).center == pytest.approx((45, 70, 40))


@pytest.mark.parametrize(("installed", "window"), [
    ("libOSMesa.so.8", "vtkOSOpenGLRenderWindow"), ("libEGL.so.1", "vtkEGLRenderWindow")])
def test_the_render_window_is_one_whose_library_is_there(installed, window):
    environment = {}
    assert choose_render_window(lambda library: library == installed, environment) == window
    assert environment == {"QT_QPA_PLATFORM": "offscreen", "VTK_DEFAULT_OPENGL_WINDOW": window}


def test_without_any_library_to_draw_with_the_user_is_told_what_to_run():
    with pytest.raises(RuntimeError, match="make setup"):
        choose_render_window(lambda library: False, {})


def test_the_users_choice_of_render_window_is_kept():
    environment = {"VTK_DEFAULT_OPENGL_WINDOW": "vtkXOpenGLRenderWindow", "QT_QPA_PLATFORM": "xcb"}
    assert choose_render_window(lambda library: True, environment) == "vtkXOpenGLRenderWindow"
    assert environment["QT_QPA_PLATFORM"] == "xcb"
