"""A model package: a folder with weights, a description and a model card, in the layout of a MONAI bundle.

::

    configs/metadata.json        MONAI's fields, and ours under "neuro_orbit"
    models/model.safetensors     weights
    docs/README.md               model card
    docs/*.json                  documents, if any (see NeuroOrbitLib.models.documents)

A package holds data, not code. It names its network, which is built by the code of the module that uses it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.models.documents import read_document
from NeuroOrbitLib.models.limits import DESCRIPTION_BYTES, check_arguments, lies_inside, read_text
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.models.replacing import recover
from NeuroOrbitLib.models.weights import SUFFIXES, check_file, read_weights
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import Tensor, nn

METADATA_FILE = "configs/metadata.json"
WEIGHTS_FILE = "models/model.safetensors"
CARD_FILE = "docs/README.md"
SECTION = "neuro_orbit"


@dataclass(frozen=True)
class ModelFacts:
    """What the author of a model states about it.

    :param name: identifier of small letters, digits and hyphens.
    :param version: version, e.g. "1.0.0".
    :param title: description in one line for people.
    :param modality: scans that it may be used on, e.g. "CT and MRI of any contrast".
    :param labels: meaning of the output channels, in their order (structure keys or class names).
    :param training_data: training data in a sentence; starts with "synthetic" if no patient's image was used.
    :param license: SPDX identifier or a sentence.
    :param network: name in the network registry of the module that uses the model.
    :param network_arguments: keyword arguments that the network is built with.
    :param settings: settings of pre- and post-processing (voxel size, window, thresholds...).
    :param calibration: mapping of outputs to probabilities, and the data it was fitted on; empty if there is none.
    :param description: paragraphs for the model card.
    :param performance: measured results by name, for the model card.
    """

    name: str
    version: str
    title: str
    modality: str
    labels: tuple[str, ...]
    training_data: str
    license: str
    network: str
    network_arguments: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    performance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_synthetic(self) -> bool:
        """Whether the model has never seen a patient's image."""
        return self.training_data.lower().startswith("synthetic")


