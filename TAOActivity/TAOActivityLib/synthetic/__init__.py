"""Synthetic cohorts of thyroid eye disease, in which the best possible performance of a classifier is known."""
