"""Checks of how far a segmentation can be trusted, with advice on its faults."""
