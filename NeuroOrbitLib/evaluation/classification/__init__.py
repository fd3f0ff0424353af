"""How good a classifier is: ROC, calibration, decision curves, thresholds, permutation."""
