"""Synthetic cohorts of thyroid eye disease with a known ceiling for every classifier."""
