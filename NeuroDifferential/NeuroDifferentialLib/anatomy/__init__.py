"""The parts of the brain in a scan: priors of their position, alignment of the priors, and tissue classes."""
