"""Finding white-matter lesions: what is common to all ways, the classical way, and the network's."""
