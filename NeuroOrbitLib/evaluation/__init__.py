"""Evaluation of segmentations and classifiers, and its reports."""
