"""PythonQt's semantics on PySide6.

The PySide6 classes are patched in place, because objects that come back from C++ (`layout.itemAt(0).widget()`) must
behave like those created in Python, and because modules compare `type(widget) == qt.QCheckBox`.
"""
from __future__ import annotations

import os
import sys
from types import ModuleType


def install() -> ModuleType:
    """Patch PySide6 once per process and return the `qt` module."""
    if "qt" in sys.modules:
        return sys.modules["qt"]
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from slicerhost.pythonqt import (
        attributes,
        classes,
        conversion,
        enums,
        layouts,
        lists,
        namespaces,
        objects,
        properties,
        values,
    )

    enums.install()
    conversion.install()
    properties.install()
    objects.install()
    values.install()
    lists.install()
    attributes.install()
    classes.install()
    layouts.install()
    return namespaces.install()
