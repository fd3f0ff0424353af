"""Every package that the product imports is declared, and every declared one is explained."""

from __future__ import annotations

import re
import sys

from pip._vendor import tomli

from Testing.Lint.imports import imports_of
from Testing.Lint.source_tree import product_sources, text_of, tree_of

# Import name -> package name, where they differ.
PACKAGE = {
    "pywt": "PyWavelets",
    "radiomics": "pyradiomics",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
FROM_SLICER = {
    "ctk", "packaging", "qt", "slicer", "vtk", "vtkmodules", "DICOMLib", "PythonQt", "PyTorchUtils", "SampleData",
    "SegmentEditorEffects", "qSlicerSegmentationsEditorEffectsPythonQt", "sitkUtils", "SubjectHierarchyPlugins",
}  # fmt: skip


def declared() -> dict[str, set[str]]:
    """Package names by group, as pyproject.toml lists them; the group of what is always needed is ''."""
    project = tomli.loads(text_of("pyproject.toml"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {group: {package_name(line) for line in lines} for group, lines in groups.items()}


def package_name(requirement: str) -> str:
    """Name of the package in a requirement, in lower case: "SimpleITK>=2.3" is "simpleitk"."""
    return re.match(r"[\w.-]+", requirement)[0].lower()


def undeclared(imported: dict[str, str], known: set[str]) -> list[str]:
    """Imported packages that nobody declared.

    :param imported: top-level import name and where it is imported.
    :param known: declared package names, in lower case.
    """
    return [
        f"{where}: imports {name}; declare it in pyproject.toml and docs/dependencies.md, or do without it"
        for name, where in imported.items()
        if PACKAGE.get(name, name).lower() not in known
    ]


def third_party_imports() -> dict[str, str]:
    """Packages that the product imports from elsewhere, with one place that does."""
    found = {}
    for path in product_sources():
        for item in imports_of(tree_of(path), path):
            own = item.top.endswith("Lib") and item.top not in FROM_SLICER
            if not own and item.top not in sys.stdlib_module_names | FROM_SLICER | {"__future__"}:
                found.setdefault(item.top, f"{path}:{item.line}")
    return found


def test_every_imported_package_is_declared():
    groups = declared()
    known = groups[""] | groups["radiomics"] | groups["cluster"]
    found = undeclared(third_party_imports(), known)
    assert not found, "\n".join(found)


def test_every_package_that_users_must_install_is_used():
    used = {PACKAGE.get(name, name).lower() for name in third_party_imports()}
    text = "".join(text_of(path) for path in product_sources())
    unused = {name for name in declared()[""] - used if not re.search(rf"utils\.{name}|version\(.{name}.\)", text)}
    assert not unused, f"Nobody needs these, take them out of pyproject.toml: {', '.join(sorted(unused))}"


def test_every_declared_package_is_explained():
    explained = text_of("docs/dependencies.md").lower()
    packages = set().union(*declared().values()) - {"neuro-orbit"}
    missing = sorted(name for name in packages if name not in explained)
    assert not missing, f"docs/dependencies.md does not say licence and purpose of: {', '.join(missing)}"


def test_every_package_asked_for_in_slicer_is_declared_too():
    lines = [line for name in ("requirements", "requirements-pdf")
             for line in text_of(f"Resources/{name}.txt").splitlines()]
    asked = {package_name(line) for line in lines if line.strip() and not line.startswith("#")}
    assert asked <= declared()[""], "Outside Slicer the same packages are needed: list them in pyproject.toml"


def test_an_undeclared_package_is_found():
    assert undeclared({"sklearn": "a.py:1"}, {"numpy"}) == [
        "a.py:1: imports sklearn; declare it in pyproject.toml and docs/dependencies.md, or do without it"
    ]
    assert not undeclared({"sklearn": "a.py:1"}, {"scikit-learn"})
