"""Writing a trained network as a model package."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.files.safe import why_not_written
from NeuroOrbitLib.models.card import card_text
from NeuroOrbitLib.models.documents import write_documents
from NeuroOrbitLib.models.package import (
    CARD_FILE,
    METADATA_FILE,
    SECTION,
    WEIGHTS_FILE,
    ModelFacts,
    ModelPackage,
    read_section,
)
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.models.replacing import fill_empty_folder, flush_to_disk, recover, replace_folder
from NeuroOrbitLib.models.weights import file_sha256, is_as_stored, write_weights
from NeuroOrbitLib.research_use import RESEARCH_USE
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import Tensor

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: The folders that make a package.
_PARTS = {Path(file).parts[0] for file in (METADATA_FILE, WEIGHTS_FILE, CARD_FILE)}


def write_package(
    folder: str | Path, weights: Mapping[str, Tensor], facts: ModelFacts, half: bool = False,
    documents: Mapping[str, Any] | None = None,
) -> ModelPackage:
    """Write a model package; an existing one is replaced, and kept if anything fails.

    The package is first written beside its place, read back as on a user's computer, and then exchanged with the
    existing one. Files in the folder that do not belong to the package stay.

    :param folder: the package's folder; its parents are created.
    :param weights: state dictionary of the trained network.
    :param facts: facts about the model.
    :param half: whether to store floating-point weights in half precision (half the size).
    :param documents: plain data by name, stored beside the card; see :mod:`NeuroOrbitLib.models.documents`.
    :return: the package as it is on disk.
    :raises ModelProblem: if the name has characters other than small letters, digits and hyphens, the folder holds
        anything but a model package, the package cannot be written, or what was written cannot be read back.
    """
    check_name(facts.name)
    check_place(folder)
    folder = Path(folder).resolve()
    try:
        _write_and_exchange(folder, weights, facts, half, documents or {})
    except OSError as error:
        raise ModelProblem(why_not_written(folder, error)) from error
    return ModelPackage.open(folder)


def _write_and_exchange(folder: Path, weights: Mapping[str, Tensor], facts: ModelFacts, half: bool,
                        documents: Mapping[str, Any]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
        new = Path(temporary) / folder.name
        new.mkdir()
        _write_files(new, weights, facts, half, documents)
        _read_again(new, weights, half, documents)
        if folder.exists() and not any(folder.iterdir()):
            flush_to_disk(new)
            fill_empty_folder(new, folder, last=Path(METADATA_FILE).parts[0])
        else:
            _copy_files_of_others(folder, new)
            flush_to_disk(new)
            replace_folder(new, folder)


def check_name(name: str) -> None:
    """Make sure that a model may have this name.

    :raises ModelProblem: if it has characters other than small letters, digits and hyphens.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ModelProblem(_("{name!r} is no name for a model: use small letters, digits and hyphens.").format(
            name=name))


def check_place(folder: str | Path) -> None:
    """Make sure, before a long training, that a package may be written to a folder: an existing package is replaced.

    :raises ModelProblem: if the folder is a file, or holds anything but a model package of this extension.
    """
    folder = Path(folder).resolve()
    recover(folder)
    if folder.exists() and not folder.is_dir():
        raise ModelProblem(_("{folder} is a file. Choose a new folder for the model package.").format(folder=folder))
    if folder.is_dir() and any(folder.iterdir()) and not _is_ours(folder):
        raise ModelProblem(_("{folder} holds other files. Choose a new folder for the model package.").format(
            folder=folder))


def _is_ours(folder: Path) -> bool:
    try:
        return bool(read_section(folder / METADATA_FILE))
    except (OSError, ModelProblem):
        return False


def _write_files(folder: Path, weights: Mapping[str, Tensor], facts: ModelFacts, half: bool,
                 documents: Mapping[str, Any]) -> None:
    path = folder / WEIGHTS_FILE
    write_weights(weights, path, half)
    sha256, size = file_sha256(path), path.stat().st_size
    metadata = _metadata(facts, sha256, size)
    metadata[SECTION]["documents"] = write_documents(folder, documents)
    _write_text(folder / METADATA_FILE, json.dumps(metadata, indent=2) + "\n")
    _write_text(folder / CARD_FILE, card_text(facts, sha256, size))


def _read_again(folder: Path, weights: Mapping[str, Tensor], half: bool, documents: Mapping[str, Any]) -> None:
    """Make sure that a package on disk equals what was to be written.

    :raises ModelProblem: if it is not, for example because the disk is full or faulty.
    """
    package = ModelPackage.open(folder)
    read = package.load_state_dict()
    same = read.keys() == weights.keys() and all(is_as_stored(read[name], weights[name], half) for name in weights)
    for name, content in documents.items():
        same = same and package.document(name) == json.loads(json.dumps(content))
    if not same:
        raise ModelProblem(_("The model package could not be written to {parent} as it is. Check the disk, and try "
                             "again.").format(parent=folder.parent.parent))


def _copy_files_of_others(folder: Path, new: Path) -> None:
    """Copy everything except the parts of a package from the folder that is to be replaced into the new one."""
    for path in folder.iterdir() if folder.exists() else ():
        if path.name in _PARTS:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, new / path.name, symlinks=True)
        else:
            shutil.copy2(path, new / path.name, follow_symlinks=False)


def _metadata(facts: ModelFacts, sha256: str, size: int) -> dict[str, Any]:
    """Return the fields of a MONAI bundle for MONAI's tools, with the extension's own fields in a separate section."""
    from importlib.metadata import version  # twenty modules that no start of Slicer needs

    return {
        "version": facts.version,
        "changelog": {facts.version: "see docs/README.md"},
        "monai_version": version("monai"),
        "pytorch_version": version("torch").split("+")[0],
        "numpy_version": version("numpy"),
        "name": facts.title,
        "task": facts.title,
        "description": facts.description or facts.title,
        "authors": "SlicerNeuroOrbit contributors",
        "copyright": facts.license,
        "data_source": facts.training_data,
        "intended_use": RESEARCH_USE,
        "network_data_format": {"outputs": {"pred": {"channel_def": dict(enumerate(facts.labels))}}},
        SECTION: {
            "name": facts.name,
            "version": facts.version,
            "title": facts.title,
            "modality": facts.modality,
            "labels": list(facts.labels),
            "training_data": facts.training_data,
            "license": facts.license,
            "network": {"name": facts.network, "arguments": dict(facts.network_arguments)},
            "settings": dict(facts.settings),
            "calibration": dict(facts.calibration),
            "performance": dict(facts.performance),
            "description": facts.description,
            "weights": {"file": WEIGHTS_FILE, "sha256": sha256, "size": size},
        },
    }


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
