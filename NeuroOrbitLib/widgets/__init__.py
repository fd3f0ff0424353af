"""Parts that the panels of all modules share (import qt and slicer; no computation)."""
