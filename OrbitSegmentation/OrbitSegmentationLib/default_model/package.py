"""Makes the model package of the default model from a training run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.default_model.train import CHIASM_WIDTHS, LOCATOR_WIDTHS, ORBIT_WIDTHS, TRAINING_HEADS
from OrbitSegmentationLib.model_kinds import ANY_CONTRAST, DEFAULT_MODEL

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage

VERSION = "0.9.0"

_CHANNELS = ("background", "eyeball", "lens", "optic_nerve", "superior_rectus", "inferior_rectus", "medial_rectus",
             "lateral_rectus", "lacrimal_gland", "superior_oblique", "inferior_oblique", "orbital_fat")
_DESCRIPTION = """A locator finds the globes in the whole scan at 4 mm; an orbit network then segments each orbit at
1 mm in the right-eye frame (left orbits are mirrored); where both eyes are in the scan, a third network looks for the
optic chiasm behind them. All are compact 3-D U-Nets with instance normalisation that have only seen images synthesised
with random contrast, resolution, bias field, noise, chemical shift and field of view, so that they do not depend on the
modality. The optic nerve ends at the mouth of the optic canal. Lens, obliques, lacrimal gland, fat and chiasm are less
reliable than the rest and have hardly been judged on patients' scans. This is a demonstration model."""


def package_run(run: Path, folder: Path, label_maps: int = TRAINING_HEADS) -> ModelPackage:
    """Write the package from the weights of a training run (folders ``locator``, ``orbit`` and ``chiasm``).

    :param label_maps: how many label maps of real heads it learned from.
    """
    from NeuroOrbitLib.models import ModelFacts, write_package
    from NeuroOrbitLib.training.checkpoint import load_checkpoint
    from NeuroOrbitLib.training.trainer import CHECKPOINT_NAME

    states = {part: load_checkpoint(run / part / CHECKPOINT_NAME) for part in ("locator", "orbit", "chiasm")}
    weights = {f"{part}.{name}": tensor for part, state in states.items() for name, tensor in state["network"].items()}
    facts = ModelFacts(
        name=DEFAULT_MODEL, version=VERSION, title="Orbit, any contrast (demonstration)",
        modality="CT and MRI of any contrast", labels=_CHANNELS,
        training_data=_training_data(label_maps), license="Apache-2.0", network=ANY_CONTRAST,
        network_arguments={"locator_widths": list(LOCATOR_WIDTHS), "orbit_widths": list(ORBIT_WIDTHS),
                           "chiasm_widths": list(CHIASM_WIDTHS)},
        settings={
            "label_of_class": list(LABEL_OF_CLASS),
            "training_steps": {part: state["step"] for part, state in states.items()},
        },
        description=_DESCRIPTION,
    )
    return write_package(folder, weights, facts, half=True)


def _training_data(label_maps: int) -> str:
    heads = (f"{label_maps} real head label maps (SynthSeg, Apache-2.0) with parametric orbits fitted to them"
             if label_maps else "parametric heads")
    return f"synthetic: images of random contrast made from {heads}; no patient's image was used"
