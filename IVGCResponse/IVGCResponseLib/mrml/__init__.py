"""The parts of the module that work with the scene (they import slicer, never qt)."""
