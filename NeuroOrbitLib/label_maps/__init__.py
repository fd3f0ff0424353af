"""Label maps of others: what their values mean, which side they lie on, and whether they can be what they claim."""
