"""`slicer.app` (qSlicerApplication.cxx, qSlicerCoreApplication.cxx)."""
from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import shiboken6
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.dicom_database import ctkDICOMDatabase
from slicerhost.io_manager import qSlicerIOManager
from slicerhost.module_manager import qSlicerModuleManager
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register
from slicerhost.scene import Core

_MAJOR, _MINOR, _PATCH, _REVISION = 5, 13, 0, "31053"


@register
class qSlicerCommandOptions(QtCore.QObject):
    """The command line that the application would have been started with."""

    noMainWindow = qt_property(bool, "_no_main_window", False)
    noSplash = qt_property(bool, "_no_splash", True)
    runPythonAndExit = qt_property(bool, "_run_python_and_exit", False)
    ignoreSlicerRC = qt_property(bool, "_ignore_slicer_rc", True)
    testingEnabled = qt_property(bool, "_testing_enabled", True)
    additionalModulePaths = qt_property("QStringList", "_additional_module_paths", [])
    modulesToIgnore = qt_property("QStringList", "_modules_to_ignore", [])
    pythonCode = qt_property(str, "_python_code", "")
    pythonScript = qt_property(str, "_python_script", "")
    unparsedArguments = qt_property("QStringList", "_unparsed_arguments", [])
    verboseModuleDiscovery = qt_property(bool, "_verbose_module_discovery", False)


