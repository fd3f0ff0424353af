"""SlicerHost: a test double of 3D Slicer's application on top of the real MRML of the slicer-core wheel.

Nothing is imported here, so that `import slicerhost` costs nothing; `slicerhost.session.start()` brings the
application up.
"""
