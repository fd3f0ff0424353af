"""The module panel is as wide as its module needs (qSlicerModulePanel::minimumSizeHint and ::eventFilter)."""
from __future__ import annotations

import pytest
import slicer

SOURCE = '''
import qt
from slicer.ScriptedLoadableModule import *

class WidePanel(ScriptedLoadableModule):
    pass

class WidePanelWidget(ScriptedLoadableModuleWidget):
    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        self.button = qt.QPushButton("Go")
        self.layout.addWidget(self.button)
'''


@pytest.fixture
def panel(slicer_session, tmp_path):
    (tmp_path / "WidePanel.py").write_text(SOURCE)
    slicer_session.load_modules([tmp_path])
    widget = slicer_session.select("WidePanel")
    yield widget
    widget.button.minimumWidth = 0


def test_panel_widens_when_its_content_grows(slicer_session, panel):
    module_panel = slicer.util.mainWindow().moduleSelector().parent().findChild("qSlicerModulePanel", "ModulePanel")
    before = module_panel.width
    panel.button.minimumWidth = before + 150
    slicer_session.process_events()
    assert module_panel.width >= before + 150
