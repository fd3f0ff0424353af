"""Emulated CTK widgets and the `ctk` module."""
from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class CtkModule(ModuleType):
    """`ctk`: emulated classes, and placeholders for those that CTK has but the host does not emulate."""

    def __getattr__(self, name: str) -> Any:
        from slicerhost import placeholders, registry

        cls = registry.find(name) if name.startswith("ctk") else None
        if cls is None and name.startswith("ctk"):
            cls = placeholders.placeholder(name)
        if cls is None:
            raise AttributeError(f"module 'ctk' has no attribute '{name}'")
        setattr(self, name, cls)
        return cls


def install() -> ModuleType:
    """Register the CTK classes and return the `ctk` module."""
    if "ctk" not in sys.modules:
        from slicerhost.ctk import (  # noqa: F401
            buttons,
            choices,
            collapsible,
            paths,
            ranges,
            settings,
            sliders,
            spin_boxes,
            texts,
            transfer_functions,
        )

        module = CtkModule("ctk")
        module.ctkWidgetsUtils = texts.ctkWidgetsUtils
        sys.modules["ctk"] = module
    return sys.modules["ctk"]
