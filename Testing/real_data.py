"""The folder of the real scans for tests and demonstrations, if there is one: the repository never contains them."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


def real_data_folder() -> Path | None:
    """Return ``NEUROORBIT_REAL_DATA`` or the folder ``shared/real`` beside the repository; ``None`` without either."""
    folder = Path(os.environ.get("NEUROORBIT_REAL_DATA", REPOSITORY.parent / "shared" / "real"))
    return folder if folder.is_dir() else None


def orbit_scans() -> list[Path]:
    """Return the real scans that show orbits, by name."""
    folder = real_data_folder()
    return sorted((folder / "orbit").glob("*.nii.gz")) if folder else []


def annotation_of(scan: Path) -> tuple[Path, Path] | None:
    """Return the reference labels and the mask of uncertain voxels of a real scan, if it has been annotated."""
    name = scan.name.removesuffix(".nii.gz")
    labels, uncertain = (scan.parent / "annotations" / f"{name}_{kind}.nii.gz" for kind in ("labels", "uncertain"))
    return (labels, uncertain) if labels.exists() and uncertain.exists() else None
