"""Loading, showing and reloading scripted modules.

Justification: qSlicerScriptedLoadableModule.cxx, qSlicerScriptedLoadableModuleWidget.cxx, qSlicerScriptedUtils.cxx,
qSlicerModulePanel.cxx and qSlicerAbstractCoreModule.cxx of Slicer.
"""
from __future__ import annotations

import itertools
import sys

import pytest
import slicer
from slicerhost import errors

_numbers = itertools.count()
SOURCE = '''
import slicer, qt
from slicer.ScriptedLoadableModule import *

calls = []

class {name}(ScriptedLoadableModule):
    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = "Orbit of {name}"
        parent.categories = ["Examples"]
        parent.dependencies = {dependencies}
        parent.hidden = {hidden}
        slicer.app.connect("startupCompleted()", lambda: calls.append("startupCompleted"))

    def setup(self):
        calls.append("module setup")

class {name}Widget(ScriptedLoadableModuleWidget):
    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        calls.append(("setup", self.parent._scene))
        self.button = qt.QPushButton("Go")
        self.layout.addWidget(self.button)
        {extra}

    def enter(self): calls.append("enter")
    def exit(self): calls.append("exit")
    def cleanup(self): calls.append("cleanup")
'''


@pytest.fixture
def make_module(tmp_path):
    def make(dependencies=(), hidden=False, extra="pass"):
        name = f"Example{next(_numbers)}"
        text = SOURCE.format(name=name, dependencies=list(dependencies), hidden=hidden, extra=extra)
        (tmp_path / f"{name}.py").write_text(text)
        return name, tmp_path / f"{name}.py"

    return make


def test_module_is_published_under_its_names(slicer_session, make_module):
    # slicer.modules.<lower case>, slicer.modules.<Name>Instance, slicer.moduleNames.<Name>
    name, path = make_module()
    assert slicer_session.load_modules([path]) == [name]
    module = getattr(slicer.modules, name.lower())
    assert (module.name, module.title, module.path) == (name, f"Orbit of {name}", str(path))
    assert module.categories == ("Examples",)
    assert getattr(slicer.modules, name + "Instance").parent is module
    assert slicer.util.getModule(name) is module and getattr(slicer.moduleNames, name) == name
    assert slicer.util.modulePath(name) == str(path)


def test_startup_completed_comes_after_loading(slicer_session, make_module):
    # qSlicerApplication emits startupCompleted() after all modules are loaded
    name, path = make_module()
    slicer_session.load_modules([path])
    assert sys.modules[name].calls == ["module setup", "startupCompleted"]


def test_panel_is_set_up_before_it_gets_the_scene(slicer_session, make_module):
    # qSlicerAbstractCoreModule::createNewWidgetRepresentation: setMRMLScene after setup
    name, path = make_module()
    slicer_session.load_modules([path], startup=False)
    panel = slicer.util.getModuleWidget(name).parent
    assert ("setup", None) in sys.modules[name].calls
    assert panel._scene is slicer.mrmlScene and panel.moduleName == name
    assert panel.self() is getattr(slicer.modules, name + "Widget")


def test_selecting_modules_enters_and_exits_panels(slicer_session, make_module):
    # qSlicerModulePanel::addModule and removeModule
    (first, first_path), (second, second_path) = make_module(), make_module()
    slicer_session.load_modules([first_path, second_path], startup=False)
    slicer.util.selectModule(first)
    assert getattr(slicer.modules, first + "Widget").button.visible
    slicer.util.selectModule(second)
    assert sys.modules[first].calls[-2:] == ["enter", "exit"]
    assert slicer.util.selectedModule() == second
    slicer.util.selectModule("Volumes")


def test_dependencies_are_loaded_first(slicer_session, make_module):
    # qSlicerModuleFactoryManager::loadModule loads the dependencies before the module
    needed, needed_path = make_module()
    dependent, dependent_path = make_module(dependencies=[needed])
    loaded = []
    manager = slicer.app.moduleManager()
    manager.connect("moduleLoaded(QString)", loaded.append)
    slicer_session.load_modules([dependent_path, needed_path], startup=False)
    manager.disconnect("moduleLoaded(QString)", loaded.append)
    assert loaded == [needed, dependent]


def test_reload_takes_the_file_as_it_is_now(slicer_session, make_module):
    # slicer.util.reloadScriptedModule and qSlicerScriptedLoadableModuleWidget::reload
    name, path = make_module()
    slicer_session.load_modules([path], startup=False)
    slicer.util.selectModule(name)
    old_module = sys.modules[name]
    path.write_text(path.read_text().replace('"Go"', '"Went"'))
    slicer.util.reloadScriptedModule(name)
    assert "cleanup" in old_module.calls
    assert getattr(slicer.modules, name + "Widget").button.text == "Went"
    slicer.util.selectModule("Volumes")


def test_exception_in_setup_is_printed_and_the_panel_stays(slicer_session, make_module):
    # qSlicerPythonCppAPI::callMethod: PythonQt::handleError
    name, path = make_module(extra="raise ValueError('no orbit')")
    slicer_session.load_modules([path], startup=False)
    assert getattr(slicer.modules, name.lower()).widgetRepresentation() is not None
    assert "no orbit" in errors.take("exception")[0].text


