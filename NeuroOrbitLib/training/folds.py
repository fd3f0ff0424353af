"""Splits by patient: all cases of one patient stay on the same side of every split."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.patients import patient_key


@dataclass(frozen=True)
class Split:
    """Positions (from 0) of the training cases and of the held-out cases in a cohort."""

    train: tuple[int, ...]
    held_out: tuple[int, ...]


def patient_folds(patients: Sequence[str], folds: int, seed: int = 0, labels: Sequence[int] | None = None) -> list[
        Split]:
    """Split cases into ``folds`` so that no patient is on both sides of any split.

    The fold of a patient depends on the set of patients and the seed, never on the order of the cases, so that it is
    the same on every machine. The numbers of patients in the folds differ by one at most.

    :param patients: patient of each case.
    :param folds: number of folds, at least 2.
    :param seed: seed of the assignment of patients to folds.
    :param labels: class of each case; patients with the same classes are then distributed evenly over the folds.
    :return: one split per fold, whose patients are held out.
    :raises Problem: if there are fewer patients than folds, or fewer than two folds.
    """
    unique = _shuffled(set(patients), seed)
    if labels is not None:
        unique.sort(key=_classes_of_patients(patients, labels).__getitem__)
    if folds < 2:
        raise Problem(f"Cross-validation needs at least 2 folds, not {folds}.")
    if len(unique) < folds:
        raise Problem(f"{folds} folds need at least {folds} patients; the cohort has {len(unique)}. Use fewer folds.")
    fold_of = {patient: place % folds for place, patient in enumerate(unique)}
    return [_split(patients, {p for p, f in fold_of.items() if f == fold}) for fold in range(folds)]


def hold_out_patients(patients: Sequence[str], fraction: float, seed: int = 0) -> Split:
    """Hold out ``fraction`` of the patients (at least one, and never all), for early stopping.

    :param patients: patient of each case.
    :param fraction: share of the patients to hold out, 0 to 1.
    :param seed: seed of the choice.
    :raises Problem: if there are fewer than two patients.
    """
    unique = _shuffled(set(patients), seed)
    if len(unique) < 2:
        raise Problem("Holding out patients needs at least two patients.")
    count = min(max(round(fraction * len(unique)), 1), len(unique) - 1)
    return _split(patients, set(unique[:count]))


def check_no_leak(train: Sequence[str], held_out: Sequence[str]) -> None:
    """Make sure that no patient is on both sides of a split, in whichever spelling.

    :param train: patient of each training case.
    :param held_out: patient of each held-out case.
    :raises Problem: if there are such patients; the message names the first five.
    """
    others = {patient_key(patient) for patient in held_out}
    shared = sorted({patient for patient in train if patient_key(patient) in others})
    if shared:
        named = ", ".join(shared[:5]) + (" …" if len(shared) > 5 else "")
        raise Problem(f"{len(shared)} patients are both trained on and held out ({named}). Split by patient.")


def _split(patients: Sequence[str], held_out: set[str]) -> Split:
    train = tuple(place for place, patient in enumerate(patients) if patient not in held_out)
    rest = tuple(place for place, patient in enumerate(patients) if patient in held_out)
    return Split(train, rest)


def _classes_of_patients(patients: Sequence[str], labels: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Return the classes of each patient's cases, the highest first."""
    found: dict[str, tuple[int, ...]] = {}
    for patient, label in zip(patients, labels, strict=True):
        found[patient] = tuple(sorted((*found.get(patient, ()), int(label)), reverse=True))
    return found


def _shuffled(patients: set[str], seed: int) -> list[str]:
    return sorted(patients, key=lambda patient: hashlib.sha256(f"{seed}:{patient}".encode()).digest())
