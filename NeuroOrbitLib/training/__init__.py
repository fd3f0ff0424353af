"""Training shared by the modules: cohorts, patient-level folds, losses, the engine and its checkpoints."""
