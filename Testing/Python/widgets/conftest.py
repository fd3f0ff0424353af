"""Tests that need the application's scene and widgets."""

from __future__ import annotations


def pytest_ignore_collect(config):
    """These tests need the application: leave them to the session that has it, and start it before they are imported."""
    if not config.pluginmanager.has_plugin("slicerhost.pytest_plugin"):
        return True
    from slicerhost.session import start

    start()
    return None
