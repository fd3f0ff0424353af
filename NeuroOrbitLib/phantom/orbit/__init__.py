"""The parametric orbit: its shape, its random variation, its disease, and its structures as voxels."""
