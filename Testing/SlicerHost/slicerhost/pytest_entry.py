"""What pytest finds where SlicerHost is installed: the option `--slicerhost`, which brings the real plugin in.

Without the option nothing is imported or changed: other projects in the same environment must not notice the host.
"""
from __future__ import annotations

import importlib

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--slicerhost", action="store_true", help="run the tests inside the host of Slicer's modules")


def pytest_configure(config: pytest.Config) -> None:
    """Start the host before the tests are imported, if the option is given."""
    if config.getoption("--slicerhost"):
        config.pluginmanager.register(importlib.import_module("slicerhost.pytest_plugin"), "slicerhost.pytest_plugin")
