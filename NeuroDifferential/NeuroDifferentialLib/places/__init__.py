"""Lesions as objects: confluent ones split, each measured and placed in a region of the brain."""
