"""Cases of a synthetic cohort from planned patients: lesions as drawn, or as found in a simulated FLAIR."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroDifferentialLib.differential.lesion_image import LesionImage, flair_in_lesions, lesion_image
from NeuroDifferentialLib.differential.synthetic.heads import HEADS, head, zones_of
from NeuroDifferentialLib.differential.synthetic.plan import PlannedPatient
from NeuroDifferentialLib.pipeline import LesionReport, measure, segment_lesions
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.raster import LesionMap, draw_lesions
from NeuroOrbitLib.phantom.brain.scans import OUTLINED_SHARE, ScanQuality, on_scan, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BRAIN_SEQUENCES

#: FLAIR sequences and planes of acquisition; a patient's are independent of the class.
SEQUENCES = tuple(name for name, sequence in BRAIN_SEQUENCES.items() if sequence.is_flair)
PLANES = ("axial", "sagittal")


@dataclass(frozen=True)
class SyntheticScan:
    """A patient's simulated FLAIR with the lesions that were drawn.

    :param flair: simulated FLAIR.
    :param true_lesions: mask of voxels that readers would outline (:data:`OUTLINED_SHARE`), uint8, on the FLAIR's grid.
    :param sequence: name of the sequence.
    :param plane: plane of acquisition, ``"axial"`` or ``"sagittal"``.
    """

    flair: Image
    true_lesions: Image
    sequence: str
    plane: str


def drawn_map(patient: PlannedPatient) -> LesionMap:
    """Return the map of the lesions drawn into the patient's head, with the plan of each."""
    return draw_lesions(patient.lesions, zones_of(patient.seed % HEADS), patient.seed)


def drawn_lesions(patient: PlannedPatient) -> tuple[Image, Image]:
    """Return the numbers of the drawn lesions (int16) and the parts of the brain (uint8) as images."""
    brain = head(patient.seed % HEADS)
    drawn = drawn_map(patient)
    return brain.labels.with_array(drawn.numbers), brain.labels.with_array(brain.parts)


def simulated_scan(patient: PlannedPatient, sequence: str | None = None, plane: str | None = None) -> SyntheticScan:
    """Return a simulated FLAIR of the patient, as one of several scanners would produce it.

    :param patient: planned patient.
    :param sequence: one of :data:`SEQUENCES`; random by default.
    :param plane: one of :data:`PLANES`; random by default.
    """
    rng = np.random.default_rng([patient.seed, 61])
    sequence = sequence or str(rng.choice(SEQUENCES))
    plane = plane or str(rng.choice(PLANES))
    brain, drawn = head(patient.seed % HEADS), drawn_map(patient)
    flair = simulate_brain(brain, drawn, BRAIN_SEQUENCES[sequence], patient.seed, "whole", ScanQuality.random(rng))
    true = flair.with_array((on_scan(drawn.mask, brain, flair) >= OUTLINED_SHARE).astype(np.uint8))
    return SyntheticScan(_in_plane(flair, plane), _in_plane(true, plane), sequence, plane)


def case_of_drawn(patient: PlannedPatient) -> tuple[dict[str, np.ndarray], LesionReport]:
    """Return the arrays of a case and the report on its lesions as drawn, without a scan."""
    lesions, anatomy = drawn_lesions(patient)
    report = measure(lesions, anatomy)
    return {"lesions": lesion_image(report.numbers, anatomy).image.array}, report


def case_of_scan(scan: SyntheticScan) -> tuple[dict[str, np.ndarray], LesionReport]:
    """Return the arrays of a case and the report on the lesions that the product finds in a simulated FLAIR.

    ``lesions`` contains the lesions found, ``true_lesions`` those drawn, ``flair`` the FLAIR inside the lesions found.
    """
    found = segment_lesions(scan.flair)
    report = measure(found.lesions, found.anatomy)
    image = lesion_image(report.numbers, found.anatomy)
    return {**arrays_of(image, scan.flair, found.anatomy),
            "true_lesions": lesion_image(scan.true_lesions, found.anatomy).image.array}, report


def arrays_of(image: LesionImage, flair: Image, anatomy: Image) -> dict[str, np.ndarray]:
    """Return the arrays that networks may take: the lesions alone, and the FLAIR inside lesions."""
    return {"lesions": image.image.array, "flair": flair_in_lesions(flair, anatomy, image)}


def _in_plane(image: Image, plane: str) -> Image:
    """Return the image with slices in another plane: the same voxels in another axis order."""
    if plane == "axial":
        return image
    affine = image.affine[:, [1, 2, 0, 3]]
    return Image(np.ascontiguousarray(image.array.transpose(2, 0, 1)), affine)
