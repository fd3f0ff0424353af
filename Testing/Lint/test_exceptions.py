"""Errors are caught by name; everything is caught only where the user or another process is told of it."""

from __future__ import annotations

import ast

import pytest

from Testing.Lint.source_tree import product_sources, tree_of
from Testing.Lint.test_floors import floor_of

BROAD = {"Exception", "BaseException"}
# The worker process tells its parent about every error instead of dying silently.
PROCESS_BOUNDARY = "NeuroOrbitLib/jobs/"


def broad_catches(path: str, tree: ast.Module) -> list[str]:
    """Places that catch everything away from the boundary to the user and to other processes."""
    if floor_of(path) == "panel" or path.startswith(PROCESS_BOUNDARY):
        return []
    lines = [node.lineno for node in ast.walk(tree) if _catches_everything(node)]
    return [f"{path}:{line}: name the errors that may happen here; only panel and jobs catch all" for line in lines]


def silent_catches(path: str, tree: ast.Module) -> list[str]:
    """Places that catch everything and do nothing about it, wherever they are."""
    return [
        f"{path}:{node.lineno}: tell the user or the log what was caught here"
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node) and _does_nothing(node)
    ]


def _catches_everything(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return node.type is None or bool(_names(node.type) & BROAD)
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
        return any(_names(argument) & BROAD for argument in node.args)
    return False


def _names(node: ast.expr) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def _does_nothing(handler: ast.ExceptHandler) -> bool:
    return all(isinstance(statement, ast.Pass | ast.Continue) for statement in handler.body)


def test_errors_are_caught_by_name():
    rules = (broad_catches, silent_catches)
    found = [finding for path in product_sources() for rule in rules for finding in rule(path, tree_of(path))]
    assert not found, "\n".join(found)


CATCH = "try:\n    f()\nexcept {}:\n    g()"


@pytest.mark.parametrize("caught", ["", "Exception", "(ValueError, BaseException)"])
def test_catching_everything_is_found_in_a_library_but_not_in_a_panel(caught):
    tree = ast.parse(CATCH.format(caught))
    assert broad_catches("NeuroOrbitLib/imaging/a.py", tree)
    assert not broad_catches("NeuroOrbitLib/widgets/a.py", tree)
    assert not broad_catches("NeuroOrbitLib/jobs/worker.py", tree)


def test_catching_silently_is_found_even_in_a_panel():
    assert silent_catches("NeuroOrbitLib/widgets/a.py", ast.parse("try:\n    f()\nexcept Exception:\n    pass"))
    assert broad_catches("NeuroOrbitLib/imaging/a.py", ast.parse("with contextlib.suppress(Exception):\n    f()"))


def test_catching_by_name_is_allowed():
    assert not broad_catches("NeuroOrbitLib/imaging/a.py", ast.parse(CATCH.format("(OSError, ValueError)")))
