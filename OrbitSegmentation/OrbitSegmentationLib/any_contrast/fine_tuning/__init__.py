"""Fine-tuning: the default model's orbit network learns on from label maps of one's own."""
