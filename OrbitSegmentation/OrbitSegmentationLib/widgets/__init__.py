"""The module's own parts of panels (imports qt and slicer; no computation)."""
