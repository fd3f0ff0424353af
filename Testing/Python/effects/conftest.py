"""Tests that need the application's scene and widgets."""

from __future__ import annotations


def pytest_ignore_collect(config):
    """These tests need the application: leave them to the session that has it."""
    return None if config.pluginmanager.has_plugin("slicerhost.pytest_plugin") else True
