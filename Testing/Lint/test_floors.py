"""Imports go down only: panel, logic, pipelines, shared (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from Testing.Lint.imports import Import, imports_of, module_name
from Testing.Lint.source_tree import product_sources, tree_of

QT = ("qt", "ctk", "PythonQt", "PySide6")
SCENE = ("slicer", "vtk", "vtkmodules", "slicer_core", "mrml", "sitkUtils")
NEURAL = ("torch", "monai")
# What takes long to import; nothing of it may be imported before the user presses a button.
HEAVY = ("torch", "monai", "SimpleITK", "scipy", "sklearn", "skimage", "nibabel", "pandas", "matplotlib", "tensorboard")
#: The library of Slicer's DICOM module.
SLICERS_OWN = "DICOMLib"
MRML, WIDGETS, EFFECTS = "NeuroOrbitLib.mrml", "NeuroOrbitLib.widgets", "NeuroOrbitLib.effects"

FORBIDDEN = {
    "shared": (*QT, *SCENE, MRML, WIDGETS, EFFECTS),
    "pipelines": (*QT, *SCENE, MRML, WIDGETS, EFFECTS),
    "logic": (*QT, WIDGETS, EFFECTS, *NEURAL),
    "panel": ("PySide6", *NEURAL),
}
WHAT_TO_DO = {
    "shared": "shared code is pure: hand it arrays and Image, and do the scene's part in NeuroOrbitLib/mrml",
    "pipelines": "pipelines are pure: do the scene's part in the module's logic or in NeuroOrbitLib/mrml",
    "logic": "logic knows no Qt and no networks: do it in the panel, or in the worker through a job",
    "panel": "the panel asks the worker for networks (a job) and speaks to Qt through slicer's own `qt`",
}


def floor_of(path: str) -> str:
    """The floor that a file of the product lives on; the rooms of every Lib have the same names."""
    room = re.search(r"Lib/(widgets|effects|mrml)/", path)
    if room:
        return {"widgets": "panel", "effects": "panel", "mrml": "logic"}[room[1]]
    if path.startswith("NeuroOrbitLib/"):
        return "shared"
    if is_module_file(path) or "SegmentEditor" in path:
        return "panel"
    return "pipelines"


def is_module_file(path: str) -> bool:
    """Whether Slicer loads this file as a module: ``Name/Name.py``."""
    return re.search(r"(^|/)(\w+)/\2\.py$", path) is not None


def is_or_is_in(name: str, package: str) -> bool:
    """Whether a dotted name is a package or something in it."""
    return name == package or name.startswith(package + ".")


def floor_findings(path: str, tree: ast.Module) -> list[str]:
    """Imports of one file that go up."""
    floor = floor_of(path)
    found = []
    for item in imports_of(tree, path):
        where = f"{path}:{item.line}: imports {item.name}"
        if any(is_or_is_in(_as_shared(item.name), package) for package in FORBIDDEN[floor]):
            found.append(f"{where}; {WHAT_TO_DO[floor]}")
        elif _is_foreign_library(item, path):
            found.append(f"{where}; ask another module only through its Lib's `pipeline`")
    return found


def _as_shared(name: str) -> str:
    """The name of a room of any Lib as if it were in the shared library, which the rules speak of."""
    return re.sub(r"^\w+Lib\.(mrml|widgets|effects)\b", r"NeuroOrbitLib.\1", name)


def _is_foreign_library(item: Import, path: str) -> bool:
    """Whether a module's Lib is imported by another module (past its pipeline) or by shared code."""
    library = item.top
    if not library.endswith("Lib") or library in ("NeuroOrbitLib", SLICERS_OWN):
        return False
    if path.startswith(library[: -len("Lib")] + "/"):
        return False
    if path.startswith("NeuroOrbitLib/"):
        return True
    return not is_or_is_in(item.name, f"{library}.pipeline")


def heavy_chains(trees: Mapping[str, ast.Module]) -> list[str]:
    """How files that Slicer loads at its start come to import something heavy; one line each."""
    files = {module_name(path): path for path in trees}
    found = []
    for start in (path for path in trees if floor_of(path) in {"panel", "logic"}):
        chain = _first_heavy(start, trees, files, {start})
        if chain:
            found.append(f"{' -> '.join(chain)}: import it in the function that needs it, not at the top")
    return found


def _first_heavy(path: str, trees: Mapping[str, ast.Module], files: dict[str, str], seen: set[str]) -> list[str]:
    for item in imports_of(trees[path], path):
        if not item.at_start:
            continue
        if item.top in HEAVY:
            return [f"{path}:{item.line}", item.name]
        for reached in _files_run_by(item.name, files):
            if reached not in seen:
                seen.add(reached)
                chain = _first_heavy(reached, trees, files, seen)
                if chain:
                    return [f"{path}:{item.line}", *chain]
    return []


def _files_run_by(name: str, files: dict[str, str]) -> list[str]:
    """The files of the product that run when ``name`` is imported: its packages from the top, then itself."""
    parts = name.split(".")
    prefixes = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return [files[prefix] for prefix in prefixes if prefix in files]


