"""The only interface between the scene and the pure code: nodes in, nodes out (imports slicer, never qt)."""
