"""Networks on lesion images."""
