"""Write Slicer's terminology file and colour table of the orbit from the vocabulary.

Usage: ``python -m NeuroOrbitLib.anatomy.write_resources [FOLDER]`` (the extension's Resources by default).
"""

from __future__ import annotations

import sys
from pathlib import Path

from NeuroOrbitLib.anatomy.terminology import color_table_text, terminology_text
from NeuroOrbitLib.resources import resource_path

TERMINOLOGY_FILE = ("Terminology", "SegmentationCategoryTypeModifier-Orbit.term.json")
COLOR_TABLE_FILE = ("ColorTables", "Orbit.ctbl")


def resource_texts() -> dict[tuple[str, str], str]:
    """Return the text of each generated file, by its path inside Resources."""
    return {TERMINOLOGY_FILE: terminology_text(), COLOR_TABLE_FILE: color_table_text()}


def write_resources(folder: Path) -> list[Path]:
    """Write the generated files into ``folder`` and return their paths."""
    paths = []
    for place, text in resource_texts().items():
        path = folder.joinpath(*place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else resource_path()
    print("\n".join(str(path) for path in write_resources(target)))
