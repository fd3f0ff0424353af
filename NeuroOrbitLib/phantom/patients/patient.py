"""A synthetic patient: a head, scanned by CT and MR, of which everything is known."""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import dataclass, field

import numpy as np

from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.phantom.head.shape import HeadShape, random_head_shape
from NeuroOrbitLib.phantom.orbit.activity import MuscleTissue, random_muscle_tissue
from NeuroOrbitLib.phantom.patients.truth import head_truth
from NeuroOrbitLib.phantom.scanner.ct import simulate_ct
from NeuroOrbitLib.phantom.scanner.mr import Artefacts, simulate_mr
from NeuroOrbitLib.phantom.scanner.protocols import Protocol, protocol
from NeuroOrbitLib.phantom.scanner.rendering import Pose

DEFAULT_PROTOCOLS = ("ct-fast", "mr-axial-spir")


@dataclass(frozen=True)
class Scan:
    """A scan of a patient: the image, the label map on the same grid, and the protocol."""

    protocol: Protocol
    image: Image
    labels: Image


@dataclass(frozen=True)
class Patient:
    """A synthetic patient with its scans and the truth about it (plain data, ready for JSON)."""

    head: HeadShape
    pose: Pose
    muscles: MuscleTissue
    scans: dict[str, Scan] = field(default_factory=dict)
    truth: dict = field(default_factory=dict)


def make_patient(seed: int, severity: float | None = None, activity: float | None = None, sex: str | None = None,
                 protocols: Several[str] = DEFAULT_PROTOCOLS, positioning: float = 1.0,
                 progress: Progress = silent) -> Patient:
    """Return a synthetic patient with its scans; the same arguments give the same patient.

    :param seed: seed of all random choices.
    :param severity: severity of thyroid eye disease, 0 (healthy) to 1; drawn from Beta(1.6, 2.2) when None.
    :param activity: inflammatory activity, 0 to 1; drawn, weakly correlated with severity, when None; 0 in health.
    :param sex: "M", "F" or None to draw it.
    :param protocols: names of the scans to take (:data:`~NeuroOrbitLib.phantom.scanner.protocols.PROTOCOLS`).
    :param positioning: amount by which the head is misaligned: 0 for none, 1 for a few degrees and millimetres.
    :param progress: receives the fraction done and a message.
    :raises ValueError: for a severity or activity outside 0 to 1.
    :raises Problem: for an unknown protocol.
    """
    rng = np.random.default_rng(seed)
    plans = [protocol(name) for name in protocols]
    severity = float(rng.beta(1.6, 2.2)) if severity is None else _unit("Severity", severity)
    activity = random_activity(rng, severity) if activity is None else _unit("Activity", activity)
    sex = sex or str(rng.choice(["F", "F", "M"]))
    head = random_head_shape(rng, sex, severity)
    muscles = random_muscle_tissue(rng, severity, activity)
    pose = random_pose(rng, positioning)
    truth = {"seed": seed, "synthetic": True, "sex": sex, "severity": severity, "activity": activity,
             **head_truth(head, muscles)}
    scans = {}
    for index, plan in enumerate(plans):
        report = part(progress, index / len(plans), (index + 1) / len(plans))
        scans[plan.name] = scan_patient(head, pose, muscles, plan, seed * 101 + index, report)
    return Patient(head, pose, muscles, scans, truth)


def scan_patient(head: HeadShape, pose: Pose, muscles: MuscleTissue, plan: Protocol, seed: int,
                 progress: Progress = silent, as_seen: bool = True) -> Scan:
    """Return a scan of a head in a pose; deterministic by ``seed``.

    :param as_seen: whether labels of an MRI lie where a reader sees the borders between displaced fat; otherwise they
        stay at the true place of the structures.
    """
    grid = centred_grid(plan, pose)
    if plan.modality == "CT":
        scan = simulate_ct(head, grid, plan, seed, pose, muscles, progress)
    else:
        artefacts = Artefacts.random(np.random.default_rng(seed + 1))
        scan = simulate_mr(head, grid, plan, seed, pose, muscles, artefacts, progress, as_seen)
    return Scan(plan, scan.image, scan.labels)


def centred_grid(plan: Protocol, pose: Pose) -> Grid:
    """Return the protocol's grid, moved to the head's position; as at the scanner, the slices are not turned."""
    grid = plan.grid()
    affine = grid.affine.copy()
    center = np.array(plan.center)
    affine[:3, 3] += pose.to_patient(center) - center
    return Grid(grid.shape, affine)


def random_pose(rng: np.random.Generator, amount: float = 1.0) -> Pose:
    """Return the random pose of a nearly straight head: about 4 degrees of nodding and 2 of tilting and turning."""
    angles = amount * rng.normal(0, (4.0, 2.0, 2.0))
    return Pose.from_angles(tuple(angles), tuple(amount * rng.normal(0, (3.0, 8.0, 10.0))))


def random_activity(rng: np.random.Generator, severity: float) -> float:
    """Return a random activity that correlates weakly (about 0.3) with severity; 0 in health."""
    if severity < 0.05:
        return 0.0
    return float(np.clip(0.3 * severity + 0.85 * rng.beta(0.9, 1.1), 0.0, 1.0))


def _unit(name: str, value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} runs from 0 to 1, not {value}.")
    return float(value)
