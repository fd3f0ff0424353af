"""Comparison of two visits of one patient: alignment half-way between them, and the change of every lesion."""
