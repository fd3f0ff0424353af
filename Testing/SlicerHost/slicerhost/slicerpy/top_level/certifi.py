"""Stands in for certifi, which Slicer's Python has, where it is not installed: this system's own certificates."""
from __future__ import annotations

import ssl
from pathlib import Path


def where() -> str:
    """Return the path of the certificates of trusted authorities."""
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.openssl_cafile


def contents() -> str:
    """Return the certificates as text."""
    return Path(where()).read_text(encoding="ascii", errors="replace")
