"""Inference of the default model: find both globes in a whole head, segment each orbit in the right-eye frame."""
