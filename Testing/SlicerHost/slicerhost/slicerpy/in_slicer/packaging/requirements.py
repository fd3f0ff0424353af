"""Reading requirements, and checking them against what is installed."""
from __future__ import annotations

import importlib.metadata
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib


def load_requirements(path: str | Path) -> list[Requirement]:
    """Return the requirements in a requirements.txt file, without comments and options for pip (lines with ``-``)."""
    lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and line[0] not in "#-"]


def load_pyproject_dependencies(path: str | Path) -> list[Requirement]:
    """Return the ``dependencies`` of the ``[project]`` table of a pyproject.toml file; KeyError without a table."""
    with open(path, "rb") as file:
        content = tomllib.load(file)
    if "project" not in content:
        raise KeyError(f"{path} has no [project] table")
    return [Requirement(dependency) for dependency in content["project"].get("dependencies", [])]


def _to_requirements(reqs: str | Requirement | list[str | Requirement]) -> list[Requirement]:
    """Return a list of Requirements from any of the forms in which they can be given.

    A text is one requirement if it can be read as one (a marker may contain blanks), else several, divided by blanks.
    """
    if isinstance(reqs, str):
        try:
            return [Requirement(reqs)]
        except InvalidRequirement:
            reqs = reqs.split()
    if isinstance(reqs, Requirement):
        return [reqs]
    if not isinstance(reqs, list):
        raise TypeError(f"Requirements are a str, a Requirement or a list of these, not {type(reqs).__name__}")
    return [Requirement(req) if isinstance(req, str) else req for req in reqs]


def pip_check(req: str | Requirement | list[str | Requirement]) -> bool:
    """Return whether all requirements are satisfied, those that their extras bring included. Runs no other process.

    A requirement whose marker does not apply to this environment counts as satisfied.
    """
    checked: set[tuple[str, frozenset[str]]] = set()
    return all(_isSatisfied(requirement, checked) for requirement in _to_requirements(req))


def _isSatisfied(requirement: Requirement, checked: set[tuple[str, frozenset[str]]]) -> bool:
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    key = (requirement.name.lower(), frozenset(requirement.extras))
    if key in checked:  # dependencies may go round in a circle
        return True
    checked.add(key)
    try:
        installed = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return installed in requirement.specifier and all(
        _isSatisfied(dependency, checked) for dependency in _dependenciesOfExtras(requirement))


def _dependenciesOfExtras(requirement: Requirement) -> list[Requirement]:
    """Return the dependencies of the package's requested extras, without the markers that say so."""
    if not requirement.extras:
        return []
    environment = default_environment()
    brought = []
    for text in importlib.metadata.requires(requirement.name) or []:
        dependency = Requirement(text)
        marker = dependency.marker
        if marker and any(marker.evaluate({**environment, "extra": extra}) for extra in requirement.extras):
            dependency.marker = None
            brought.append(dependency)
    return brought
