"""The parts of the brain in a scan: priors of where they lie, alignment of the priors, and tissue classes."""
