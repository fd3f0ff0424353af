"""The available model packages: those that come with the extension and those that the user has added."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.models.limits import DESCRIPTION_BYTES, read_text
from NeuroOrbitLib.models.package import ModelPackage, is_package
from NeuroOrbitLib.models.problem import ModelProblem, NameTaken
from NeuroOrbitLib.models.replacing import left_aside, recover
from NeuroOrbitLib.resources import resource_path
from NeuroOrbitLib.sentences import sentence as _

MANIFEST_FILE = "manifest.json"
ENVIRONMENT_VARIABLE = "NEUROORBIT_MODELS"
_FORMAT = 1


@dataclass(frozen=True)
class Inventory:
    """The usable packages, and the reasons why other packages cannot be used."""

    packages: tuple[ModelPackage, ...]
    problems: tuple[ModelProblem, ...]

    def of_kind(self, accepts: Callable[[ModelPackage], bool]) -> Inventory:
        """Return the inventory with only the packages for which ``accepts`` is true; the problems stay."""
        return Inventory(tuple(filter(accepts, self.packages)), self.problems)


def available_packages(extra_roots: Sequence[str | Path] = ()) -> list[ModelPackage]:
    """Return the usable packages, one per name.

    A package of the user does not replace one of the extension's own packages with the same name, except through the
    environment variable ``NEUROORBIT_MODELS``; a notice names each package that is replaced. If several packages of the
    user have the same name, the first one is used: ``extra_roots`` come first, then the folders in that variable.

    :param extra_roots: folders that hold model packages or are model packages themselves.
    """
    return list(take_inventory(extra_roots).packages)


def take_inventory(extra_roots: Sequence[str | Path] = ()) -> Inventory:
    """Return the packages of :func:`available_packages` and the reasons why others cannot be used.

    Weights are not read. A package whose name is taken by another one is among the problems, so that the user knows
    that it is not used.
    """
    problems: list[ModelProblem] = []
    shipped = list(_opened(_shipped(problems), problems))
    added = list(_opened(_users(extra_roots, problems), problems))
    installed = list(_opened(_users(_environment_roots(), problems), problems))
    names = {package.name for package in shipped}
    replacing = [package for package in installed if package.name in names]
    found: dict[str, ModelPackage] = {}
    for package in [*replacing, *shipped, *added, *installed]:
        first = found.setdefault(package.name, package)
        if not _is_same(first, package):
            problems.append(_name_is_taken(package, first, is_shipped=first in shipped))
    order = {package.name: None for package in [*added, *installed, *shipped]}
    return Inventory(tuple(found[name] for name in order), tuple(problems))


def find_package(name: str | Path, extra_roots: Sequence[str | Path] = (),
                 accepts: Callable[[ModelPackage], bool] = lambda package: True) -> ModelPackage:
    """Return the package with this name, or in this folder.

    A name without a path is first looked up among the installed models; to open a folder of the same name, write
    ``./name``.

    :param name: name of a package, or its folder.
    :param extra_roots: folders that hold model packages or are model packages themselves.
    :param accepts: function that tells whether the caller can use a package; the message only names such packages.
    :raises ModelProblem: if there is no such package; the message names the available ones.
    """
    given = Path(name)
    is_path = isinstance(name, Path) or len(given.parts) > 1 or str(name) != given.name
    if is_path and is_package(given):
        return ModelPackage.open(given)
    inventory = take_inventory(extra_roots)
    for package in inventory.packages:
        if package.name == str(name):
            return package
    if is_package(given):
        return ModelPackage.open(given)
    names = ", ".join(package.name for package in inventory.packages if accepts(package)) or "none"
    reasons = " ".join(str(problem) for problem in inventory.problems if str(name) in str(problem))
    raise ModelProblem(_("There is no model {name}. Choose another one, or install it again. Installed models: "
                         "{names}. {reasons}").format(name=name, names=names, reasons=reasons).rstrip())


def passed_over(name: str, extra_roots: Sequence[str | Path] = ()) -> list[str]:
    """Return notices about packages that are not used because the chosen model has the same name.

    :param name: name of the chosen model.
    :param extra_roots: folders that hold model packages or are model packages themselves.
    """
    problems = take_inventory(extra_roots).problems
    return [str(problem) for problem in problems if isinstance(problem, NameTaken) and problem.name == name]


def manifest_entry(package: ModelPackage) -> dict[str, Any]:
    """Return the entry of a package in the manifest."""
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
    """Write the manifest of all packages in a folder, e.g. after a new model was trained, and return its path.

    :raises ModelProblem: if a package cannot be used, or its weights are not those it describes.
    :raises NotWritten: if the manifest cannot be written.
    """
    packages = [ModelPackage.open(folder) for folder in packages_in(root)]
    for package in packages:
        package.verify()
    content = {"format": _FORMAT, "packages": [manifest_entry(package) for package in packages]}
    return write_json(root / MANIFEST_FILE, content)


_Found = tuple[Path, dict[str, Any] | None]


def _opened(folders: Iterable[_Found], problems: list[ModelProblem]) -> Iterator[ModelPackage]:
    """Yield the packages in some folders; those that cannot be used are added to ``problems`` instead."""
    for folder, published in folders:
        try:
            package = ModelPackage.open(folder)
            _check_published(package, published)
        except ModelProblem as problem:
            problems.append(problem)
        except OSError as error:
            problems.append(ModelProblem(_("The model package {folder} cannot be read ({error}).").format(
                folder=folder, error=error)))
        else:
            yield package


def _environment_roots() -> list[str]:
    return [text for text in os.environ.get(ENVIRONMENT_VARIABLE, "").split(os.pathsep) if text]


def _users(roots: Sequence[str | Path], problems: list[ModelProblem]) -> Iterator[_Found]:
    for root in map(Path, roots):
        try:
            yield from [(folder, None) for folder in packages_in(root)]
        except ModelProblem as problem:
            problems.append(problem)
        except OSError as error:
            problems.append(ModelProblem(_("The folder {root} cannot be searched for models ({error}).").format(
                root=root, error=error)))


def packages_in(root: Path) -> list[Path]:
    """Return the model packages in a folder, or the folder itself if it is one.

    Hidden folders hold unfinished packages and are left out.

    :raises ModelProblem: if a package whose replacement was interrupted cannot be restored.
    """
    if is_package(root):
        return [root]
    if not root.is_dir():
        return []
    for folder in left_aside(root):
        recover(folder)
    return [folder for folder in sorted(root.iterdir()) if not folder.name.startswith(".") and _shows_package(folder)]


def _shows_package(folder: Path) -> bool:
    """Return whether a folder is a package; the system's own folders on a memory stick may not be looked into."""
    try:
        return is_package(folder)
    except PermissionError:
        return False


