"""Synthetic patients, each with a head, its scans and their truth, singly or as a cohort."""
