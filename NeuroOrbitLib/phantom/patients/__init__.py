"""Synthetic patients: a head, its scans and its truth, one by one or as a cohort."""
