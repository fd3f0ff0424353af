"""Reading of a scan and its label map, from which measures, comparisons and reports are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from NeuroOrbitLib.dicom.scans import read_one
from NeuroOrbitLib.imaging.checks import check_grey_values
from NeuroOrbitLib.imaging.geometry import stored_as
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.label_maps.mapping import mapping_for, read_labels
from NeuroOrbitLib.measurements.grey_values import grey_values_of
from NeuroOrbitLib.measurements.labels import label_map_of


@dataclass(frozen=True)
class ScanAndLabels:
    """A scan and its label map.

    :param scan: grey values.
    :param labels: label map in the vocabulary's values, in the scan's axis order if it holds the same voxels; else on
        another grid.
    :param is_ct: whether the grey values are Hounsfield units.
    :param notices: sentences about what was unusual when the scan was read.
    """

    scan: Image
    labels: Image
    is_ct: bool
    notices: list[str]

    @property
    def modality(self) -> str:
        """Modality of the scan, "CT" or "MRI"."""
        return "CT" if self.is_ct else "MRI"


def read_scan_and_labels(scan: str | Path, labels: str | Path) -> ScanAndLabels:
    """Return a scan and its label map, whose values may be those of another tool that the product knows.

    :param scan: image file, or folder of a DICOM series.
    :param labels: file of the label map.
    :raises Problem: for files that cannot be used.
    """
    image, notices = read_one(scan)
    given = grey_values_of(image)
    check_grey_values(given.image)
    found = label_map_of(read_labels(Path(labels), mapping_for(Path(labels))))
    return ScanAndLabels(given.image, stored_as(found, image.grid), given.is_ct, [*notices, *given.notices])
