"""Synthetic cohorts of treated patients, in which the best possible performance of a classifier is known."""
