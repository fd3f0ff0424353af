"""The lists of files in the CMakeLists.txt files and pyproject.toml, made from the files themselves.

A file that CMake does not list is silently not installed, so the lists are made, not typed:
``python -m Testing.Lint.file_lists --write`` (``make cmake-lists``). Without ``--write`` it says what differs.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from Testing.Lint.source_tree import REPOSITORY, product_files

LIBRARY = "NeuroOrbitLib"
RESOURCES = "Resources"
INDENT = {"CMakeLists.txt": "  {}", "pyproject.toml": '    "{}",'}


@dataclass(frozen=True)
class Listing:
    """One list in one file: the lines between its BEGIN and END marks."""

    file: str
    name: str
    entries: tuple[str, ...]

    def marks(self) -> re.Pattern[str]:
        """What stands before, between and after the marks."""
        begin, end = rf"# BEGIN {self.name} \(make cmake-lists\)\n", rf"[ \t]*# END {self.name}\b"
        return re.compile(rf"({begin})(.*?)({end})", re.DOTALL)

    def lines(self) -> str:
        """The lines that belong between the marks."""
        form = INDENT[PurePosixPath(self.file).name]
        return "".join(form.format(entry) + "\n" for entry in self.entries)

    def written_in(self, text: str) -> str:
        """The text of the file with this list up to date.

        :raises ValueError: when the file has no marks for it.
        """
        if not self.marks().search(text):
            raise ValueError(f"{self.file} has no lines '# BEGIN {self.name} (make cmake-lists)' and '# END'.")
        return self.marks().sub(lambda match: match[1] + self.lines() + match[3], text, count=1)

    def found_in(self, text: str) -> set[str]:
        """The entries that the file lists now."""
        match = self.marks().search(text)
        lines = match[2].splitlines() if match else []
        return {line.strip().strip('",') for line in lines} - {""}


def listings(files: Iterable[str], folders_with_cmake: Iterable[str]) -> list[Listing]:
    """Every list, from the files of the product.

    :param files: paths from the top folder.
    :param folders_with_cmake: folders of modules, each with a CMakeLists.txt of its own.
    """
    files = sorted(files)
    shared = [path for path in files if path.startswith((f"{LIBRARY}/", f"{RESOURCES}/"))]
    found = _scripts_and_resources(f"{LIBRARY}/CMakeLists.txt", shared, prefix="")
    for folder in sorted(folders_with_cmake):
        inside = [path for path in files if _belongs_to(path, folder, folders_with_cmake)]
        found += _scripts_and_resources(f"{folder}/CMakeLists.txt", inside, prefix=f"{folder}/")
    return [*found, Listing("pyproject.toml", "packages", tuple(_packages(files)))]


def _belongs_to(path: str, folder: str, folders: Iterable[str]) -> bool:
    inner = [other for other in folders if other.startswith(folder + "/")]
    return (
        path.startswith(folder + "/")
        and not path.startswith(f"{folder}/Testing/")
        and not any(path.startswith(other + "/") for other in inner)
    )


def _scripts_and_resources(file: str, paths: list[str], prefix: str) -> list[Listing]:
    installed = [path[len(prefix) :] for path in paths if not _is_for_developers(path)]
    scripts = tuple(path for path in installed if path.endswith(".py"))
    resources = tuple(path for path in installed if not path.endswith(".py"))
    return [Listing(file, "scripts", scripts), Listing(file, "resources", resources)]


def _is_for_developers(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return parts[-1] == "CMakeLists.txt" or (len(parts) == 2 and parts[-1] == "README.md")


def _packages(files: list[str]) -> list[str]:
    """Importable packages: the shared library and every module's Lib, with their subpackages.

    Those of Segment Editor effects are left out: they are of no use outside of the application.
    """
    packages = set()
    for path in files:
        parts = PurePosixPath(path).parts[:-1]
        start = next((index for index, part in enumerate(parts) if part.endswith("Lib")), None)
        if start is not None and path.endswith(".py") and not parts[start].startswith("SegmentEditor"):
            packages.add(".".join(parts[start:]))
    return sorted(packages)


def module_folders() -> list[str]:
    """Folders of modules: those with a CMakeLists.txt that builds a scripted module."""
    found = []
    for path in product_files():
        if path.endswith("/CMakeLists.txt") and "slicerMacroBuildScriptedModule" in (REPOSITORY / path).read_text():
            found.append(path.rpartition("/")[0])
    return found


def differences() -> list[str]:
    """What is missing from a list, or listed but not there; one line each."""
    found = []
    for listing in listings(product_files(), module_folders()):
        listed = listing.found_in((REPOSITORY / listing.file).read_text(encoding="utf-8"))
        wanted = set(listing.entries)
        where = f"{listing.file}, {listing.name}"
        found += [f"{where}: {entry} is not listed" for entry in sorted(wanted - listed)]
        found += [f"{where}: {entry} is listed but is not there" for entry in sorted(listed - wanted)]
    return found


def write() -> None:
    """Bring every list up to date."""
    for listing in listings(product_files(), module_folders()):
        path = REPOSITORY / listing.file
        text = path.read_text(encoding="utf-8")
        updated = listing.written_in(text)
        if updated != text:
            path.write_text(updated, encoding="utf-8")
            print(f"Updated {listing.file}: {listing.name}")


def main() -> int:
    """Exit status 1 when a list differs from the files and was not to be written."""
    parser = argparse.ArgumentParser(description="Lists of files in CMakeLists.txt and pyproject.toml.")
    parser.add_argument("--write", action="store_true", help="bring the lists up to date")
    if parser.parse_args().write:
        write()
        return 0
    print(*differences(), sep="\n")
    return 1 if differences() else 0


if __name__ == "__main__":
    sys.exit(main())
