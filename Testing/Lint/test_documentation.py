"""Public functions of the product say what they do and what they take."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from Testing.Lint.source_tree import product_sources, tree_of

# Methods that Slicer, unittest and torch call by name: what they do is in their own documentation, and what a network
# takes and gives stands in the docstring of its class.
CALLED_BY_NAME = {
    "forward",
    "setup", "cleanup", "enter", "exit", "setUp", "tearDown", "runTest",
    "onSceneStartClose", "onSceneEndClose", "onSceneStartImport", "onSceneEndImport",
    "register", "icon", "helpText", "clone", "activate", "deactivate", "setupOptionsFrame", "createCursor",
    "processInteractionEvents", "processViewNodeEvents", "setMRMLDefaults", "referenceGeometryChanged",
    "sourceVolumeNodeChanged", "layoutChanged", "interactionNodeModified", "updateGUIFromMRML", "updateMRMLFromGUI",
}  # fmt: skip

# What VTK hands to every observer; Slicer's own code leaves these without types.
FROM_VTK = {"caller", "event"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_functions(body: list[ast.stmt]) -> Iterator[tuple[Function, bool]]:
    """Public functions and methods, and whether each is a method; not what is defined inside functions."""
    for node in body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node, False
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner, _ in public_functions(node.body):
                yield inner, not _has_decorator(inner, "staticmethod")


def documentation_findings(path: str, tree: ast.Module) -> list[str]:
    """What is not said in one file."""
    found = [] if ast.get_docstring(tree) else [f"{path}:1: say in a docstring what the file is for"]
    if path.endswith("__init__.py") and not tree.body:
        found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node):
            found.append(f"{path}:{node.lineno}: class {node.name} has no docstring")
    for function, is_method in public_functions(tree.body):
        where = f"{path}:{function.lineno}: {function.name}"
        if not ast.get_docstring(function) and function.name not in CALLED_BY_NAME and not _is_overload(function):
            found.append(f"{where} has no docstring: what it does, shapes, axis order, units, errors")
        missing = _arguments_without_type(function, is_method)
        if missing:
            found.append(f"{where} does not say the type of {', '.join(missing)}")
    return found


def _arguments_without_type(function: Function, is_method: bool) -> list[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args][1 if is_method else 0 :] + arguments.kwonlyargs
    named += [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    missing = [argument.arg for argument in named if argument.annotation is None and argument.arg not in FROM_VTK]
    return missing + ([] if function.returns else ["its result"])


def _has_decorator(function: Function, name: str) -> bool:
    return any(ast.unparse(decorator).split("(")[0].endswith(name) for decorator in function.decorator_list)


def _is_overload(function: Function) -> bool:
    return any(_has_decorator(function, name) for name in ("overload", "setter"))


def test_public_functions_have_docstrings_and_types():
    found = [finding for path in product_sources() for finding in documentation_findings(path, tree_of(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("'''File.'''\ndef f() -> None:\n    pass", "f has no docstring"),
        ("'''File.'''\ndef f(a, *, b) -> None:\n    '''Does.'''", "type of a, b"),
        ("'''File.'''\ndef f(a: int):\n    '''Does.'''", "type of its result"),
        ("'''File.'''\nclass C:\n    '''Is.'''\n    def f(self, a) -> None:\n        '''Does.'''", "type of a"),
        ("'''File.'''\nclass C:\n    pass", "class C has no docstring"),
        ("x = 1", "what the file is for"),
    ],
)
def test_what_is_not_said_is_found(code, says):
    (finding,) = documentation_findings("NeuroOrbitLib/a.py", ast.parse(code))
    assert says in finding


def test_what_is_private_or_known_to_slicer_needs_no_docstring():
    methods = "    def setup(self) -> None:\n        pass\n    def _f(self, a):\n        pass"
    code = f"'''File.'''\nclass W:\n    '''Is.'''\n{methods}"
    assert not documentation_findings("Orbit/Orbit.py", ast.parse(code))
