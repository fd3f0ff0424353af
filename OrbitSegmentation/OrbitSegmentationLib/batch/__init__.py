"""Batches: many scans segmented and measured in one run, with a summary of all results."""
