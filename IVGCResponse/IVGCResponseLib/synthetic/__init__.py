"""Synthetic cohorts of treated patients with a known ceiling for every classifier."""
