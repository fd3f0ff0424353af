"""Short functions, small files, a small repository."""

from __future__ import annotations

import ast

from Testing.Lint.source_tree import REPOSITORY, all_files, product_sources, python_files, text_of, tree_of
from Testing.Lint.test_floors import is_module_file

FUNCTION_LINES = 60
MODULE_FILE_LINES = 250
FILE_LINES = 500
REPOSITORY_MEGABYTES = 100  # Slicer's index of extensions takes no more
FILE_MEGABYTES = 16


def long_functions(path: str, tree: ast.Module) -> list[str]:
    """Functions with too many lines; their docstrings do not count."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            start = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
            lines = node.end_lineno - start + 1
            if lines > FUNCTION_LINES:
                found.append(f"{path}:{node.lineno}: {node.name} has {lines} lines; give its parts names (<= 60)")
    return found


def long_file(path: str, text: str) -> list[str]:
    """Whether a file of the product has too many lines."""
    limit = MODULE_FILE_LINES if is_module_file(path) else FILE_LINES
    lines = text.count("\n")
    if lines <= limit:
        return []
    return [f"{path}: {lines} lines; move what is a thing of its own to a file of its own (<= {limit})"]


def large_files(sizes: dict[str, int]) -> list[str]:
    """Files, and a repository, that are too large to be installed with the extension.

    :param sizes: bytes of each file.
    """
    limit = FILE_MEGABYTES * 2**20
    found = [f"{path}: {size / 2**20:.0f} MB (<= {FILE_MEGABYTES})" for path, size in sizes.items() if size > limit]
    total = sum(sizes.values()) / 2**20
    if total > REPOSITORY_MEGABYTES:
        found.append(f"The repository has {total:.0f} MB (<= {REPOSITORY_MEGABYTES}); publish large files as a release")
    return found


def test_functions_are_short():
    found = [finding for path in python_files() for finding in long_functions(path, tree_of(path))]
    assert not found, "\n".join(found)


def test_files_are_small():
    found = [finding for path in product_sources() for finding in long_file(path, text_of(path))]
    assert not found, "\n".join(found)


def test_the_repository_is_small():
    found = large_files({path: (REPOSITORY / path).stat().st_size for path in all_files()})
    assert not found, "\n".join(found)


def test_a_long_function_is_found_and_a_long_docstring_is_not():
    documented = "def f():\n    '''" + "word\n" * 80 + "'''\n    pass\n"
    assert not long_functions("a.py", ast.parse(documented))
    assert "f has 72 lines" in long_functions("a.py", ast.parse("def f():\n" + "    pass\n" * 71))[0]


def test_a_long_module_file_and_a_large_file_are_found():
    assert long_file("Orbit/Orbit.py", "\n" * 251)
    assert not long_file("Orbit/OrbitLib/measure.py", "\n" * 251)
    assert large_files({"model.bin": 17 * 2**20}) == ["model.bin: 17 MB (<= 16)"]
    assert "has 105 MB" in large_files({f"{number}.bin": 15 * 2**20 for number in range(7)})[0]