@register
class qSlicerExtensionsManagerModel(QtCore.QObject):
    """Knows which extensions are installed; a test adds names to `_installed`."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._installed: list[str] = []

    installedExtensionsCount = QtCore.Property(int, lambda self: len(self._installed))
    managedExtensions = QtCore.Property("QStringList", lambda self: list(self._installed))
    interactive = qt_property(bool, "_interactive", True)

    def isExtensionInstalled(self, name: str) -> bool:
        return name in self._installed

    def isExtensionEnabled(self, name: str) -> bool:
        return name in self._installed


@register
class qSlicerApplication(QtWidgets.QApplication):
    """The application object. Properties of QApplication are attributes here, as in PythonQt."""

    mrmlSceneChanged = Signal(object)
    startupCompleted = Signal()
    renderPaused = Signal(bool)
    usageEventLogged = Signal(str, str)
    urlReceived = Signal(str)

    def __init__(self, core: Core) -> None:
        super().__init__(["Slicer"])
        self._core = core
        self._layout_manager: Any = None
        self._main_window: Any = None
        self._settings_dialog: Any = None
        self._options = qSlicerCommandOptions(self)
        self._extensions = qSlicerExtensionsManagerModel(self)
        self._dicom_database = ctkDICOMDatabase(self)
        self._io_manager = qSlicerIOManager(core, self)
        self._module_manager = qSlicerModuleManager(core.application_logic, self)
        self._user_settings = QtCore.QSettings(self)
        self._revision_settings = QtCore.QSettings(str(core.home / f"Slicer-{_REVISION}.ini"),
                                                   QtCore.QSettings.Format.IniFormat, self)
        self._node_modules: list[tuple[str, str]] = []
        self._module_manager.moduleLoaded.connect(self._associate_node_types)

    # Names, versions and places

    applicationName = QtCore.Property(str, lambda self: "Slicer")
    applicationVersion = QtCore.Property(str, lambda self: f"{_MAJOR}.{_MINOR}.{_PATCH}")
    mainApplicationName = QtCore.Property(str, lambda self: "Slicer")
    mainApplicationDisplayName = QtCore.Property(str, lambda self: "3D Slicer")
    mainApplicationMajorVersion = QtCore.Property(int, lambda self: _MAJOR)
    mainApplicationMinorVersion = QtCore.Property(int, lambda self: _MINOR)
    mainApplicationPatchVersion = QtCore.Property(int, lambda self: _PATCH)
    mainApplicationRevision = QtCore.Property(str, lambda self: _REVISION)
    majorVersion = QtCore.Property(int, lambda self: _MAJOR)
    minorVersion = QtCore.Property(int, lambda self: _MINOR)
    revision = QtCore.Property(str, lambda self: _REVISION)
    repositoryRevision = QtCore.Property(str, lambda self: _REVISION)
    releaseType = QtCore.Property(str, lambda self: "Experimental")
    os = QtCore.Property(str, lambda self: {"Darwin": "macosx", "Windows": "win"}.get(platform.system(), "linux"))
    arch = QtCore.Property(str, lambda self: "amd64")
    platform = QtCore.Property(str, lambda self: f"{self.os}-{self.arch}")
    isInstalled = QtCore.Property(bool, lambda self: True)
    intDir = QtCore.Property(str, lambda self: "")
    slicerHome = QtCore.Property(str, lambda self: str(self._core.home))
    slicerSharePath = QtCore.Property(str, lambda self: "share/Slicer-5.13")
    startupWorkingPath = QtCore.Property(str, lambda self: str(Path.cwd()))
    extensionsInstallPath = QtCore.Property(str, lambda self: str(self._core.home / "Extensions"))
    slicerUserSettingsFilePath = QtCore.Property(str, lambda self: self._user_settings.fileName())
    slicerRevisionUserSettingsFilePath = QtCore.Property(str, lambda self: self._revision_settings.fileName())
    launcherSettingsFilePath = QtCore.Property(
        str, lambda self: f"{self.slicerHome}/bin/{self.applicationName}LauncherSettings.ini")
    temporaryPath = QtCore.Property(str, lambda self: str(self._core.temporary_path),
                                    lambda self, path: self._set_temporary_path(path))
    cachePath = QtCore.Property(str, lambda self: str(self._core.cache_path))
    defaultScenePath = qt_property(str, "_default_scene_path", "")
    documentationBaseUrl = QtCore.Property(str, lambda self: "https://slicer.readthedocs.io")
    documentationVersion = QtCore.Property(str, lambda self: "latest")
    documentationLanguage = QtCore.Property(str, lambda self: "en")
    applicationLocaleName = QtCore.Property(str, lambda self: "en-US")

    def _set_temporary_path(self, path: str) -> None:
        self._core.temporary_path = Path(path)
        self._core.application_logic.SetTemporaryPath(path)

    def moduleDocumentationUrl(self, name: str) -> str:
        return f"{self.documentationBaseUrl}/en/latest/user_guide/modules/{name.lower()}.html"

    def toSlicerHomeAbsolutePath(self, path: str) -> str:
        return str(self._core.home / path)

    def toSlicerHomeRelativePath(self, path: str) -> str:
        full = Path(path)
        return str(full.relative_to(self._core.home)) if full.is_relative_to(self._core.home) else path

    def startupEnvironment(self) -> QtCore.QProcessEnvironment:
        return QtCore.QProcessEnvironment.systemEnvironment()

    def environment(self) -> QtCore.QProcessEnvironment:
        return QtCore.QProcessEnvironment.systemEnvironment()

    def setEnvironmentVariable(self, name: str, value: str) -> None:
        os.environ[name] = value

    # Parts of the application

    def mrmlScene(self) -> Any:
        return self._core.scene

    def applicationLogic(self) -> Any:
        return self._core.application_logic

    def moduleLogic(self, name: str) -> Any:
        module = self._module_manager.module(name)
        return None if module is None else module.logic()

    def layoutManager(self) -> Any:
        """Return the layout manager, or None once it is destroyed (the application holds it in a QPointer)."""
        manager = self._layout_manager
        return manager if manager is not None and shiboken6.isValid(manager) else None

    def moduleManager(self) -> qSlicerModuleManager:
        return self._module_manager

    def ioManager(self) -> qSlicerIOManager:
        return self._io_manager

    def coreIOManager(self) -> qSlicerIOManager:
        return self._io_manager

    def dicomDatabase(self) -> ctkDICOMDatabase:
        return self._dicom_database

    def extensionsManagerModel(self) -> qSlicerExtensionsManagerModel:
        return self._extensions

    def commandOptions(self) -> qSlicerCommandOptions:
        return self._options

    def settingsDialog(self) -> Any:
        """Return the settings dialog, which is made when it is first asked for; it has the panels of modules alone."""
        if self._settings_dialog is None:
            from slicerhost.ctk.settings import ctkSettingsDialog

            self._settings_dialog = ctkSettingsDialog(self._main_window)
            self._settings_dialog.settings = self._user_settings
        return self._settings_dialog

    def testingEnabled(self) -> bool:
        return self._options.testingEnabled

    def settings(self) -> QtCore.QSettings:
        return self._user_settings

    def userSettings(self) -> QtCore.QSettings:
        return self._user_settings

    def revisionUserSettings(self) -> QtCore.QSettings:
        return self._revision_settings

    def pythonConsole(self) -> None:
        """The host has no Python console."""

    # Modules and nodes

    def _associate_node_types(self, module_name: str) -> None:
        for node_type in self._module_manager.module(module_name).associatedNodeTypes or []:
            self.addModuleAssociatedNodeType(node_type, module_name)

    def addModuleAssociatedNodeType(self, node_class: str, module_name: str) -> None:
        self._node_modules.append((node_class, module_name))

    def removeModuleAssociatedNodeType(self, node_class: str, module_name: str) -> None:
        self._node_modules.remove((node_class, module_name))

    def modulesAssociatedWithNodeType(self, node_class: str) -> list[str]:
        return [module for associated, module in self._node_modules if associated == node_class]

    def allModuleAssociatedNodeTypes(self) -> list[str]:
        return sorted({node_class for node_class, _ in self._node_modules})

    def openNodeModule(self, node: Any, role: str = "", context: str = "") -> None:
        """Show a node in the module that is most confident to edit it."""
        candidates = {module for node_class, module in self._node_modules if node.IsA(node_class)}
        panels = {name: self._module_manager.module(name).widgetRepresentation() for name in sorted(candidates)}
        ranked = sorted((name for name in panels if panels[name] is not None),
                        key=lambda name: panels[name].nodeEditable(node))
        if ranked:
            panels[ranked[-1]].setEditedNode(node, role, context)
            self._main_window.moduleSelector().selectModule(ranked[-1])

    # Views

    def setRenderPaused(self, paused: bool) -> None:
        """Stop or resume drawing all views."""
        if self._layout_manager is not None:
            self._layout_manager.setRenderPaused(paused)
        self.renderPaused.emit(paused)

    def pauseRender(self) -> None:
        self.setRenderPaused(True)

    def resumeRender(self) -> None:
        self.setRenderPaused(False)

    def sendEvent(self, receiver: QtCore.QObject, event: QtCore.QEvent) -> bool:
        return QtCore.QCoreApplication.sendEvent(receiver, event)

    def logUsageEvent(self, component: str, event: str) -> None:
        self.usageEventLogged.emit(component, event)

    def openUrl(self, url: str) -> None:
        """Ask the desktop to open an address."""
        QtGui.QDesktopServices.openUrl(QtCore.QUrl(url))
