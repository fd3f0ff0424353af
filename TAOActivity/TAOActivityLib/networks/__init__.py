"""The classifiers of Lin et al. 2021, and a compact network."""
