"""The available real scans, with reference labels if there are any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from NeuroOrbitLib.imaging.files import load_image
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth, file_version
from Testing.real_data import annotation_of, orbit_scans

#: Scans in which fat is displaced by 4 mm, so that only the globes can be evaluated.
GLOBES_ONLY = ("niimath_t2",)


def annotated_cases() -> Iterator[ScoredCase]:
    """Yield scans with reference labels, each as a separate group, since each must reach the bars."""
    for path in orbit_scans():
        if annotation_of(path):
            name = _name(path)
            yield ScoredCase(f"annotated {name}", name, _loader(path), file_version(annotation_of(path)[0]),
                       ("eyeball",) if name in GLOBES_ONLY else ())


def other_cases() -> Iterator[ScoredCase]:
    """Yield scans without reference labels, to check whether both eyes are found and which notices the user gets."""
    for path in orbit_scans():
        if not annotation_of(path):
            yield ScoredCase("real scans without reference", _name(path), _loader(path), file_version(path))


def _loader(path: Path):
    def load() -> Truth:
        files = annotation_of(path)
        return Truth(load_image(path), *(load_image(file) for file in files or ()))

    return load


def _name(path: Path) -> str:
    return path.name.removesuffix(".nii.gz")
