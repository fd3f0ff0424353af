"""Results of the steps of a reproduction: stored in files, collected, and written as document and data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.models.package import METADATA_FILE


def kept(path: Path, make: Callable[[], dict[str, Any]], *of: ModelPackage) -> dict[str, Any]:
    """Return the content of a result file, which is made if it is missing or older than the packages that it is about.

    :param of: packages that the result is about.
    """
    made = path.stat().st_mtime if path.exists() else 0.0
    if made <= max([(package.folder / METADATA_FILE).stat().st_mtime for package in of], default=0.0):
        result = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".partial")
        unfinished.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(path)
    return json.loads(path.read_text(encoding="utf-8"))


def evaluations(folder: Path) -> dict[str, Any]:
    """Return the result of every finished step, by the name of its folder."""
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(folder.glob("*/evaluation.json"))}


def write_results(stem: str, text: str, data: Mapping[str, Any], folder: Path, document: Path | None,
                  copy_pictures: Callable[[Path], None]) -> None:
    """Print a reproduction's document and write it into its folder with its data.

    :param stem: name of the files without their extension.
    :param text: the document in Markdown.
    :param document: file to which the document is written as well, with its pictures beside it; ``None`` for none.
    :param copy_pictures: function that copies the pictures into a folder.
    """
    print(text)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.md").write_text(text, encoding="utf-8")
    (folder / f"{stem}.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    if document:
        document.parent.mkdir(parents=True, exist_ok=True)
        document.write_text(text, encoding="utf-8")
        copy_pictures(document.parent)


def split_sections(page: str) -> tuple[str, dict[str, str]]:
    """Return the text before the first section of a Markdown page, and the text of each section by its title."""
    head, *sections = page.split("\n## ")
    return head.strip(), {title.strip(): text.strip() for title, _, text in (each.partition("\n") for each in sections)}


def joined(head: str, sections: Mapping[str, str]) -> str:
    """Return the page of a head and sections by title, the inverse of :func:`split_sections`."""
    return "\n\n".join([head, *(f"## {title}\n\n{text}" for title, text in sections.items())]) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table in Markdown."""
    return [f"| {' | '.join(header)} |", "|" + "---|" * len(header), *(f"| {' | '.join(row)} |" for row in rows)]
