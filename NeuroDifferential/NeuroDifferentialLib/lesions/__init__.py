"""Segmentation of white-matter lesions: the classical method, the learned method, and their shared parts."""
