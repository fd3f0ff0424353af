"""Which model packages there are: those that come with the extension and those of the user."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.models.package import ModelPackage, is_package
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.resources import resource_path

MANIFEST_FILE = "manifest.json"
SCHEMA_FILE = "manifest.schema.json"
ENVIRONMENT_VARIABLE = "NEUROORBIT_MODELS"
_FORMAT = 1


@dataclass(frozen=True)
class Inventory:
    """The packages that were found, and what is wrong with the other folders."""

    packages: tuple[ModelPackage, ...]
    problems: tuple[ModelProblem, ...]

    def of_kind(self, accepts: Callable[[ModelPackage], bool]) -> Inventory:
        """Only the packages that ``accepts`` holds for; the problems stay."""
        return Inventory(tuple(filter(accepts, self.packages)), self.problems)


def available_packages(extra_roots: Sequence[str | Path] = ()) -> list[ModelPackage]:
    """The usable packages, one per name.

    The user's come before the extension's own of the same name: ``extra_roots`` first, then the folders in the
    environment variable ``NEUROORBIT_MODELS``.

    :param extra_roots: folders that hold model packages, or are one.
    """
    return list(take_inventory(extra_roots).packages)


def take_inventory(extra_roots: Sequence[str | Path] = ()) -> Inventory:
    """All packages as in :func:`available_packages`, and why other folders cannot be used. Weights are not read."""
    found: dict[str, ModelPackage] = {}
    problems: list[ModelProblem] = []
    for folder, published in [*_users(extra_roots), *_shipped(problems)]:
        try:
            package = ModelPackage.open(folder)
            _check_published(package, published)
            found.setdefault(package.name, package)
        except ModelProblem as problem:
            problems.append(problem)
    return Inventory(tuple(found.values()), tuple(problems))


def find_package(name: str | Path, extra_roots: Sequence[str | Path] = (),
                 accepts: Callable[[ModelPackage], bool] = lambda package: True) -> ModelPackage:
    """The package of this name, or in this folder.

    :param accepts: which packages the caller can use; the message names no others.
    :raises ModelProblem: if there is none; names those there are.
    """
    if is_package(Path(name)):
        return ModelPackage.open(name)
    inventory = take_inventory(extra_roots)
    for package in inventory.packages:
        if package.name == str(name):
            return package
    names = ", ".join(package.name for package in inventory.packages if accepts(package)) or "none"
    reasons = " ".join(str(problem) for problem in inventory.problems if str(name) in str(problem))
    raise ModelProblem(f"There is no model {name}. Installed models: {names}. {reasons}".rstrip())


def manifest_entry(package: ModelPackage) -> dict[str, Any]:
    """What the manifest says about a package."""
    return {
        "name": package.name,
        "version": package.version,
        "folder": package.folder.name,
        "modality": package.modality,
        "training_data": package.training_data,
        "license": package.license,
        "sha256": package.sha256,
        "size": package.size,
    }


def write_manifest(root: Path) -> Path:
    """Write the manifest of all packages in a folder, e.g. after a new model was trained; returns its path."""
    packages = [ModelPackage.open(folder) for folder in sorted(root.iterdir()) if is_package(folder)]
    for package in packages:
        package.verify()
    content = {"format": _FORMAT, "packages": [manifest_entry(package) for package in packages]}
    path = root / MANIFEST_FILE
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")
    return path


def _users(extra_roots: Sequence[str | Path]) -> Iterator[tuple[Path, None]]:
    from_environment = [text for text in os.environ.get(ENVIRONMENT_VARIABLE, "").split(os.pathsep) if text]
    for root in map(Path, [*extra_roots, *from_environment]):
        if is_package(root):
            yield root, None
        elif root.is_dir():
            yield from ((folder, None) for folder in sorted(root.iterdir()) if is_package(folder))


def _shipped(problems: list[ModelProblem]) -> list[tuple[Path, dict[str, Any]]]:
    """The extension's own packages with what its manifest says about each."""
    try:
        path = resource_path("Models", MANIFEST_FILE)
    except FileNotFoundError as error:
        problems.append(ModelProblem(str(error)))
        return []
    content = json.loads(path.read_text(encoding="utf-8"))
    return [(path.parent / entry["folder"], entry) for entry in content["packages"]]


def _check_published(package: ModelPackage, published: dict[str, Any] | None) -> None:
    """A package of the extension is the one that its manifest lists."""
    if published is not None and (package.name, package.sha256) != (published["name"], published["sha256"]):
        raise ModelProblem(
            f"The model {published['name']} is not the one that came with this version of the extension. "
            "Install the extension again."
        )
