"""Slicer's widgets that know MRML (qMRML* and the module widgets that scripted modules use)."""
