"""The library that the NeuroOrbit modules share.

Importing this package is fast: every heavy dependency (torch, monai, SimpleITK, slicer, qt) is imported by the
subpackage that needs it, when it needs it.
"""

__version__ = "0.1.0"
