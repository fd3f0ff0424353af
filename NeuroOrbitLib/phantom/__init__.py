"""Synthetic anatomy of the orbit and head, and the CT and MR images that a scanner would make of it."""

from NeuroOrbitLib.phantom.orbit.random_shape import random_orbit_shape
from NeuroOrbitLib.phantom.orbit.raster import rasterise_orbit, rasterise_orbit_parts
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape

__all__ = ["OrbitShape", "random_orbit_shape", "rasterise_orbit", "rasterise_orbit_parts"]
