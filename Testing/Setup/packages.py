"""Installation of the product and of the packages that it and its tests need."""

from __future__ import annotations

from pathlib import Path

from Testing.Setup.console import SetupError, output_of, pip_install, say

NEEDS_TORCH = ("torch", "monai")
# tomllib came with Python 3.11; pip vendors tomli in all supported versions.
READ_REQUIREMENTS = """
import sys
from pip._vendor import tomli
with open(sys.argv[1], "rb") as file:
    project = tomli.load(file)["project"]
extras = project["optional-dependencies"]
for requirement in [*project["dependencies"], *extras["host"], *extras["development"]]:
    if not requirement.startswith(project["name"]):
        print(requirement)
"""


def install_build_tools(python: Path) -> None:
    """Install the packages that build others from source.

    :raises SetupError: when nothing can be installed at all.
    """
    done, output = output_of(pip_install(python, "pip>=23", "setuptools>=77", "wheel"))
    if not done:
        raise SetupError(
            f"{output.strip()}\npip could not install packages. Is the package index reachable, or the proxy set?"
        )


def install_product(python: Path, repository: Path, without_torch: bool) -> None:
    """Install the packages of pyproject.toml's groups, and the product itself from its source folder.

    :raises SetupError: when one of them cannot be installed.
    """
    say("Installing the Python packages (a few minutes the first time)")
    if without_torch:
        target = [name for name in requirements(python, repository) if not name.startswith(NEEDS_TORCH)]
    else:
        target = ["--no-build-isolation", "--editable", f"{repository}[development]"]
    done, output = output_of(pip_install(python, *target))
    if not done:
        raise SetupError(
            f"{output.strip()}\nThe packages could not be installed; the lines above say which one and why."
        )


def requirements(python: Path, repository: Path) -> list[str]:
    """Return every requirement of the product and of its development extra, as pyproject.toml lists them."""
    listed, output = output_of([python, "-c", READ_REQUIREMENTS, repository / "pyproject.toml"])
    if not listed:
        raise SetupError(f"pyproject.toml could not be read:\n{output.strip()}")
    return output.split()
