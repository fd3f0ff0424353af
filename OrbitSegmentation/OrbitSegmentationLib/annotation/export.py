"""Formats in which a case is exported, and the names of the files."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from NeuroOrbitLib.anatomy import LABEL_VALUES
from NeuroOrbitLib.training.cohorts import LABEL_MARK


class Format(enum.Enum):
    """A file format; the value is what follows the case's name in the name of the file."""

    LABEL_MAP = f"{LABEL_MARK}.nii.gz"
    SEGMENTATION = ".seg.nrrd"
    DICOM = "_seg.dcm"

    def path(self, folder: Path, case: str) -> Path:
        """Return the path of a case's file in this format."""
        return folder / f"{case}{self.value}"


#: Format that is always written, as it alone holds everything, so that the case can be opened from it again.
MASTER = Format.SEGMENTATION


def with_master(formats: Iterable[Format]) -> list[Format]:
    """Return the chosen formats and the one that is always written, in their fixed order."""
    chosen = {MASTER, *formats}
    return [kind for kind in Format if kind in chosen]



def unknown_values(labels: np.ndarray) -> list[int]:
    """Return the values of a label map that are not in the vocabulary."""
    return [int(value) for value in np.unique(labels) if value and int(value) not in LABEL_VALUES]
