"""Evaluation of classifiers: ROC, calibration, decision curves, thresholds, permutation."""
