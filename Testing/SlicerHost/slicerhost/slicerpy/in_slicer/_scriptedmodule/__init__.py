"""The four base classes of scripted modules, one per file."""
