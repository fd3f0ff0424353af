"""One module per command; they import nothing heavy before they run."""
