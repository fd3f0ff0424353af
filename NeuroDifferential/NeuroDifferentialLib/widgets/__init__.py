"""Widgets of the module's panel."""
