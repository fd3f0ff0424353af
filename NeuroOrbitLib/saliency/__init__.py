"""Explanation of a classifier's decisions: occlusion maps, Grad-CAM, and the check that they depend on the weights."""
