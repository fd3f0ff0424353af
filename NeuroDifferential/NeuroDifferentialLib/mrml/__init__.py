"""Lesions, answers and their record as nodes of the scene."""
