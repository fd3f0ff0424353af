"""Documents of a model package: JSON beside the model card, each listed with its hash like the weights.

A panel plots them and a pipeline compares scans with them, without access to the images that the model was evaluated
on. Names in use: ``evaluation`` (see :func:`NeuroOrbitLib.evaluation.classification.curves.evaluation_document`) and
``familiar`` (see :mod:`NeuroOrbitLib.classifiers.familiarity`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from NeuroOrbitLib.models.limits import DOCUMENT_BYTES, lies_inside, read_text
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.models.weights import check_file, file_sha256
from NeuroOrbitLib.sentences import sentence as _

FOLDER = "docs"
_NAME = re.compile(r"[a-z]+(_[a-z]+)*")


def write_documents(folder: Path, documents: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Write documents into a package's folder.

    :param folder: the package's folder.
    :param documents: plain data by name (small letters and underscores).
    :return: the entries of the package's description: file, SHA-256 and size in bytes of each document, by name.
    :raises ModelProblem: if a name has other characters.
    """
    entries = {}
    for name, content in documents.items():
        if not _NAME.fullmatch(name):
            raise ModelProblem(_("{name!r} is no name for a document: use small letters and underscores.").format(
                name=name))
        file = f"{FOLDER}/{name}.json"
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8", newline="\n")
        entries[name] = {"file": file, "sha256": file_sha256(path), "size": path.stat().st_size}
    return entries


def read_document(folder: Path, entry: Mapping[str, Any]) -> Any:
    """Read the document that an entry of the package's description lists, as plain data.

    :param folder: the package's folder.
    :param entry: file, SHA-256 and size of the document, as :func:`write_documents` returns them.
    :raises ModelProblem: if the document is missing, damaged, changed, or lies outside of the package.
    """
    try:
        path, sha256, size = folder / str(entry["file"]), str(entry["sha256"]), int(entry["size"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelProblem(_("{folder} does not describe its documents completely ({error}). Install the model "
                             "again.").format(folder=folder, error=error)) from error
    if not lies_inside(path, folder):
        raise ModelProblem(_("The model package {folder} points to a file outside of it. It is not used.").format(
            folder=folder))
    check_file(path, sha256, size)
    try:
        return json.loads(read_text(path, DOCUMENT_BYTES))
    except ModelProblem:
        raise
    except (ValueError, RecursionError) as error:
        raise ModelProblem(_("The model's file {path} is damaged ({error}). Install the model again.").format(
            path=path, error=error)) from error
