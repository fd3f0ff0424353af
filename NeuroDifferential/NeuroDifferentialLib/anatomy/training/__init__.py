"""Training of the network of the brain's parts on simulated scans of head label maps, without any patient's image."""