def import_circle(trees: Mapping[str, ast.Module]) -> list[str]:
    """The files of a circle of imports, the first one also last; empty without one. Late imports count, too."""
    files = {module_name(path): path for path in trees}
    imported = {path: {file for item in imports_of(tree, path) for file in _files_run_by(item.name, files)[-1:]
                       if file != path} for path, tree in trees.items()}
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_imports_go_down_only():
    found = [finding for path in product_sources() for finding in floor_findings(path, tree_of(path))]
    assert not found, "\n".join(found)


def test_no_file_imports_one_that_imports_it():
    circle = import_circle({path: tree_of(path) for path in product_sources()})
    assert not circle, f"move what both need to a file of its own: {' <- '.join(circle)}"


def test_a_circle_of_imports_is_found_also_in_functions():
    trees = {
        "NeuroOrbitLib/mrml/a.py": ast.parse("from NeuroOrbitLib.mrml.b import f"),
        "NeuroOrbitLib/mrml/b.py": ast.parse("def f():\n    from NeuroOrbitLib.mrml import a"),
    }
    assert set(import_circle(trees)) == set(trees)
    trees["NeuroOrbitLib/mrml/b.py"] = ast.parse(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from NeuroOrbitLib.mrml.a import g")
    assert not import_circle(trees)


def test_nothing_heavy_is_imported_when_slicer_starts():
    found = heavy_chains({path: tree_of(path) for path in product_sources()})
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("NeuroOrbitLib/imaging/volume.py", "import slicer"),
        ("NeuroOrbitLib/imaging/volume.py", "def f():\n    from vtk.util import numpy_support"),
        ("NeuroOrbitLib/imaging/volume.py", "from OrbitSegmentationLib.pipeline import segment"),
        ("NeuroOrbitLib/imaging/volume.py", "from ..mrml import volumes"),
        ("NeuroOrbitLib/mrml/volumes.py", "import qt"),
        ("NeuroOrbitLib/mrml/volumes.py", "from NeuroOrbitLib.widgets import notice"),
        ("OrbitSegmentation/OrbitSegmentationLib/pipeline.py", "from NeuroOrbitLib.effects import overlays"),
        ("OrbitSegmentation/OrbitSegmentationLib/pipeline.py", "from NeuroOrbitLib.mrml import volumes"),
        ("TAOActivity/TAOActivityLib/crop.py", "from OrbitSegmentationLib.paper_networks import sv_net"),
        ("OrbitSegmentation/OrbitSegmentation.py", "def f():\n    import torch"),
        ("OrbitSegmentation/OrbitSegmentationLib/mrml/cases.py", "import qt"),
        ("OrbitSegmentation/OrbitSegmentationLib/mrml/cases.py", "from OrbitSegmentationLib.widgets import page"),
        ("OrbitSegmentation/OrbitSegmentationLib/annotation/cases.py", "from OrbitSegmentationLib.mrml import session"),
    ],
)
def test_an_import_that_goes_up_is_found(path, code):
    assert floor_findings(path, ast.parse(code))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("NeuroOrbitLib/imaging/volume.py", "import numpy\nfrom .image import Image"),
        ("NeuroOrbitLib/mrml/volumes.py", "import slicer, vtk\nfrom NeuroOrbitLib.imaging import image"),
        ("OrbitSegmentation/OrbitSegmentationLib/pipeline.py", "import torch\nfrom .networks import sv_net"),
        ("TAOActivity/TAOActivityLib/crop.py", "from OrbitSegmentationLib.pipeline import segment"),
        ("OrbitSegmentation/OrbitSegmentation.py", "import qt, slicer\nfrom OrbitSegmentationLib import labels"),
        ("OrbitSegmentation/OrbitSegmentationLib/widgets/a.py", "import qt\nfrom OrbitSegmentationLib.mrml import b"),
    ],
)
def test_an_import_that_goes_down_is_allowed(path, code):
    assert not floor_findings(path, ast.parse(code))


def test_a_heavy_import_is_found_through_other_files_and_packages():
    trees = {
        "Orbit/Orbit.py": ast.parse("from NeuroOrbitLib.mrml.volumes import read"),
        "NeuroOrbitLib/mrml/volumes.py": ast.parse("from ..imaging.image import Image"),
        "NeuroOrbitLib/imaging/__init__.py": ast.parse("from scipy import ndimage"),
        "NeuroOrbitLib/imaging/image.py": ast.parse("def f():\n    import torch"),
    }
    chain, _ = heavy_chains(trees)
    links = ["Orbit/Orbit.py:1", "NeuroOrbitLib/mrml/volumes.py:1", "NeuroOrbitLib/imaging/__init__.py:1", "scipy"]
    assert chain.startswith(" -> ".join(links))
    trees["NeuroOrbitLib/imaging/__init__.py"] = ast.parse("")
    assert not heavy_chains(trees)
