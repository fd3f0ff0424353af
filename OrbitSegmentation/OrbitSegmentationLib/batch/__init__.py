"""Many scans segmented and measured in one go: which scans, the work on one of them, and the summary of all."""
