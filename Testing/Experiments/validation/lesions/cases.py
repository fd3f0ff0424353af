"""Scans with known lesions: real patients if they are available, and synthetic strata of 1, 8 and 50 ml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.brain import WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.artefacts import FalseLesions
from NeuroOrbitLib.phantom.brain.head import load_brain
from NeuroOrbitLib.phantom.brain.plan import Disease, patient_with_load
from NeuroOrbitLib.phantom.brain.raster import draw_lesions
from NeuroOrbitLib.phantom.brain.scans import OUTLINED_SHARE, Coverage, ScanQuality, on_scan, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BRAIN_SEQUENCES
from NeuroOrbitLib.phantom.brain.zones import Zones
from Testing.real_data import real_data_folder

LJUBLJANA, TABRIZ = ("p07", "p26"), ("104670", "106639", "107130")
#: Load (ml), disease, sequence, coverage and label map (not used for the priors) of each synthetic patient.
STRATA: tuple[tuple[float, Disease, str, Coverage, int], ...] = (
    (1.0, Disease.NMOSD, "flair-3d", "stripped", 13), (1.0, Disease.MS, "flair-axial-3mm", "whole", 14),
    (8.0, Disease.MS, "flair-3d", "whole", 15), (8.0, Disease.NMOSD, "flair-axial-5mm", "whole", 16),
    (50.0, Disease.MS, "flair-3d", "stripped", 16), (50.0, Disease.MS, "flair-axial-5mm", "whole", 13),
)
#: Sequence, label map and whether some lesions are new, of pairs of drawn visits.
VISITS = (("flair-axial-3mm", 13, False), ("flair-3d", 14, False), ("flair-axial-3mm", 15, True),
          ("flair-3d", 16, True))
_EVERY, _LEAST_NEW = 3, 30.0


@dataclass(frozen=True)
class LesionCase:
    """A scan with its references.

    :param lesions: reference, bool (K, J, I) on the FLAIR's grid; ``None`` if there is none.
    :param brain, ventricles, white: further references; ``None`` if there are none.
    """

    group: str
    name: str
    flair: Image
    t1: Image | None
    lesions: np.ndarray | None
    brain: np.ndarray | None = None
    ventricles: np.ndarray | None = None
    white: np.ndarray | None = None


def real_cases() -> Iterator[LesionCase]:
    """Yield the real patients, with FLAIR and T1 and with FLAIR alone."""
    folder = real_data_folder()
    if folder is None:
        return
    place = folder / "brain_ms"
    for name in LJUBLJANA:
        flair, t1, gold = (load_image(place / f"ljubljana_mni_{name}_{kind}.nii.gz")
                           for kind in ("FLAIR", "T1", "GOLD_STANDARD"))
        yield LesionCase("real, FLAIR + T1", name, flair, t1, gold.array > 0.5)
        yield LesionCase("real, FLAIR alone", name, flair, None, gold.array > 0.5)
    for name in TABRIZ:
        flair, lesions, brain, ventricles = (load_image(place / "tabriz" / f"{name}_{kind}.nii.gz")
                                             for kind in ("FLAIR", "lesions", "brain", "ventricles"))
        yield LesionCase("real, thick slices", name, flair, None, *(each.array > 0.5 for each in
                                                                    (lesions, brain, ventricles)))


def visit_pair() -> tuple[Image, Image, Image, np.ndarray] | None:
    """Return both FLAIR scans of the longitudinal patient, the reference change, and the map from its space.

    The map is the 4x4 matrix from RAS (mm) of the reference to RAS (mm) of the first visit.
    """
    folder = real_data_folder()
    if folder is None:
        return None
    place = folder / "brain_ms" / "longitudinal_patient01"
    first, second, change = (load_image(place / f"{name}.nii.gz") for name in ("study1_FLAIR", "study2_FLAIR", "gt"))
    return first, second, change, _insight_transform(place / "study1_FLAIR_to_common_space.txt")


def _insight_transform(path: Path) -> np.ndarray:
    """Return the 4x4 matrix in RAS (mm) of an affine transform that ITK wrote (in LPS mm)."""
    lines = dict(line.split(":", 1) for line in path.read_text(encoding="utf-8").splitlines() if ":" in line)
    values, center = (np.array(lines[key].split(), float) for key in ("Parameters", "FixedParameters"))
    lps = np.eye(4)
    lps[:3, :3] = values[:9].reshape(3, 3)
    lps[:3, 3] = center + values[9:] - lps[:3, :3] @ center
    flip = np.diag([-1.0, -1.0, 1.0, 1.0])
    return flip @ lps @ flip


def drawn_visits() -> Iterator[tuple[str, Image, Image, Image]]:
    """Yield pairs of drawn visits of one patient, without and with new lesions: name, both scans, new labels."""
    folder = real_data_folder()
    for number, (sequence, head, is_changed) in enumerate(VISITS if folder else ()):
        brain = load_brain(folder / "labelmaps" / f"training_seg_{head:02d}.nii.gz")
        plan = patient_with_load(np.random.default_rng([9, number]), Disease.MS, 6.0)
        last = draw_lesions(plan, Zones.of(brain.parts, brain.labels.spacing[::-1]), number)
        fresh = [lesion.number for lesion in last.lesions[::_EVERY] if is_changed and lesion.volume > _LEAST_NEW]
        new = np.isin(last.numbers, fresh)
        nearest = ndimage.distance_transform_edt(last.numbers == 0, return_distances=False, return_indices=True)
        share = np.where(np.isin(last.numbers[tuple(nearest)], fresh), 0, last.share).astype(np.float32)
        first = replace(last, share=share)
        false = FalseLesions.random(np.random.default_rng([10, number]))
        scans = [simulate_brain(brain, lesions, BRAIN_SEQUENCES[sequence], 200 + number, "whole",
                                replace(ScanQuality.random(np.random.default_rng([11, number, visit])),
                                        false_lesions=false), visit=visit)
                 for visit, lesions in enumerate((first, last), 1)]
        yield f"{sequence}, {len(fresh)} new lesions", *scans, brain.labels.with_array(new.astype(np.float32))


def raw_visits() -> Iterator[LesionCase]:
    """Yield both visits of the longitudinal patient, as loaded, without a reference."""
    folder = real_data_folder()
    for visit in ("study1", "study2") if folder else ():
        path = folder / "brain_ms" / "longitudinal_patient01" / f"{visit}_FLAIR.nii.gz"
        yield LesionCase("real, raw visits", visit, load_image(path), None, None)


def synthetic_cases(label_maps: Path | None = None) -> Iterator[LesionCase]:
    """Yield the strata, on label maps that the priors have not seen; nothing if these are missing."""
    folder = real_data_folder()
    maps = label_maps or (folder / "labelmaps" if folder else None)
    for number, (load, disease, sequence, coverage, head) in enumerate(STRATA):
        path = maps / f"training_seg_{head:02d}.nii.gz" if maps else None
        if path is None or not path.exists():
            continue
        brain = load_brain(path)
        plan = patient_with_load(np.random.default_rng([7, number]), disease, load)
        lesions = draw_lesions(plan, Zones.of(brain.parts, brain.labels.spacing[::-1]), number)
        quality = ScanQuality.random(np.random.default_rng([8, number]))
        flair = simulate_brain(brain, lesions, BRAIN_SEQUENCES[sequence], 100 + number, coverage, quality)
        parts = resample(brain.labels.with_array(brain.parts), flair.grid, "nearest").array
        yield LesionCase(f"synthetic, {load:g} ml", f"{disease.value}, {sequence}, {coverage}", flair, None,
                         on_scan(lesions.mask, brain, flair) >= OUTLINED_SHARE, parts != BrainPart.OUTSIDE,
                         parts == BrainPart.LATERAL_VENTRICLE, np.isin(parts, WHITE_MATTER_PARTS))
