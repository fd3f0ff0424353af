"""Export of the trained network of the brain's parts as a model package."""

from __future__ import annotations

from pathlib import Path

from NeuroDifferentialLib.anatomy.learned_parts import PARTS_MODEL
from NeuroDifferentialLib.anatomy.networks import PARTS_NETWORK
from NeuroDifferentialLib.anatomy.training.config import PartsTraining
from NeuroDifferentialLib.anatomy.training.train import TrainedParts
from NeuroDifferentialLib.slices.training import training_data
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.models.package import ModelFacts, ModelPackage
from NeuroOrbitLib.models.writing import write_package

_DESCRIPTION = """\
Demonstration model: it has learned from simulated scans alone. A U-Net names the parts of the brain slice by slice, \
in thin slices in three planes, from brightness alone: with or without skull, FLAIR above all, T1 and other contrasts, \
too. Lesions count as what lies under them.

Known limits: it has seen the heads of a few adults only. Large tumours, hydrocephalus and brains after surgery were \
never shown to it; furrows of the cortex are smoothed where slices are thick."""
#: Version of the package, increased after every change to network or training.
VERSION = "0.2.0"


def export(trained: TrainedParts, config: PartsTraining, folder: Path, name: str = PARTS_MODEL) -> ModelPackage:
    """Write the package of a trained network, in half precision, and return it.

    :param trained: trained network and the size of its training set.
    :param config: settings of the training.
    :param folder: folder to write the package to.
    :param name: name of the package.
    """
    facts = ModelFacts(
        name=name, version=VERSION, title="Parts of the brain in MRI", modality="FLAIR or other MRI of the brain",
        labels=tuple(part.title for part in BrainPart if part is not BrainPart.OUTSIDE),
        training_data=training_data(f"synthetic: {trained.patients} simulated scans of {trained.heads} head label maps",
                                    trained.start),
        license="Apache-2.0", network=PARTS_NETWORK.name, network_arguments={"widths": list(config.widths)},
        description=_DESCRIPTION)
    return write_package(folder, trained.network.state_dict(), facts, half=True)
