"""Record of whether set-up has been done for the files in their present state."""

from __future__ import annotations

import hashlib
from pathlib import Path

NAME = ".neuro-orbit-set-up"


def fingerprint(repository: Path, without_torch: bool) -> str:
    """Return a hash of everything that decides what gets installed."""
    setup = repository / "Testing/Setup"
    files = [repository / "pyproject.toml", *sorted(setup.glob("*.py")), *sorted(setup.glob("locks/*.txt"))]
    digest = hashlib.sha256(b"without torch" if without_torch else b"")
    for path in files:
        # The place counts, as an environment is tied to the source folder for which it was made.
        digest.update(str(path).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(environment: Path, wanted: str) -> bool:
    """Return whether this environment was set up with this fingerprint."""
    path = environment / NAME
    return path.is_file() and path.read_text(encoding="utf-8") == wanted


def write(environment: Path, wanted: str) -> None:
    """Record that this environment has been set up."""
    (environment / NAME).write_text(wanted, encoding="utf-8")
