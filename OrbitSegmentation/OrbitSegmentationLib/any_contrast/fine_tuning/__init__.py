"""Fine-tuning: training of the default model's orbit network on a user's own label maps."""
