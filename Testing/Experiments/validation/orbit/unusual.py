"""Patients unlike those of the training: eyes after surgery, severe disease, children."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.evaluation.segmentation.tables import aligned
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.phantom.head.childhood import as_child
from NeuroOrbitLib.phantom.head.shape import random_head_shape
from NeuroOrbitLib.phantom.materials import Material
from NeuroOrbitLib.phantom.orbit.activity import random_muscle_tissue
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.surgery import Buckle, buckled, enucleated, filled, pseudophakic
from NeuroOrbitLib.phantom.patients.patient import random_pose, scan_patient
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from OrbitSegmentationLib.pipeline import segment_image
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth, sources_version
from Testing.Experiments.validation.orbit.scoring import RECTI, SCORED, dice

#: Surgery on one eye.
SURGERY: dict[str, Callable[[OrbitShape], OrbitShape]] = {
    "empty socket": enucleated,
    "acrylic ball, prosthesis": lambda orbit: enucleated(orbit, Material.ACRYLIC, 20.0, has_prosthesis=True),
    "porous ball, prosthesis": lambda orbit: enucleated(orbit, Material.POROUS_POLYETHYLENE, 20.0, has_prosthesis=True),
    "hydroxyapatite ball, prosthesis": lambda orbit: enucleated(orbit, Material.HYDROXYAPATITE, 20.0,
                                                                has_prosthesis=True),
    "hydroxyapatite ball alone": lambda orbit: enucleated(orbit, Material.HYDROXYAPATITE, 20.0),
    "silicone oil": filled,
    "gas": lambda orbit: filled(orbit, Material.GAS),
    "encircling band": buckled,
    "segmental buckle": lambda orbit: buckled(orbit, Buckle(2.8, 8.0, -1.0, 0.1, 0.4)),
    "artificial lens": pseudophakic,
}
#: Protocols of CT, and of MRI with bright and with suppressed fat; for eyes after surgery, the faster ones.
PROTOCOLS = {"CT": ("ct-fast", "ct-standard"), "MRI": ("mr-t1", "mr-coronal-t2", "mr-axial-spir")}
SURGERY_PROTOCOLS = {"CT": ("ct-fast",), "MRI": ("mr-t1", "mr-axial-spir")}
SEVERITY, AGES = 1.45, (1.0, 3.0, 6.0)
_SOURCES, _FIRST_SEED = "NeuroOrbitLib/phantom", 7800


@dataclass(frozen=True)
class Operated:
    """A case of a patient who had surgery on one eye.

    :param side: side of that eye.
    """

    case: ScoredCase
    side: Side


def operated_cases() -> Iterator[Operated]:
    """Yield one patient per operation and protocol, right and left in turn."""
    seed = _FIRST_SEED
    for kind, names in SURGERY_PROTOCOLS.items():
        for condition, change in SURGERY.items():
            for name in names:
                side = Side.RIGHT if seed % 2 else Side.LEFT
                yield Operated(_case(f"{condition}, {kind}", name, seed, operation=(side, change)), side)
                seed += 1


def other_unusual_cases() -> Iterator[ScoredCase]:
    """Yield cases with severe thyroid eye disease and children."""
    seed = _FIRST_SEED + 100
    for kind, names in PROTOCOLS.items():
        for name in names:
            yield _case(f"phantom {kind}, severe thyroid eye disease", name, seed, severity=SEVERITY)
            seed += 1
        for age in AGES:
            yield _case(f"phantom {kind}, children of 1 to 6 years", names[seed % 2], seed, age=age)
            seed += 1


def _case(group: str, name: str, seed: int, severity: float = 0.0, age: float | None = None,
          operation: tuple[Side, Callable[[OrbitShape], OrbitShape]] | None = None) -> ScoredCase:
    def load() -> Truth:
        rng = np.random.default_rng(seed)
        head = random_head_shape(rng, None, severity)
        muscles, pose = random_muscle_tissue(rng, severity, 0.3 * severity), random_pose(rng)
        if age is not None:
            head, scale = as_child(head, age)
            pose = replace(pose, scale=scale)
        if operation is not None:
            side, change = operation
            head = replace(head, **{side.value: change(getattr(head, side.value))})
        scan = scan_patient(head, pose, muscles, protocol(name), seed)
        return Truth(scan.image, scan.labels)

    return ScoredCase(group, f"{name} {seed}", load, sources_version(_SOURCES))


def look_at(operated: Operated, package: ModelPackage, views: int | None) -> dict[str, Any]:
    """Return notices and measures of the eye that was operated on, and Dice of both sides."""
    truth = operated.case.load()
    result = segment_image(truth.image, package, views=views)
    side, texts = operated.side.value, [str(notice["text"]) for notice in result.notices]
    eyes = {row["side"]: row for row in result.measurements if row["structure"] == "eyeball"}
    measured = {name: row["volume_ml"] is not None for name, row in eyes.items()}
    own = any(text.startswith((f"The {side} eye ", f"Where the {side} eyeball")) for text in texts)
    other = operated.side.other
    own_scores, other_scores = (_scores(result.labels, truth.labels, each) for each in (operated.side, other))
    return {"told": own or any(text.startswith("The two eyes differ") for text in texts), "side_told": own,
            "measured": measured.get(side, False), "other_measured": measured.get(other.value, False),
            "other": other_scores, "muscles": [own_scores[key] for key in RECTI], "notices": texts}


def _scores(found: Image, reference: Image, side: Side) -> dict[str, float]:
    """Return the Dice of every structure of one side; the eyeball includes its lens."""
    masks = {key: [label_value(part, side) for part in ((key, "lens") if key == "eyeball" else (key,))]
             for key in SCORED}
    return {key: dice(np.isin(found.array, values), np.isin(reference.array, values)) for key, values in masks.items()}


def unusual_table(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return a row per operation: how many eyes a notice names, how many are measured, and Dice of both sides."""
    rows = [("Eye after surgery", "Scans", "Notice", "with its side", "Measured", "Other eye measured", "Globe",
             "Nerve", "Recti", "Recti of its own")]
    for group, cases in results.items():
        counts = [sum(bool(case[key]) for case in cases) for key in ("told", "side_told", "measured", "other_measured")]
        globe, nerve = (np.mean([case["other"][key] for case in cases]) for key in ("eyeball", "optic_nerve"))
        recti = np.mean([[case["other"][key] for key in RECTI] for case in cases])
        own = np.mean([case["muscles"] for case in cases])
        rows.append((group, str(len(cases)), *map(str, counts),
                     *(f"{value:.3f}" for value in (globe, nerve, recti, own))))
    return aligned(rows)
