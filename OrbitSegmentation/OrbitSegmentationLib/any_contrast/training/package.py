"""Writing of the default model's package from a training run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.training.run_layout import (
    CHIASM_WIDTHS,
    LABEL_MAPS_NAME,
    LOCATOR_WIDTHS,
    ORBIT_WIDTHS,
)
from OrbitSegmentationLib.model_kinds import ANY_CONTRAST, DEFAULT_MODEL

if TYPE_CHECKING:
    from torch import Tensor

    from NeuroOrbitLib.models import ModelPackage

VERSION = "0.10.0"

_CHANNELS = ("background", "eyeball", "lens", "optic_nerve", "superior_rectus", "inferior_rectus", "medial_rectus",
             "lateral_rectus", "lacrimal_gland", "superior_oblique", "inferior_oblique", "orbital_fat")
_DESCRIPTION = """A locator finds the globes in the whole scan at 4 mm; an orbit network then segments each orbit at
1 mm in the right-eye frame (left orbits are mirrored); where both eyes are in the scan, a third network looks for the
optic chiasm behind them. All are compact 3-D U-Nets with instance normalisation that have only seen images synthesised
with random contrast, resolution, bias field, noise, chemical shift and field of view, so that they do not depend on the
modality. The optic nerve ends at the mouth of the optic canal. Lens, obliques, lacrimal gland, fat and chiasm are less
reliable than the rest and have hardly been judged on patients' scans. This is a demonstration model."""


def package_run(run: Path, folder: Path, start_from: Path | None = None) -> ModelPackage:
    """Write the model package from the weights of a training run (folders ``locator``, ``orbit`` and ``chiasm``).

    :param run: folder of the run.
    :param folder: folder of the package.
    :param start_from: package that the run started from, from which networks that were not trained again are taken.
    :raises Problem: if a network was neither trained nor is in ``start_from``, or the package cannot be written.
    """
    from NeuroOrbitLib.models import ModelFacts, write_package

    states = {part: _state(run, part, start_from) for part in ("locator", "orbit", "chiasm")}
    weights = {f"{part}.{name}": tensor for part, (network, _) in states.items() for name, tensor in network.items()}
    facts = ModelFacts(
        name=DEFAULT_MODEL, version=VERSION, title="Orbit, any contrast (demonstration)",
        modality="CT and MRI of any contrast", labels=_CHANNELS,
        training_data=_training_data(run), license="Apache-2.0", network=ANY_CONTRAST,
        network_arguments={"locator_widths": list(LOCATOR_WIDTHS), "orbit_widths": list(ORBIT_WIDTHS),
                           "chiasm_widths": list(CHIASM_WIDTHS)},
        settings={
            "label_of_class": list(LABEL_OF_CLASS),
            "training_steps": {part: steps for part, (_, steps) in states.items()},
        },
        description=_DESCRIPTION,
    )
    return write_package(folder, weights, facts, half=True)


def _state(run: Path, part: str, start_from: Path | None) -> tuple[dict[str, Tensor], int]:
    """Return the weights of one of the networks, and the total number of steps of their training."""
    from NeuroOrbitLib.models import ModelPackage
    from NeuroOrbitLib.training.checkpoint import has_checkpoint, load_checkpoint
    from NeuroOrbitLib.training.trainer import CHECKPOINT_NAME

    weights, steps = {}, 0
    if start_from is not None:
        package = ModelPackage.open(start_from)
        weights, steps = part_of(package, part), package.facts.settings["training_steps"][part]
    path = run / part / CHECKPOINT_NAME
    if has_checkpoint(path):
        state = load_checkpoint(path)
        weights, steps = state["network"], steps + state["step"]
    if not weights:
        raise Problem(f"The {part} network was not trained in {run}. Run the stage {part}, or name the package that "
                      "has it by --start-from.")
    return weights, steps


def part_of(package: ModelPackage, part: str) -> dict[str, Tensor]:
    """Return the weights of one of the networks (``locator``, ``orbit``, ``chiasm``); empty if there are none."""
    weights = package.load_state_dict()
    return {name.removeprefix(f"{part}."): tensor for name, tensor in weights.items() if name.startswith(f"{part}.")}


def _training_data(run: Path) -> str:
    record = run / LABEL_MAPS_NAME
    if not record.is_file():
        raise Problem(f"{run} has no {LABEL_MAPS_NAME} with the names of the label maps (a list, empty for none) that "
                      "it learned from. Run a stage of the training, or write it.")
    count = len(json.loads(record.read_text(encoding="utf-8")))
    heads = (f"{count} real head label maps (SynthSeg, Apache-2.0) with parametric orbits fitted to them"
             if count else "parametric heads")
    return f"synthetic: images of random contrast made from {heads}; no patient's image was used"
