"""Training the papers' networks: samples, configuration, the run itself."""
