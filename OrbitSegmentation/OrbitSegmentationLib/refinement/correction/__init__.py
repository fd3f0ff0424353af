"""AutoCorrection: a rough outline moves to the border that the image shows, never further than the user allows."""
