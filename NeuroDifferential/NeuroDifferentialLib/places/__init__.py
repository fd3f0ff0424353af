"""Lesions as objects: confluent ones are split, and each is measured and placed in a region of the brain."""
