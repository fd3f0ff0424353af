"""One Slicer application per process: `start()` brings it up, `reset()` gives the next test a fresh scene."""
from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

#: A window is at rest when two pictures of it, this many seconds apart, are the same; it is given so many.
_ROUND, _MOST_ROUNDS = 0.05, 10
#: Pixels of the main window.
_WINDOW_SIZE = (1400, 900)
_session: Session | None = None


class Session:
    """The running application.

    Attributes: core (scene.Core), app (qSlicerApplication), main_window, dialogs (dialogs.DialogWatcher),
    timings (seconds by phase: "import", "application", "views", and after load_modules() "modules").
    """

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        with self._timed("import"):
            _import_libraries()
        with self._timed("application"):
            self._start_application()
        with self._timed("views"):
            self._start_main_window()

    @contextlib.contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.timings[phase] = self.timings.get(phase, 0.0) + time.perf_counter() - started

    def _start_application(self) -> None:
        from slicerhost import errors, slicer_namespace, slicerpy, vtk_messages
        from slicerhost.application import qSlicerApplication
        from slicerhost.dialogs import DialogWatcher
        from slicerhost.scene import Core

        errors.collect_uncaught()
        vtk_messages.collect()
        self.core = Core()
        _use_settings_below(self.core.home)
        self.app = qSlicerApplication(self.core)
        slicer_namespace.install(self.app)
        _open_dicom_database(self.app, self.core.home)
        self.pip = slicerpy.install(self.core.home / "bin")
        _register_widgets()
        slicerpy.import_at_start()
        _offer_names_in_main()
        for name, logic in self.core.logics.items():
            self.app.moduleManager().factoryManager()._add_core_module(name, logic)
        self.dialogs = DialogWatcher(self.app)

    def _start_main_window(self) -> None:
        from slicerhost.main_window import qSlicerMainWindow
        from slicerhost.views.layout_manager import qSlicerLayoutManager

        self.main_window = qSlicerMainWindow(self.app.moduleManager())
        self.app._main_window = self.main_window
        layout_manager = qSlicerLayoutManager(self.main_window._viewport)
        self.app._layout_manager = layout_manager
        layout_manager.selectModule.connect(self.main_window.moduleSelector().selectModule)
        self.main_window._layouts.connect(layout_manager)
        layout_manager.setMRMLScene(self.core.scene)
        layout_manager.setLayout(_conventional_layout())
        self.main_window.resize(*_WINDOW_SIZE)
        self.main_window.show()
        self.main_window.initialWindowShown.emit()
        self.app.processEvents()

    # Modules

    def load_modules(self, paths: Iterable[str | Path], startup: bool = True) -> list[str]:
        """Load the scripted modules of the folders or files and return their names.

        startup: announce `startupCompleted` afterwards, as at the start of the application.
        """
        from slicerhost.module_manager import find_scripted_modules

        factory = self.app.moduleManager().factoryManager()
        found = [path for path in find_scripted_modules(paths) if not factory.isLoaded(path.stem)]
        with self._timed("modules"):
            for path in found:
                factory.registerModule(path)
            names = [path.stem for path in found if factory.isRegistered(path.stem)]
            factory.loadModules(names)
            if startup:
                self.complete_startup()
        return [name for name in names if factory.isLoaded(name)]

    def complete_startup(self) -> None:
        """Announce that the application has started: modules register sample data and effects on it.

        The host's own SampleData module is there by then, unless another one was loaded.
        """
        from slicerhost import slicerpy

        if not self.app.moduleManager().factoryManager().isRegistered("SampleData"):
            self.load_modules([slicerpy.SAMPLE_DATA_MODULE], startup=False)
        self.app.startupCompleted.emit()
        self.app.processEvents()

    def module_load_seconds(self, name: str) -> float:
        """Return how long importing and setting up a scripted module took, its panel excluded."""
        return self.app.moduleManager().factoryManager()._load_seconds[name]

    def select(self, name: str) -> Any:
        """Show a module and return its Python widget object (`<name>Widget`)."""
        self.main_window.moduleSelector().selectModule(name)
        self.app.processEvents()
        panel = self.app.moduleManager().module(name).widgetRepresentation()
        return panel.self() if hasattr(panel, "self") else panel

    # Tests

    @contextlib.contextmanager
    def testing_enabled(self, enabled: bool) -> Iterator[None]:
        """While it lasts slicer.app.testingEnabled() is `enabled`; slicer.util shows its dialogs only if it is not."""
        before = self.app._options.testingEnabled
        self.app._options.testingEnabled = enabled
        try:
            yield
        finally:
            self.app._options.testingEnabled = before

    def process_events(self) -> None:
        """Deliver all pending events, deferred deletions included."""
        from PySide6 import QtCore

        self.app.processEvents()
        QtCore.QCoreApplication.sendPostedEvents(None, int(QtCore.QEvent.Type.DeferredDelete.value))
        self.app.processEvents()

    def reset(self) -> None:
        """Clear the scene, close what is open and forget all problems; modules and views stay.

        The main window, which grows with every wide panel and never shrinks, gets its first size again.
        """
        from PySide6 import QtWidgets

        from slicerhost import errors

        for widget in QtWidgets.QApplication.topLevelWidgets():
            if isinstance(widget, QtWidgets.QDialog) and widget.isVisible():
                widget.close()
        self.core.scene.Clear(False)
        _open_dicom_database(self.app, self.core.home)
        self.app.layoutManager().setLayout(_conventional_layout())
        self.main_window.resize(*_WINDOW_SIZE)
        self.process_events()
        self.dialogs.forget()
        errors.forget()

    def grab(self, path: str | Path, widget: Any = None) -> Path:
        """Save a picture of the main window or another widget, once it has come to rest, and return its path."""
        widget, before = widget or self.main_window, None
        for _round in range(_MOST_ROUNDS):
            self.process_events()
            picture = widget.grab().toImage()
            if picture == before:
                break
            before = picture
            time.sleep(_ROUND)  # layouts take several turns of the event loop to follow their contents
        picture.save(str(path))
        return Path(path)

    def run(self, function: Any) -> Any:
        """Run a function inside the application's event loop and return its result.

        Slicer's code may rely on a running loop: objects given to deleteLater() before a dialog's own loop starts would
        otherwise be deleted when that loop starts.
        """
        from PySide6 import QtCore

        outcome: list[Any] = []

        def call() -> None:
            try:
                outcome.append(function())
            except BaseException as exception:  # handed over to the caller outside of the loop
                outcome.append(exception)
            finally:
                self.app.exit(0)

        QtCore.QTimer.singleShot(0, call)
        self.app.exec()
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]


