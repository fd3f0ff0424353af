"""Lengths, areas, volumes, ratios and angles of the orbit: each with its definition, its place and its uncertainty."""
