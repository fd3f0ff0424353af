"""The parts of the module's Segment Editor effects that work with the scene (they import slicer)."""
