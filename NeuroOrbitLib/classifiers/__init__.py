"""Classifiers on images and numbers: training, patient-level cross-validation, calibration, novelty."""
