"""Two visits of one patient: aligned half-way, and what became of every lesion."""
