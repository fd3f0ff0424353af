"""The model package of AutoCorrection, made from a training run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from OrbitSegmentationLib.refinement.correction import MODEL, NETWORK
from OrbitSegmentationLib.refinement.correction.network_input import PIXEL

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage

VERSION = "0.1.0"
#: On phantoms outside of the training data, the mean of network and random walker is better than either.
WALKER_SHARE = 0.5

_TRAINING_DATA = (
    "synthetic: slices of random contrast of parametric heads, with simulated rough masks; no patient's image or "
    "label map was used"
)
_DESCRIPTION = """A small 2-D U-Net that moves the border of a rough mask to the edge that the slice shows. It sees the
brightness relative to what lies around the drawn border, and the distance to that border, on pixels of 0.5 mm; it
does not know which structure it corrects, nor the modality. Rough masks were simulated as brush dabs, superpixels,
over- and underfilled outlines, leaks, shifted shapes and copies of neighbouring slices. Its answer is
averaged with that of a random walker on the same slice and held within the distance limit that the user sets. This is
a demonstration model."""


def package_run(run: Path, folder: Path) -> ModelPackage:
    """Write the package from the last checkpoint of a training run.

    :param run: folder of the training run.
    :param folder: folder to write the package to.
    """
    from NeuroOrbitLib.models import ModelFacts, write_package
    from NeuroOrbitLib.training.checkpoint import load_checkpoint
    from NeuroOrbitLib.training.trainer import CHECKPOINT_NAME
    from OrbitSegmentationLib.refinement.correction.network import WIDTHS

    state = load_checkpoint(run / "network" / CHECKPOINT_NAME)
    weights = {name.removeprefix("network."): tensor for name, tensor in state["network"].items()}
    facts = ModelFacts(
        name=MODEL, version=VERSION, title="AutoCorrection of rough masks (demonstration)",
        modality="CT and MRI of any contrast", labels=("background", "structure"), training_data=_TRAINING_DATA,
        license="Apache-2.0", network=NETWORK, network_arguments={"widths": list(WIDTHS)},
        settings={"pixel_mm": PIXEL, "training_steps": state["step"], "walker_share": WALKER_SHARE},
        description=_DESCRIPTION,
    )
    return write_package(folder, weights, facts)
