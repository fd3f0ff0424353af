"""What a Python file imports, by its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Import:
    """One imported module.

    :param name: absolute dotted name; for ``from package import name`` it is ``package.name``.
    :param at_start: whether it happens when the file itself is imported, not later in a function.
    """

    name: str
    line: int
    at_start: bool

    @property
    def top(self) -> str:
        """First part of the name: the package that has to be installed."""
        return self.name.partition(".")[0]


def module_name(path: str) -> str:
    """Dotted name under which a file of the product is imported: ``A/ALib/b/__init__.py`` is ``ALib.b``."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    start = next((index for index, part in enumerate(parts) if part.endswith("Lib")), len(parts) - 1)
    names = parts[start:]
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


@cache
def imports_of(tree: ast.Module, path: str) -> list[Import]:
    """Every import of a file, wherever it stands, except those for type checkers alone; do not change the list."""
    package = module_name(path)
    if not path.endswith("__init__.py"):
        package = package.rpartition(".")[0]
    found = []
    for node, at_start in _walk(tree, at_start=True):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno, at_start) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            found += [Import(f"{base}.{alias.name}", node.lineno, at_start) for alias in node.names]
    return found


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    parents = package.split(".")
    kept = parents[: len(parents) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _walk(node: ast.AST, at_start: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Everything below a node but expressions, in which nothing can be imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            continue
        yield child, at_start
        later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _walk(child, at_start and not later)
