"""A comparison of two visits that is known beforehand, in place of the worker's own: what the panel does with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from NeuroDifferentialLib.followup.fates import Fate
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.jobs.progress import Progress, silent

#: Voxels (K, J, I) of the new and of the vanished lesion.
NEW, VANISHED = np.s_[20:23, 30:35, 30:35], np.s_[25:27, 50:53, 40:43]


def compare_lesions(scan: str, output: str, previous: str, model: str, model_folders: Sequence[str],
                    lesions: str | None = None, previous_lesions: str | None = None,
                    found: str | None = None, previous_found: str | None = None,
                    progress: Progress = silent) -> dict[str, Any]:
    """Return one new and one vanished lesion; the earlier FLAIR is aligned by taking its voxels as they are."""
    later = load_image(scan)
    changed = np.zeros(later.array.shape, np.uint8)
    changed[NEW], changed[VANISHED] = Fate.NEW.value, Fate.VANISHED.value
    earlier_file = str(Path(output).with_name("earlier.nii"))
    save_image(later.with_array(changed), output)
    save_image(later.with_array(load_image(previous).array), earlier_file)
    place = later.grid.ras_from_ijk(np.array([32.0, 32.0, 21.0])).tolist()
    rows = [{"lesion": 1, "change": "new", "before_mm3": 0.0, "after_mm3": 900.0, "noise_mm3": 80.0,
             "changed_mm3": 900.0, "evidence_sd": 12.3},
            {"lesion": 2, "change": "vanished", "before_mm3": 216.0, "after_mm3": 0.0, "noise_mm3": 40.0,
             "changed_mm3": 216.0, "evidence_sd": 7.0}]
    return {"before_ml": 0.216, "after_ml": 0.9, "change_ml": 0.684, "noise_ml": 0.12, "beyond_noise": True,
            "stable": 0, "new": 1, "grown": 0, "shrunk": 0, "vanished": 1,
            "lesions": [{**lesion, "center": place} for lesion in rows], "notices": [],
            "drawn_before": previous_lesions is not None, "drawn_now": lesions is not None,
            "lesion_voxels": int(np.count_nonzero(load_image(lesions).array)) if lesions else None,
            "found_voxels": int(np.count_nonzero(load_image(found).array)) if found else None,
            "changes_file": str(output), "earlier_file": earlier_file, "versions": {},
            "model": {"name": model}, "seconds": 0.1}
