"""Checks that show how far a segmentation can be trusted, and what can be done about its faults."""
