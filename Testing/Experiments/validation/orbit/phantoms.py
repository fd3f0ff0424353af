"""Synthetic patients under the protocols of the published studies and of the clinic, healthy and with disease."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from NeuroOrbitLib.phantom.patients.patient import make_patient, scan_patient
from NeuroOrbitLib.phantom.scanner.protocols import PROTOCOLS, protocol
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth, sources_version

#: Protocols of each group. The second is 0.55 x 0.55 x 3 mm, in both planes in which it is acquired.
GROUPS = {
    "CT": ("ct-standard", "ct-svnet", "ct-sequnet"),
    "MRI 0.55 x 0.55 x 3 mm": ("mr-axial-spir", "mr-coronal-t2"),
    "other MRI": ("mr-t1", "mr-t1-gd", "mr-t1-head", "mr-pd", "mr-coronal-stir", "mr-coronal-t2fs"),
}
#: Severity of thyroid eye disease in each condition.
CONDITIONS = {"clean": 0.0, "thyroid eye disease": 0.7}
_SOURCES = "NeuroOrbitLib/phantom"
_FIRST_SEED = 7000


def phantom_cases(patients: int) -> Iterator[ScoredCase]:
    """Yield the cases of all groups, each of a different patient.

    :param patients: number of patients per protocol and condition.
    """
    seed = _FIRST_SEED
    for group, names in GROUPS.items():
        for condition, severity in CONDITIONS.items():
            for name in names:
                for _ in range(patients):
                    yield _case(f"phantom {group}, {condition}", name, severity, seed)
                    seed += 1


def chemical_shift_cases(patients: int) -> Iterator[ScoredCase]:
    """Yield healthy patients in MRI with bright fat, with the fat displaced by chemical shift and in its place.

    :param patients: number of patients per protocol.
    """
    names = [name for name in PROTOCOLS if protocol(name).fat_shift]
    for number, name in enumerate(names * patients):
        seed = _FIRST_SEED + 700 + number
        yield _case("phantom MRI, fat displaced by chemical shift", name, 0.0, seed)
        yield _case("phantom MRI, the same with fat in its place", name, 0.0, seed, fat_shift=0.0)


def healthy_phantoms(patients: int) -> Iterator[ScoredCase]:
    """Yield ``patients`` healthy patients with other seeds for every protocol, for planting faults."""
    names = [name for group in GROUPS.values() for name in group]
    for number, name in enumerate(names * patients):
        yield _case("healthy phantoms", name, 0.0, _FIRST_SEED + 500 + number)


def quick_phantom() -> ScoredCase:
    """Return a small and coarse CT that takes seconds, cached after the first call."""
    @cache
    def load() -> Truth:
        patient = make_patient(21, severity=0.4, activity=0.3, protocols=(), positioning=0.5)
        plan = replace(protocol("ct-fast"), spacing=(1.2, 1.2, 1.6), thickness=1.6, size=(150, 110, 60),
                       center=(0, -17, 0))
        scan = scan_patient(patient.head, patient.pose, patient.muscles, plan, 5)
        return Truth(scan.image, scan.labels)

    return ScoredCase("phantom CT, coarse", "coarse CT", load, sources_version(_SOURCES))


def _case(group: str, name: str, severity: float, seed: int, **changes: float) -> ScoredCase:
    """Return a case of a patient.

    :param changes: settings of the protocol to change.
    """
    def load() -> Truth:
        patient = make_patient(seed, severity, protocols=() if changes else (name,))
        scan = scan_patient(patient.head, patient.pose, patient.muscles, replace(protocol(name), **changes),
                            seed * 101) if changes else patient.scans[name]
        return Truth(scan.image, scan.labels)

    said = "".join(f" {key} {value:g}" for key, value in changes.items())
    return ScoredCase(group, f"{name} {seed}{said}", load, sources_version(_SOURCES))


def contrast_pair() -> dict[str, ScoredCase]:
    """Return one patient in CT and in T1 MRI."""
    return {title: _case("same phantom patient, CT and T1", name, 0.3, _FIRST_SEED - 1)
            for title, name in (("CT", "ct-fast"), ("T1", "mr-t1"))}
