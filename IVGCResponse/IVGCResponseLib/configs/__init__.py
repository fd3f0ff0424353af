"""Configurations that come with the product: those of the paper, and compact ones for a computer without GPU."""
