"""The true measures of a parametric head, from its own geometry instead of from voxels."""
