"""The emulated C++ classes by their Slicer name: what a .ui file names and what `slicer.<name>` and `ctk.<name>` give.

An emulated class is declared once and found by every consumer (the .ui loader, the `slicer` and `ctk` modules, the
manifest audit)::

    @register
    class qMRMLSliderWidget(ctkSliderWidget):
        quantity = qt_property(str, "_quantity", "")

`register` also applies `slicerhost.pythonqt.declare.emulated`, which gives the class PythonQt's manners.
"""
from __future__ import annotations

from slicerhost.pythonqt.declare import emulated

_classes: dict[str, type] = {}


def register(cls: type) -> type:
    """Class decorator: publish an emulated C++ class under its own name and return it."""
    _classes[cls.__name__] = emulated(cls)
    return cls


def find(name: str) -> type | None:
    """Return the emulated class of that C++ name, or None."""
    return _classes.get(name)


def registered() -> dict[str, type]:
    """Return a copy of all emulated classes by name."""
    return dict(_classes)
