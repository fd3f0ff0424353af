"""Networks that segment the orbit; :mod:`.registry` names them without importing torch."""
