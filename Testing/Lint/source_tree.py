"""The files that the lints look at, read once."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# What a user gets. Everything else in the repository is there to make or to check it.
PRODUCT_FOLDERS = (
    "NeuroOrbitLib",
    "OrbitSegmentation",
    "TAOActivity",
    "IVGCResponse",
    "NeuroDifferential",
    "Resources",
)
IGNORED_FOLDERS = {".git", ".venv", "__pycache__", "out", "build", "dist", "runs"}


@cache
def all_files() -> tuple[str, ...]:
    """Every file of the repository, as a path from its top folder: what git knows, or, without git, what is there."""
    command = ["git", "-C", str(REPOSITORY), "ls-files", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):
        return tuple(sorted(_walk()))
    return tuple(sorted(path for path in listed if path and (REPOSITORY / path).is_file()))


def _walk() -> list[str]:
    paths = (path.relative_to(REPOSITORY) for path in REPOSITORY.rglob("*") if path.is_file())
    return [path.as_posix() for path in paths if not IGNORED_FOLDERS.intersection(path.parts)]


def product_files(suffix: str = "") -> list[str]:
    """Files of the product whose names end with ``suffix``."""
    return [path for path in all_files() if path.split("/")[0] in PRODUCT_FOLDERS and path.endswith(suffix)]


def product_sources() -> list[str]:
    """Python files of the product, without the tests that lie beside it."""
    return [path for path in product_files(".py") if "/Testing/" not in path]


def python_files() -> list[str]:
    """Every Python file of the repository."""
    return [path for path in all_files() if path.endswith(".py")]


@cache
def text_of(path: str) -> str:
    """The text of a file."""
    return (REPOSITORY / path).read_text(encoding="utf-8")


@cache
def tree_of(path: str) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(text_of(path), filename=path)
