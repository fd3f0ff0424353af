"""Training configurations of the papers' networks (JSON files)."""
