"""Images in patient space: the image type, files, geometry with exact inverses, intensities."""

from NeuroOrbitLib.imaging.image import Grid, Image

__all__ = ["Grid", "Image"]
