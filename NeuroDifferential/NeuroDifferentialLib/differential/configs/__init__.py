"""Shipped configurations of classifiers."""
