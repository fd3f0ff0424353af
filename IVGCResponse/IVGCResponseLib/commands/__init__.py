"""The commands of ``python -m IVGCResponseLib``, a file each."""
