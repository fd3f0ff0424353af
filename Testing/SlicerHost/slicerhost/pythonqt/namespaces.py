"""The Python modules `qt` and `PythonQt.*`."""
from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.qt_types import qt_modules
from slicerhost.pythonqt.values import BoolResult

_SUBMODULES = {
    "QtCore": ("QtCore",), "QtGui": ("QtGui", "QtWidgets"), "QtNetwork": ("QtNetwork",), "QtUiTools": ("QtUiTools",),
    "QtSvg": ("QtSvg", "QtSvgWidgets"), "QtXml": ("QtXml",), "QtSql": ("QtSql",), "QtPrintSupport": ("QtPrintSupport",),
}
_GLOBAL_FUNCTIONS = {"qVersion": QtCore.qVersion, "qDebug": QtCore.qDebug, "qWarning": QtCore.qWarning,
                     "qCritical": QtCore.qCritical, "qMax": max, "qMin": min, "qAbs": abs, "qRound": round}


class _EmptyItemView(QtWidgets.QAbstractItemView):
    """`qt.QAbstractItemView`: PythonQt's shell can be created, its purely virtual methods do nothing."""

    def visualRect(self, index: QtCore.QModelIndex) -> QtCore.QRect:
        return QtCore.QRect()

    def scrollTo(self, index: QtCore.QModelIndex, hint: Any = None) -> None:
        """Nothing to scroll."""

    def indexAt(self, point: QtCore.QPoint) -> QtCore.QModelIndex:
        return QtCore.QModelIndex()

    def moveCursor(self, action: Any, modifiers: Any) -> QtCore.QModelIndex:
        return QtCore.QModelIndex()

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return 0

    def isIndexHidden(self, index: QtCore.QModelIndex) -> bool:
        return False

    def setSelection(self, rectangle: QtCore.QRect, command: Any) -> None:
        """Nothing to select."""

    def visualRegionForSelection(self, selection: Any) -> QtGui.QRegion:
        return QtGui.QRegion()


def install() -> ModuleType:
    """Create `qt` and `PythonQt`, register them with the interpreter, and return `qt`."""
    qt = ModuleType("qt")
    for module in reversed(qt_modules()):
        _copy_public_names(module, qt)
    for name, function in _GLOBAL_FUNCTIONS.items():
        setattr(qt, name, function)
    qt.QAbstractItemView = _EmptyItemView
    qt.Signal, qt.Slot, qt.Property, qt.BoolResult = QtCore.Signal, QtCore.Slot, QtCore.Property, BoolResult
    sys.modules["qt"] = qt
    _install_pythonqt(qt)
    return qt


def _install_pythonqt(qt: ModuleType) -> None:
    package = ModuleType("PythonQt")
    package.__path__ = []
    package.BoolResult, package.Qt = BoolResult, QtCore.Qt
    sys.modules["PythonQt"] = package
    available = {module.__name__.rpartition(".")[2]: module for module in qt_modules()}
    for name, sources in _SUBMODULES.items():
        module = ModuleType("PythonQt." + name)
        for source in sources:
            if source in available:
                _copy_public_names(available[source], module)
        module.__getattr__ = lambda member, qt=qt: _from_qt(qt, member)
        setattr(package, name, module)
        sys.modules[module.__name__] = module


def _from_qt(qt: ModuleType, name: str) -> Any:
    """Names that the host replaces in `qt` later (QUiLoader) are the same in PythonQt's submodules."""
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(qt, name)


def _copy_public_names(source: ModuleType, target: ModuleType) -> None:
    for name in dir(source):
        if not name.startswith("_"):
            setattr(target, name, getattr(source, name))


def replace(name: str, value: Any) -> None:
    """Replace a class in `qt` and in every PythonQt module that has it."""
    for module_name, module in list(sys.modules.items()):
        if module_name == "qt" or (module_name.startswith("PythonQt.") and name in vars(module)):
            setattr(module, name, value)
