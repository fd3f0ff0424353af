"""The parts of the module's Segment Editor effects that know the scene (they import slicer)."""
