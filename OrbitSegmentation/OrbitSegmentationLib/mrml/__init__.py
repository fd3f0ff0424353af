"""The module's own dealings with the scene (imports slicer, never qt)."""
