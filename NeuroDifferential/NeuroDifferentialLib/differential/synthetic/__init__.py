"""Synthetic patients with NMOSD or MS, before and after they are scanned."""
