"""Label maps of other projects: the meaning of their values, sides by position, contradictions to anatomy."""