def _shipped(problems: list[ModelProblem]) -> list[_Found]:
    """Return the folders of the extension's own packages, each with its name and hash in the manifest."""
    try:
        path = resource_path("Models", MANIFEST_FILE)
        content = json.loads(read_text(path, DESCRIPTION_BYTES))
        return [(path.parent / entry["folder"], {key: entry[key] for key in ("name", "sha256")})
                for entry in content["packages"]]
    except FileNotFoundError as error:
        problems.append(ModelProblem(str(error)))
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        problems.append(ModelProblem(_("The extension's list of models is damaged ({error}). Install the extension "
                                       "again.").format(error=error)))
    return []


def _is_same(one: ModelPackage, other: ModelPackage) -> bool:
    """Return whether two packages are copies of each other."""
    return (one.sha256, one.version, one.facts) == (other.sha256, other.version, other.facts)


def _name_is_taken(package: ModelPackage, first: ModelPackage, is_shipped: bool) -> NameTaken:
    owner = _("comes with the extension") if is_shipped else _("lies in {folder}").format(folder=first.folder)
    return NameTaken(
        _("The model in {folder} is not offered: its name {package} is that of another model, which {owner}. Give "
          "it another name, or choose it by its folder on the command line.").format(
        folder=package.folder, package=package.name, owner=owner), package.name)


def _check_published(package: ModelPackage, published: dict[str, Any] | None) -> None:
    """Raise ModelProblem if a package of the extension does not agree with its entry in the manifest."""
    if published is not None and (package.name, package.sha256) != (published["name"], published["sha256"]):
        raise ModelProblem(
            _("The model {name} is not the one that came with this version of the extension. Install the extension "
              "again.").format(name=published["name"])
        )
