"""Scans of synthetic visits: fat-suppressed T2 as different scanners produce it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from NeuroOrbitLib.phantom.head.shape import random_head_shape
from NeuroOrbitLib.phantom.patients.patient import Scan, centred_grid, random_pose
from NeuroOrbitLib.phantom.scanner.mr import Artefacts, simulate_mr
from NeuroOrbitLib.phantom.scanner.protocols import Protocol, protocol
from TAOActivityLib.synthetic.inflammation import muscle_tissue_of
from TAOActivityLib.synthetic.plan import Visit

#: Number of rendered slices, around the optic nerves, and their distance (mm). The paper's scans have 15 slices.
SLICES, SLICE_STEP = 7, 3.27
FULL_SLICES = 15


def make_scan(visit: Visit, slices: int = SLICES) -> Scan:
    """Return the visit's scan with its label map; the same visit gives the same scan.

    :param visit: the visit.
    :param slices: number of rendered slices; fewer than :data:`FULL_SLICES` are faster and enough for the crops.
    """
    head_rng, rng = np.random.default_rng(visit.head_seed), np.random.default_rng(visit.scan_seed)
    head = random_head_shape(head_rng, None, visit.severity)
    muscles = muscle_tissue_of(visit.inflammation.t2, visit.severity, rng)
    pose, plan = random_pose(rng), random_protocol(rng, slices)
    scan = simulate_mr(head, centred_grid(plan, pose), plan, visit.scan_seed, pose, muscles, random_artefacts(rng))
    return Scan(plan, scan.image, scan.labels)


def random_protocol(rng: np.random.Generator, slices: int = SLICES) -> Protocol:
    """Return an axial fat-suppressed T2 protocol that varies as between clinics, independently of the disease."""
    usual = protocol("mr-axial-spir")
    pixel = float(rng.uniform(0.5, 0.7))
    return replace(
        usual, spacing=(pixel, pixel * float(rng.uniform(0.85, 1.0)), SLICE_STEP),
        size=(150.0, 120.0, slices * SLICE_STEP - 0.01), center=(0.0, -27.0, 1.0),
        repetition_time=float(rng.uniform(2600, 3800)), echo_time=float(rng.uniform(72, 90)),
        field_strength=3.0 if rng.random() < 0.8 else 1.5, noise=float(rng.uniform(15, 40)),
        point_spread=float(rng.uniform(0.6, 0.9)),
    )


def random_artefacts(rng: np.random.Generator) -> Artefacts:
    """Return random artefacts of a scan; fat suppression fails badly in one of twelve."""
    usual = Artefacts.random(rng)
    return replace(usual, suppression_failure=float(rng.uniform(0.45, 0.7))) if rng.random() < 1 / 12 else usual
