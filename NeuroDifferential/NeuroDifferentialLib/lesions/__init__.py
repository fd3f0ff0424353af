"""Finding white-matter lesions: the classical method, the learned method, and what they share."""
