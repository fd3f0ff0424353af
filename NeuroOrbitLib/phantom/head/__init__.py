"""The head around the orbits: parametric heads, and real heads as label maps."""