def _open_dicom_database(app: Any, home: Path) -> None:
    """Open the application's DICOM database, empty, as the DICOM module does at the start (DICOM.py)."""
    import slicer

    folder = home / "SlicerDICOMDatabase"
    folder.mkdir(exist_ok=True)
    app.settings().setValue(slicer.dicomDatabaseDirectorySettingsKey, str(folder))
    database, file = app.dicomDatabase(), str(folder / "ctkDICOM.sql")
    if not database.isOpen or database.databaseFilename != file:
        database.openDatabase(file)
    if database.imagesCount():
        database.initializeDatabase()


def start() -> Session:
    """Return the session of this process; start it on the first call."""
    global _session
    if _session is None:
        _session = Session()
    return _session


def _import_libraries() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkOSOpenGLRenderWindow")
    from slicerhost import ctk, pythonqt

    pythonqt.install()
    _silence_offscreen_plugin()
    ctk.install()
    import slicer  # noqa: F401

    from slicerhost.pythonqt import namespaces
    from slicerhost.uiloader import QUiLoader

    namespaces.replace("QUiLoader", QUiLoader)
    sys.modules["qt"].QUiLoader = QUiLoader


def _silence_offscreen_plugin() -> None:
    """Drop the message that Qt's offscreen platform prints for every window; print all others."""
    from PySide6 import QtCore

    def handle(kind: object, context: object, message: str) -> None:
        if "does not support propagateSizeHints" not in message:
            print(message, file=sys.stderr)

    QtCore.qInstallMessageHandler(handle)


def _use_settings_below(home: Path) -> None:
    """Keep the user's own settings out of reach."""
    from PySide6 import QtCore

    settings = QtCore.QSettings
    settings.setDefaultFormat(settings.Format.IniFormat)
    settings.setPath(settings.Format.IniFormat, settings.Scope.UserScope, str(home))
    QtCore.QCoreApplication.setOrganizationName("NA-MIC")
    QtCore.QCoreApplication.setApplicationName("Slicer")
    Path(settings().fileName()).parent.mkdir(parents=True, exist_ok=True)


def _offer_names_in_main() -> None:
    """Put the names into `__main__` that Slicer's console starts with (slicerqt.py); modules import them from there."""
    import __main__
    for name in ("slicer", "vtk", "qt", "ctk"):
        setattr(__main__, name, sys.modules[name])


def _register_widgets() -> None:
    """Import the modules that register qMRML and qSlicer classes, and register the Segment Editor's C++ effects."""
    import importlib
    import pkgutil

    from slicerhost import mrmlwidgets, segmenteditor

    for package in (mrmlwidgets, segmenteditor):
        for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    segmenteditor.builtin_effects.register_builtin_effects()


def _conventional_layout() -> int:
    import slicer

    return int(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)
