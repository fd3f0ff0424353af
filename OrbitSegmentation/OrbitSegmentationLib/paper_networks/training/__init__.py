"""Training of the papers' networks: samples, configuration and the run."""
