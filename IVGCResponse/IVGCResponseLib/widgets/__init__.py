"""The parts of the module's panel (they import qt)."""
