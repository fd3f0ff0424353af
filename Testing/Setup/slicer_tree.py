"""The modules laid out as Slicer gets them, as links to the sources: ``python -m Testing.Setup.slicer_tree FOLDER``.

Adding the folder to Slicer's module paths runs the extension from the sources: an edit counts at the next reload.
It holds exactly the files that the CMakeLists.txt files list, so what works here works when installed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from Testing.Lint.file_lists import LIBRARY, module_folders
from Testing.Lint.source_tree import REPOSITORY

MARK = ".neuro-orbit-tree"


def listed_files() -> dict[str, Path]:
    """Return a mapping of place in the installed tree to source, for every file that a CMakeLists.txt lists."""
    found = {}
    for folder in [LIBRARY, *module_folders()]:
        # The shared library's list starts at the top folder, the lists of modules at the module.
        source = REPOSITORY if folder == LIBRARY else REPOSITORY / folder
        for entry in _entries(REPOSITORY / folder / "CMakeLists.txt"):
            found[entry] = source / entry
    return found


def _entries(cmake: Path) -> list[str]:
    entries, inside = [], False
    for line in cmake.read_text(encoding="utf-8").splitlines():
        if line.strip().startswith("# BEGIN "):
            inside = True
        elif line.strip().startswith("# END "):
            inside = False
        elif inside:
            entries.append(line.strip())
    return entries


def make(folder: Path) -> None:
    """Lay out the tree in ``folder``, replacing an earlier one.

    :raises ValueError: when the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise ValueError(f"{folder} holds other files. Choose an empty or a new folder.")
    shutil.rmtree(folder, ignore_errors=True)
    for place, source in listed_files().items():
        link = folder / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(source)
    (folder / MARK).touch()


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve()
    make(target)
    print(f"Add this folder to Slicer's module paths (Edit > Application Settings > Modules): {target}")
