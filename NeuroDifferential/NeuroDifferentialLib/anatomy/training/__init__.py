"""How the network of the brain's parts learns: from simulated scans of head label maps, without any patient's image."""
