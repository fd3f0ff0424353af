"""The base classes of scripted modules, translation and calls of command line modules.

Justification: Slicer's Base/Python/slicer/ScriptedLoadableModule.py, i18n.py, testing.py and cli.py.
"""
from __future__ import annotations

import sys
import textwrap
from types import SimpleNamespace

import pytest
import slicer
import slicer.cli
import slicer.testing
from slicer.i18n import getContext, tr
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic, ScriptedLoadableModuleTest


class OrbitProbeLogic(ScriptedLoadableModuleLogic):
    pass


class SeveralSetsLogic(ScriptedLoadableModuleLogic):
    def __init__(self):
        super().__init__()
        self.isSingletonParameterNode = False


def test_singleton_parameter_node_is_made_once_and_named_after_the_module():
    node = OrbitProbeLogic().getParameterNode()
    assert OrbitProbeLogic().getParameterNode() is node
    assert (node.GetSingletonTag(), node.GetAttribute("ModuleName")) == ("OrbitProbe", "OrbitProbe")


def test_parameter_node_regains_its_module_name():
    node = OrbitProbeLogic().getParameterNode()
    node.RemoveAttribute("ModuleName")
    assert OrbitProbeLogic().getParameterNode().GetAttribute("ModuleName") == "OrbitProbe"


def test_module_may_have_several_parameter_nodes():
    logic = SeveralSetsLogic()
    first = logic.getParameterNode()
    second = slicer.mrmlScene.AddNode(logic.createParameterNode())
    assert logic.getParameterNode() is first
    assert logic.getAllParameterNodes() == [first, second]


class Recorder(ScriptedLoadableModuleTest):
    __test__ = False  # it is not for pytest
    calls: list[str]

    def setUp(self):
        self.calls.append("setUp")

    def tearDown(self):
        self.calls.append("tearDown")

    def test_b(self):
        self.calls.append("b")

    def test_a(self):
        self.calls.append("a")

    def helper(self):
        self.calls.append("helper")


def test_self_test_runs_every_method_with_test_in_its_name():
    Recorder.calls = []
    Recorder().runTest()
    assert Recorder.calls == ["setUp", "a", "tearDown", "setUp", "b", "tearDown"]


MODULE = """
    import qt
    from slicer.ScriptedLoadableModule import *
    class {name}(ScriptedLoadableModule):
        def __init__(self, parent):
            ScriptedLoadableModule.__init__(self, parent)
            parent.title = "Probe"
    class {name}Widget(ScriptedLoadableModuleWidget):
        def setup(self):
            ScriptedLoadableModuleWidget.setup(self)
            self.layout.addWidget(qt.QLabel("content"))
            self.cleaned = 0
        def cleanup(self):
            self.cleaned += 1
    class {name}Test(ScriptedLoadableModuleTest):
        def runTest(self, word="nothing"):
            self.delayDisplay("running")
            {name}Test.said = (word, self.messageDelay)
"""


@pytest.fixture
def module(slicer_session, tmp_path, request):
    """Name of a scripted module that was loaded from a file; its folder has an icon and a resource."""
    name = "Probe" + request.node.name.title().replace("_", "").split("[")[0]
    (tmp_path / f"{name}.py").write_text(textwrap.dedent(MODULE.format(name=name)))
    slicer_session.load_modules([tmp_path / f"{name}.py"])
    return name


def test_module_knows_its_resources_and_panel(module, slicer_session, tmp_path):
    widget = slicer_session.select(module)
    expected = str(tmp_path / "Resources" / "UI" / "a.ui")
    assert widget.resourcePath("UI/a.ui") == getattr(slicer.modules, f"{module}Instance").resourcePath("UI/a.ui")
    assert widget.resourcePath("UI/a.ui") == expected
    assert widget.moduleName == module
    assert widget.layout is widget.parent.layout()


def test_module_that_thanks_nobody_thanks_those_of_slicer(module):
    """Slicer: Base/Python/slicer/ScriptedLoadableModule.py, ScriptedLoadableModule.__init__"""
    described = getattr(slicer.modules, module.lower())
    assert "support Slicer" in described.acknowledgementText
    assert described.contributors


