"""Lesions, answers and their records as nodes of the scene."""
