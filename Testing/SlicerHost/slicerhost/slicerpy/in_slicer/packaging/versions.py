"""Which packages are installed, and which of them were replaced after they had been imported."""
from __future__ import annotations

import importlib
import importlib.metadata
import sys

from packaging.utils import canonicalize_name


def _get_installed_versions() -> dict[str, str]:
    """Version by canonical name of the package; sees what another process installed."""
    importlib.invalidate_caches()
    return {canonicalize_name(distribution.metadata["Name"]): distribution.metadata["Version"]
            for distribution in importlib.metadata.distributions()}


def _importNames() -> dict[str, set[str]]:
    """Names under which the modules of a package are imported, by the package's canonical name."""
    names: dict[str, set[str]] = {}
    for importName, distributions in importlib.metadata.packages_distributions().items():
        for distribution in distributions:
            names.setdefault(canonicalize_name(distribution), set()).add(importName)
    return names


def _find_updated_imported_packages(
    before_versions: dict[str, str], after_versions: dict[str, str],
) -> list[tuple[str, str | None, str]]:
    """Packages of another version than before whose modules are imported: (name, old version, new version).

    A package that was not installed before has the old version None: it had been imported and then uninstalled.
    """
    importNames = _importNames()
    changed = [(name, before_versions.get(name), version) for name, version in after_versions.items()
               if before_versions.get(name) != version]
    return [entry for entry in changed if any(name in sys.modules for name in importNames.get(entry[0], ()))]
