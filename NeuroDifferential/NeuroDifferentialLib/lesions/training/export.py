"""Export of the trained lesion network as a model package."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from NeuroDifferentialLib.lesions.learned import LearnedSettings
from NeuroDifferentialLib.lesions.networks import SLICE_NETWORK
from NeuroDifferentialLib.lesions.training.config import LesionTraining
from NeuroDifferentialLib.lesions.training.train import TrainedLesions
from NeuroDifferentialLib.slices.training import training_data
from NeuroOrbitLib.models.package import ModelFacts, ModelPackage
from NeuroOrbitLib.models.writing import write_package

_DESCRIPTION = """\
Demonstration model: it has learned from simulated scans alone. A U-Net tells lesions from other tissue slice by \
slice, in thin slices in three planes, by brightness in multiples of white matter, the belief of the classical way, \
T1 where there is one, tissues and place. Tissues and place come from the classical steps, so that resolution, axis \
order and skull do not matter. Lesions grow from the mean of its probability and of the classical way's answer; where \
the network is sure of what is bright inside the brain it needs no second answer, and large bright bands that it does \
not believe are left out.

Known limits: faint lesions and those smaller than 9 mm3 are missed, in cortex and deep grey matter above all; insula, \
hippocampus and choroid plexus can be taken for lesions. Probabilities are those of simulated scans."""
#: Version of the package, increased after every change to network, training or use of its output.
VERSION = "0.2.0"


def export(trained: TrainedLesions, config: LesionTraining, folder: Path, settings: LearnedSettings | None = None,
           name: str = "wmh-any-flair") -> ModelPackage:
    """Write the package of a trained network, in half precision, and return it.

    :param trained: trained network and the size of its training set.
    :param config: settings of the training.
    :param folder: folder to write the package to.
    :param settings: settings for deriving lesions from probabilities; the default ones if None.
    :param name: name of the package.
    """
    facts = ModelFacts(
        name=name, version=VERSION, title="White-matter lesions in FLAIR, with or without T1",
        modality="FLAIR MRI of the brain, alone or with a T1",
        labels=("lesion",),
        training_data=training_data(
            f"synthetic: {trained.patients} simulated patients with lesions of MS and NMOSD", trained.start),
        license="Apache-2.0", network=SLICE_NETWORK.name,
        network_arguments={"widths": list(config.widths)},
        settings=asdict(settings or LearnedSettings()), description=_DESCRIPTION)
    return write_package(folder, trained.network.state_dict(), facts, half=True)
