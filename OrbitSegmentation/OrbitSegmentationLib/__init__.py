"""Pure computation of the OrbitSegmentation module: never imports slicer, qt or vtk."""