def test_module_that_does_not_import_is_left_out(slicer_session, tmp_path):
    # qSlicerScriptedLoadableModule::setPythonSource returns false
    path = tmp_path / "Broken.py"
    path.write_text("from slicer.ScriptedLoadableModule import *\nimport no_such_package\n"
                    "class Broken(ScriptedLoadableModule): pass\n")
    assert slicer_session.load_modules([path]) == []
    assert "no_such_package" in errors.take("exception")[0].text
    assert slicer.app.moduleManager().module("Broken") is None


def test_hidden_module_is_not_listed_but_can_be_selected(slicer_session, make_module):
    # qSlicerModulesMenu: showHiddenModules is off
    name, path = make_module(hidden=True)
    slicer_session.load_modules([path], startup=False)
    assert slicer.util.mainWindow().moduleSelector()._modules.findData(name) < 0
    slicer.util.selectModule(name)
    assert slicer.util.selectedModule() == name
    slicer.util.selectModule("Volumes")


def test_load_time_of_a_module_is_measured(slicer_session, make_module):
    # what an extension adds to the start of the application
    name, path = make_module()
    slicer_session.load_modules([path], startup=False)
    assert slicer_session.module_load_seconds(name) > 0


FORMAT = '''
class {name}FileReader:
    def __init__(self, parent): self.parent = parent
    def description(self): return "Orbit notes"
    def fileType(self): return "OrbitNotes"
    def extensions(self): return ["Orbit notes (*.orbit)"]
    def load(self, properties):
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode", "Notes")
        node.SetText(open(properties["fileName"]).read())
        self.parent.loadedNodes = [node.GetID()]
        return True

class {name}FileWriter:
    def __init__(self, parent): self.parent = parent
    def description(self): return "Orbit notes"
    def fileType(self): return "OrbitNotes"
    def extensions(self, node): return ["Orbit notes (.orbit)"]
    def canWriteObjectConfidence(self, node): return 0.8 if node.GetName() == "Orbit notes" else 0.0
    def write(self, properties):
        node = slicer.mrmlScene.GetNodeByID(properties["nodeID"])
        open(properties["fileName"], "w").write(node.GetText())
        self.parent.writtenNodes = [node.GetID()]
        return True
'''


def test_file_reader_and_writer_of_a_module_are_used(slicer_session, make_module, tmp_path):
    # qSlicerScriptedLoadableModule::registerIO, qSlicerScriptedFileReader::load, qSlicerScriptedFileWriter::write
    name, path = make_module()
    path.write_text(path.read_text() + FORMAT.format(name=name))
    slicer_session.load_modules([path], startup=False)
    assert slicer.app.ioManager().registeredFileReaderCount("OrbitNotes") == 1
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode", "Orbit notes")
    node.SetText("left is left")
    assert slicer.util.saveNode(node, str(tmp_path / "a.orbit"), {})
    assert slicer.app.ioManager().fileType(str(tmp_path / "a.orbit")) == "OrbitNotes"
    loaded = slicer.util.loadNodeFromFile(str(tmp_path / "a.orbit"), "OrbitNotes", {})
    assert loaded.GetText() == "left is left"


def test_subject_hierarchy_plugins_of_a_module_join_their_package(slicer_session, make_module):
    # SubjectHierarchyPlugins/__init__.py and CMakeLists.txt, SegmentStatistics.py: SegmentStatistics.setup
    name, path = make_module()
    plugin = f"{name}SubjectHierarchyPlugin"
    folder = path.parent / "SubjectHierarchyPlugins"
    folder.mkdir()
    (folder / f"{plugin}.py").write_text(
        "from AbstractScriptedSubjectHierarchyPlugin import *\n\n"
        f"class {plugin}(AbstractScriptedSubjectHierarchyPlugin):\n    filePath = __file__\n")
    slicer_session.load_modules([path], startup=False)
    import SubjectHierarchyPlugins

    scripted = slicer.qSlicerSubjectHierarchyScriptedPlugin(None)
    scripted.name = name
    assert scripted.setPythonSource(getattr(SubjectHierarchyPlugins, plugin).filePath)
    assert slicer.qSlicerSubjectHierarchyPluginHandler.instance().pluginByName(name) is scripted


def test_plugin_in_the_file_of_a_module_is_found_by_its_suffix(slicer_session, make_module):
    # qSlicerSubjectHierarchyScriptedPlugin::setPythonSource
    name, path = make_module()
    path.write_text(path.read_text() + f"\nclass {name}SubjectHierarchyPlugin:\n"
                    "    def __init__(self, scriptedPlugin): scriptedPlugin.name = 'Rename'\n")
    slicer_session.load_modules([path], startup=False)
    plugin = slicer.qSlicerSubjectHierarchyScriptedPlugin(None)
    assert plugin.setPythonSource(str(path))
    assert plugin.name == "Rename"
    assert plugin.self() is getattr(slicer, name + "SubjectHierarchyPlugin")


def test_modules_may_import_each_other(slicer_session, make_module):
    # ctkFactoryScriptedItem::load appends the path when the module is registered, before any is instantiated
    (first, first_path), (second, second_path) = make_module(), make_module()
    folder = first_path.parent / "other"
    folder.mkdir()
    second_path = second_path.rename(folder / second_path.name)
    first_path.write_text(f"import {second}\n" + first_path.read_text())
    assert slicer_session.load_modules([first_path, second_path], startup=False) == [first, second]
