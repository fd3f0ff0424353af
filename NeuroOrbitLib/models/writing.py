"""Making a model package from a trained network."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from NeuroOrbitLib.models.weights import file_sha256, write_weights
from NeuroOrbitLib.research_use import RESEARCH_USE

if TYPE_CHECKING:
    from torch import Tensor

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def write_package(
    folder: str | Path, weights: Mapping[str, Tensor], facts: ModelFacts, half: bool = False,
    documents: Mapping[str, Any] | None = None,
) -> ModelPackage:
    """Write a model package; one that is already there is replaced, and kept if writing fails.

    :param folder: the package's folder; its parents are created.
    :param weights: state dictionary of the trained network.
    :param half: store floating-point weights in half precision (half the size).
    :param documents: plain data by name, stored beside the card; see :mod:`NeuroOrbitLib.models.documents`.
    :raises ModelProblem: if the name is not made of small letters, digits and hyphens, or the folder holds anything
        but a model package.
    """
    check_name(facts.name)
    check_place(folder)
    folder = Path(folder).resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
        new = Path(temporary)
        _write_files(new, weights, facts, half, documents or {})
        folder.mkdir(exist_ok=True)
        for part in sorted(new.iterdir()):
            if (folder / part.name).exists():
                shutil.rmtree(folder / part.name)
            part.rename(folder / part.name)
    return ModelPackage.open(folder)


def check_name(name: str) -> None:
    """Whether a model may have this name.

    :raises ModelProblem: if it is not made of small letters, digits and hyphens.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ModelProblem(f"{name!r} is no name for a model: use small letters, digits and hyphens.")


def check_place(folder: str | Path) -> None:
    """Whether a package may be written to a folder, as one that is there is replaced: ask before a long training.

    :raises ModelProblem: if it holds anything but a model package of this extension.
    """
    folder = Path(folder).resolve()
    if folder.exists() and not folder.is_dir():
        raise ModelProblem(f"{folder} is a file. Choose a new folder for the model package.")
    if folder.is_dir() and any(folder.iterdir()) and not _is_ours(folder):
        raise ModelProblem(f"{folder} holds other files. Choose a new folder for the model package.")


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


def _metadata(facts: ModelFacts, sha256: str, size: int) -> dict[str, Any]:
    """MONAI's bundle fields for its tools, and ours in a section of their own."""
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
