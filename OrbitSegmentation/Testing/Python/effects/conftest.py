"""Segment Editors with the extension's effects, in slice views of the application."""

from __future__ import annotations

import pytest


def pytest_ignore_collect(config):
    """These tests need the application: leave them to the session that has it."""
    return None if config.pluginmanager.has_plugin("slicerhost.pytest_plugin") else True


@pytest.fixture
def editors(slicer_session, effect_modules):
    """Makes Segment Editors on volumes with an effect active and its parameters set; closes them at the end."""
    from Testing.Python.effects import effect_scenes as scenes

    made = []

    def make(volume, effect, segments=("one", "two"), **parameters):
        editor = scenes.make_editor(volume, segments)
        editor.setActiveEffectByName(effect)
        assert editor.activeEffect() is not None, f"there is no effect {effect}"
        for name, value in parameters.items():
            editor.activeEffect().setParameter(name, value)
        made.append(editor)
        return editor

    yield make
    for editor in made:
        scenes.close_editor(editor)


@pytest.fixture
def filler(editors):
    """Makes Segment Editors with SmartFill active and its parameters set, on a volume or else on a ball of 9 mm."""
    from Testing.Python.effects import effect_scenes as scenes

    def make(volume=None, segments=("one", "two"), **parameters):
        return editors(volume or scenes.ball_volume(radius=9.0), "SmartFill", segments, **parameters)

    return make
