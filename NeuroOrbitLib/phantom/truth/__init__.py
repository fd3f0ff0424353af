"""The true measures of a parametric head, from its geometry rather than from voxels."""
