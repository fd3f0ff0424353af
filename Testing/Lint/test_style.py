"""Ruff finds nothing (its rules are in pyproject.toml)."""

from __future__ import annotations

import subprocess
import sys

from Testing.Lint.source_tree import REPOSITORY, python_files


def ruff(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run ruff in the repository."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, input=text, capture_output=True, text=True)


def test_ruff_finds_nothing():
    result = ruff(*python_files())
    assert result.returncode == 0, f"{result.stdout}{result.stderr}\nMany of these mend themselves: ruff check --fix"


def test_ruff_would_find_something():
    result = ruff("--stdin-filename=NeuroOrbitLib/a.py", "-", text="import os\n" + "x = 1  # " + "y" * 120 + "\n")
    assert "F401" in result.stdout
    assert "E501" in result.stdout
