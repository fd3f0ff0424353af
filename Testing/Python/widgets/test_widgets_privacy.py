"""The user decides in the panel whether records name their scans."""

from __future__ import annotations

import pytest
import slicer

from NeuroOrbitLib.mrml.provenance import KEEP_NAMES_SETTING, keeps_names
from NeuroOrbitLib.widgets.privacy_option import KeepNamesBox


@pytest.fixture(autouse=True)
def setting(slicer_session):
    settings = slicer.app.userSettings()
    settings.remove(KEEP_NAMES_SETTING)
    yield settings
    settings.remove(KEEP_NAMES_SETTING)


def test_names_are_left_out_until_the_user_ticks_the_box_and_the_choice_is_kept():
    box = KeepNamesBox()
    assert not box.checked and not keeps_names()
    box.checked = True
    assert keeps_names() and KeepNamesBox().checked
    box.checked = False
    assert not keeps_names()
