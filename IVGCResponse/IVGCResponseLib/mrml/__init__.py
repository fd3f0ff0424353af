"""Dealings of the module with the scene (imports slicer, never qt)."""