@dataclass(frozen=True)
class ModelPackage:
    """A model package on disk.

    :param folder: folder of the package.
    :param facts: what the author of the model states about it.
    :param sha256: published hash of the weights.
    :param size: published size of the weights in bytes.
    :param weights_file: path of the file of weights, relative to ``folder``.
    :param documents: file, hash and size of each document, by name.
    """

    folder: Path
    facts: ModelFacts
    sha256: str
    size: int
    weights_file: str = WEIGHTS_FILE
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Identifier of the model."""
        return self.facts.name

    @property
    def version(self) -> str:
        """Version of the model."""
        return self.facts.version

    @property
    def title(self) -> str:
        """Description of the model in one line for people."""
        return self.facts.title

    @property
    def modality(self) -> str:
        """Scans that the model may be used on."""
        return self.facts.modality

    @property
    def training_data(self) -> str:
        """Training data of the model, in a sentence."""
        return self.facts.training_data

    @property
    def license(self) -> str:
        """Licence of the weights."""
        return self.facts.license

    @property
    def weights_path(self) -> Path:
        """Path of the file of weights."""
        return self.folder / self.weights_file

    @classmethod
    def open(cls, folder: str | Path) -> ModelPackage:
        """Read a package's description; the weights stay on disk.

        :raises ModelProblem: if the folder is not a complete model package.
        """
        folder = Path(folder)
        recover(folder)
        section = read_section(folder / METADATA_FILE)
        try:
            check_arguments(section["network"])
            facts, weights = _facts(section), section["weights"]
            package = cls(folder, facts, str(weights["sha256"]), int(weights["size"]), str(weights["file"]),
                          _table(section, "documents"))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ModelProblem(
                _("{folder} does not describe a model completely ({error}). Install the model again.").format(
                folder=folder / METADATA_FILE, error=error)
            ) from error
        _check_place(package)
        return package

    def verify(self) -> None:
        """Make sure that the weights are the published ones.

        :raises ModelProblem: if they are missing, damaged or changed.
        """
        check_file(self.weights_path, self.sha256, self.size)

    def document(self, name: str) -> Any:
        """Return the verified document of this name as plain data, or None if the package has none.

        :raises ModelProblem: if it is missing, damaged or changed.
        """
        return read_document(self.folder, self.documents[name]) if name in self.documents else None

    def load_state_dict(self) -> dict[str, Tensor]:
        """Return the verified weights on the CPU, see :func:`NeuroOrbitLib.models.weights.read_weights`.

        :raises ModelProblem: if they are missing, damaged, changed, or not plain tensors.
        """
        self.verify()
        return read_weights(self.weights_path)

    def load_into(self, network: nn.Module) -> nn.Module:
        """Load the verified weights into a network and return it in evaluation mode.

        :raises ModelProblem: if the weights are missing, damaged, changed, not plain tensors, or belong to another
            network.
        """
        try:
            network.load_state_dict(self.load_state_dict())
        except RuntimeError as error:
            raise self.misfit() from error
        return network.eval()

    def misfit(self) -> ModelProblem:
        """Return the problem to raise if the weights belong to another network."""
        return ModelProblem(
            _("The weights of the model {name} do not fit its network {network}. Install a version of the model "
              "that belongs to this version of the extension.").format(name=self.name, network=self.facts.network)
        )

    def provenance(self) -> dict[str, Any]:
        """Return the facts to store with a result so that it can be traced to exactly this model."""
        return {
            "model": self.name, "version": self.version, "sha256": self.sha256, "network": self.facts.network,
            "training_data": self.training_data,
        }  # fmt: skip


def is_package(folder: Path) -> bool:
    """Return whether a folder looks like a model package.

    :raises ModelProblem: if the folder was left aside by an interrupted replacement and cannot be brought back.
    """
    recover(folder)
    return (folder / METADATA_FILE).is_file()


def read_section(path: Path) -> dict[str, Any]:
    """Read this extension's section of a package's description (:data:`METADATA_FILE`).

    :param path: file of the description.
    :raises ModelProblem: if there is no such file, it is damaged, or it was written by another tool.
    """
    if not path.is_file():
        raise ModelProblem(_("{parent} is not a model package: it has no {metadata_file}.").format(
            parent=path.parent.parent, metadata_file=METADATA_FILE))
    try:
        section = json.loads(read_text(path, DESCRIPTION_BYTES)).get(SECTION)
    except ModelProblem:
        raise
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise ModelProblem(_("{path} is damaged ({error}). Install the model again.").format(
            path=path, error=error)) from error
    if not isinstance(section, dict):
        raise ModelProblem(_("{parent} is a MONAI bundle, but not one for this extension.").format(
            parent=path.parent.parent))
    return section


def _facts(section: Mapping[str, Any]) -> ModelFacts:
    network = section["network"]
    texts = {key: str(section[key]) for key in _REQUIRED_TEXTS}
    return ModelFacts(
        **texts,
        labels=tuple(str(label) for label in section["labels"]),
        network=str(network["name"]),
        network_arguments=_table(network, "arguments"),
        settings=_table(section, "settings"),
        calibration=_table(section, "calibration"),
        description=str(section.get("description", "")),
        performance=_table(section, "performance"),
    )


def _table(section: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the values by name under ``key``; an empty dictionary if the section lacks them."""
    values = section.get(key, {})
    if not isinstance(values, dict):
        raise TypeError(f"its {key} must be a table of names and values")
    return values


_REQUIRED_TEXTS = ("name", "version", "title", "modality", "training_data", "license")


def _check_place(package: ModelPackage) -> None:
    """Raise ModelProblem unless the weights lie inside the package and in a format that can be read safely."""
    if not lies_inside(package.weights_path, package.folder):
        raise ModelProblem(_("The model package {folder} points to a file outside of it. It is not used.").format(
            folder=package.folder))
    if package.weights_path.suffix not in SUFFIXES:
        raise ModelProblem(
            _("The weights of {folder} are not in a safe format ({suffixes}). They are not used.").format(
            folder=package.folder, suffixes=" or ".join(SUFFIXES))
        )
