"""Configurations of classifiers that are shipped with the module."""