def test_self_test_of_a_module_gets_its_arguments(module):
    slicer.selfTests[module](msec=1, word="orbit")
    assert getattr(sys.modules[module], f"{module}Test").said == ("orbit", 1)


def test_module_without_self_test_says_so(module):
    delattr(sys.modules[module], f"{module}Test")
    with pytest.raises(AssertionError, match=f"{module}Test"):
        slicer.selfTests[module]()


def test_panel_cleans_up_once_when_its_module_is_unloaded(module, slicer_session):
    widget = slicer_session.select(module)
    manager = slicer.app.moduleManager()
    for name in ("AnotherModule", module, module):
        manager.moduleAboutToBeUnloaded.emit(name)
    assert widget.cleaned == 1


@pytest.fixture
def developer_mode():
    settings = slicer.app.userSettings()
    settings.setValue("Developer/DeveloperMode", True)
    yield
    settings.remove("Developer/DeveloperMode")


def test_developer_mode_offers_to_reload_and_test(developer_mode, module, slicer_session):
    widget = slicer_session.select(module)
    assert widget.reloadCollapsibleButton.text == "Reload && Test"
    assert widget.reloadTestMenuButton.defaultAction().text == "Reload and Test"
    widget.testAction.trigger()
    assert getattr(sys.modules[module], f"{module}Test").said[0] == "nothing"
    assert widget.reloadTestMenuButton.defaultAction().text == "Test"


def test_without_developer_mode_there_is_no_such_box(module, slicer_session):
    assert not hasattr(slicer_session.select(module), "reloadCollapsibleButton")


def test_context_of_messages_is_the_file_with_its_package(tmp_path):
    package = tmp_path / "OrbitLib"
    package.mkdir()
    for path in (package / "__init__.py", package / "panel.py", tmp_path / "Orbit.py"):
        path.touch()
    assert getContext(str(package / "panel.py")) == "OrbitLib.panel"
    assert getContext(str(tmp_path / "Orbit.py")) == "Orbit"


def test_translation_is_asked_for_in_the_context_of_the_calling_file(monkeypatch):
    asked = []
    monkeypatch.setattr(slicer.i18n, "translate", lambda context, text: asked.append(context) or text.upper())
    assert tr("ready") == "READY"
    assert asked == ["test_slicerpy_scripted_module"]


def test_translation_that_lost_a_placeholder_is_not_used(monkeypatch, caplog):
    monkeypatch.setattr(slicer.i18n, "translate", lambda context, text: "supprimer {compte}")
    assert tr("delete {count}") == "delete {count}"
    assert "placeholders" in caplog.text


def test_failed_test_script_ends_with_an_exception():
    slicer.testing.exitSuccess()
    with pytest.raises(Exception, match="no orbit"):
        slicer.testing.exitFailure("no orbit")


def test_command_line_module_gets_its_parameters(slicer_session):
    calls = []
    node = SimpleNamespace(**{f"SetParameterAs{kind}": lambda name, value, kind=kind: calls.append((kind, name, value))
                              for kind in ("String", "Bool", "Int", "Double", "Node")})
    logic = SimpleNamespace(
        CreateNodeInScene=lambda: node, SetDeleteTemporaryFiles=lambda on: None, SetHideWindow=lambda on: None,
        ApplyAndWait=lambda given, update: calls.append("waited"), Apply=lambda given, update: calls.append("started"))
    module = SimpleNamespace(name="Threshold", logic=lambda: logic)
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    parameters = {"mode": "above", "invert": True, "value": 3, "sigma": 0.5, "input": volume, "seed": [1, 2, 3]}
    assert slicer.cli.runSync(module, parameters=parameters) is node
    assert calls == [("String", "mode", "above"), ("Bool", "invert", True), ("Int", "value", 3),
                     ("Double", "sigma", 0.5), ("Node", "input", volume), ("String", "seed", "1, 2, 3"), "waited"]


def test_module_without_command_line_logic_gives_no_node(capsys):
    assert slicer.cli.run(SimpleNamespace(name="Volumes", logic=lambda: None)) is None
    assert "Volumes" in capsys.readouterr().out
