"""Scans of synthetic patients: coronal T2 as different scanners produce it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from IVGCResponseLib.synthetic.muscles import growth_of, tissue_of
from IVGCResponseLib.synthetic.plan import PlannedPatient
from NeuroOrbitLib.phantom.head.shape import HeadShape, random_head_shape
from NeuroOrbitLib.phantom.head.surroundings import Surroundings
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.thyroid_disease import swollen
from NeuroOrbitLib.phantom.patients.patient import Scan, centred_grid, random_pose
from NeuroOrbitLib.phantom.scanner.mr import Artefacts, simulate_mr
from NeuroOrbitLib.phantom.scanner.protocols import Protocol, protocol
from NeuroOrbitLib.phantom.tissue import Tissue

#: Slice step, size and centre (mm) of the field of view for a cohort: both orbits and the temporal muscles.
STEP, FIELD, CENTER = 3.3, (136.0, 72.0, 49.5), (0.0, -15.0, 2.0)
#: Difference between the sides of a patient: SD of the logarithm of a muscle's growth.
SIDE_SPREAD = 0.06
_RECTUS_OF = {
    Tissue.SUPERIOR_RECTUS: "superior_rectus", Tissue.LEVATOR: "superior_rectus",
    Tissue.INFERIOR_RECTUS: "inferior_rectus", Tissue.MEDIAL_RECTUS: "medial_rectus",
    Tissue.LATERAL_RECTUS: "lateral_rectus",
}  # fmt: skip


def make_scan(patient: PlannedPatient, pixel: float | None = None, whole: bool = False,
              surroundings: Surroundings | None = None) -> Scan:
    """Return the patient's scan with its label map; the same patient gives the same scan.

    :param patient: the patient.
    :param pixel: edge (mm) of a pixel; larger is faster. ``None`` to draw it.
    :param whole: whether to use the protocol's whole field of view instead of orbits and temples.
    :param surroundings: real head around the patient's orbits; ``None`` for a parametric head.
    """
    rng = np.random.default_rng([patient.seed, 7])
    drawn = np.array(patient.muscles)
    head = diseased(random_head_shape(rng), growth_of(drawn), rng)
    head = head if surroundings is None else head.around(surroundings)
    pose, plan = random_pose(rng), random_protocol(rng, pixel, whole)
    # Features are those of the muscles at their true place, of which the class is known.
    scan = simulate_mr(head, centred_grid(plan, pose), plan, patient.seed, pose, tissue_of(drawn),
                       Artefacts.random(rng), as_seen=False)
    return Scan(plan, scan.image, scan.labels)


def diseased(head: HeadShape, growth: Mapping[str, float], rng: np.random.Generator) -> HeadShape:
    """Return a healthy head with muscles grown by the given factors, the obliques by half as much as the recti.

    :param head: the healthy head.
    :param growth: factor on the volume of each rectus.
    :param rng: generator of the random difference between the sides.
    """
    return replace(head, right=_diseased(head.right, growth, rng), left=_diseased(head.left, growth, rng))


def random_protocol(rng: np.random.Generator, pixel: float | None = None, whole: bool = False) -> Protocol:
    """Return a coronal T2 protocol that varies as between clinics, independently of the class."""
    usual = protocol("mr-coronal-t2")
    edge = float(rng.uniform(0.5, 0.65)) if pixel is None else pixel
    place = {} if whole else {"size": FIELD, "center": CENTER}
    return replace(
        usual, spacing=(edge, edge, STEP), repetition_time=float(rng.uniform(3000, 4200)),
        echo_time=float(rng.uniform(80, 100)), field_strength=3.0 if rng.random() < 0.8 else 1.5,
        noise=float(rng.uniform(15, 40)), point_spread=float(rng.uniform(0.5, 0.8)), **place)


def _diseased(orbit: OrbitShape, growth: Mapping[str, float], rng: np.random.Generator) -> OrbitShape:
    mean = float(np.mean(list(growth.values())))
    factors = [growth.get(_RECTUS_OF.get(muscle.tissue, ""), 1.0 + 0.5 * (mean - 1.0)) * rng.lognormal(0.0, SIDE_SPREAD)
               for muscle in orbit.muscles]
    severity = float(np.clip(mean - 1.0, 0.0, 1.0))
    return swollen(orbit, factors, 1.0 + 0.2 * rng.beta(1.0, 2.5), severity)
