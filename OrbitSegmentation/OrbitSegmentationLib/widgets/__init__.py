"""The module's parts of panels (they import qt and slicer, and compute nothing)."""
