"""Synthetic patients with NMOSD or MS, and simulated scans of them."""
