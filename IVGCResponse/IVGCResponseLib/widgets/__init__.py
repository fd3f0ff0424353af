"""Parts of the module's panel (imports qt)."""
