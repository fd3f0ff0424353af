"""What is exported of a case, and under which names."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from NeuroOrbitLib.anatomy import LABEL_VALUES
from NeuroOrbitLib.training.cohorts import LABEL_MARK


class Format(enum.Enum):
    """A kind of file; the value is the ending of its name after the case's."""

    LABEL_MAP = f"{LABEL_MARK}.nii.gz"
    SEGMENTATION = ".seg.nrrd"
    DICOM = "_seg.dcm"

    def path(self, folder: Path, case: str) -> Path:
        """The file of a case."""
        return folder / f"{case}{self.value}"


#: Always written: it alone holds everything, and the case is opened again from it.
MASTER = Format.SEGMENTATION


def with_master(formats: Iterable[Format]) -> list[Format]:
    """The chosen formats and the one that is always written, in their fixed order."""
    chosen = {MASTER, *formats}
    return [kind for kind in Format if kind in chosen]



def unknown_values(labels: np.ndarray) -> list[int]:
    """Values of a label map that are not of the vocabulary."""
    return [int(value) for value in np.unique(labels) if value and int(value) not in LABEL_VALUES]
