"""Parts of the brain by which lesions are located, and their values in FreeSurfer-like label maps."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class BrainPart(IntEnum):
    """Part of the brain, with its value in the product's anatomy label maps."""

    OUTSIDE = 0
    WHITE_MATTER = 1
    CORTEX = 2
    DEEP_GREY = 3
    MEDIAL_TEMPORAL = 4
    LATERAL_VENTRICLE = 5
    THIRD_VENTRICLE = 6
    FOURTH_VENTRICLE = 7
    BRAINSTEM = 8
    CEREBELLAR_WHITE_MATTER = 9
    CEREBELLAR_CORTEX = 10
    CSF = 11
    CORPUS_CALLOSUM = 12

    @property
    def title(self) -> str:
        """Name for people."""
        return "CSF" if self is BrainPart.CSF else self.name.replace("_", " ").capitalize()


#: Label values of each part in FreeSurfer's and SynthSeg's label maps.
FREESURFER_VALUES: dict[BrainPart, tuple[int, ...]] = {
    BrainPart.WHITE_MATTER: (2, 41, 25, 57, 72, 77, 85, 136, 163),
    BrainPart.CORTEX: (3, 42, 137, 164),
    BrainPart.DEEP_GREY: (10, 11, 12, 13, 26, 28, 49, 50, 51, 52, 58, 60),
    BrainPart.MEDIAL_TEMPORAL: (17, 18, 53, 54),
    BrainPart.LATERAL_VENTRICLE: (4, 5, 30, 31, 43, 44, 62, 63),
    BrainPart.THIRD_VENTRICLE: (14,),
    BrainPart.FOURTH_VENTRICLE: (15,),
    BrainPart.BRAINSTEM: (16,),
    BrainPart.CEREBELLAR_WHITE_MATTER: (7, 46),
    BrainPart.CEREBELLAR_CORTEX: (8, 47),
    BrainPart.CSF: (24,),
    BrainPart.CORPUS_CALLOSUM: (192, 251, 252, 253, 254, 255),
}
VENTRICLES = (BrainPart.LATERAL_VENTRICLE, BrainPart.THIRD_VENTRICLE, BrainPart.FOURTH_VENTRICLE)
FLUID = (*VENTRICLES, BrainPart.CSF)
WHITE_MATTER_PARTS = (BrainPart.WHITE_MATTER, BrainPart.CORPUS_CALLOSUM, BrainPart.CEREBELLAR_WHITE_MATTER,
                      BrainPart.BRAINSTEM)
GREY_MATTER_PARTS = (BrainPart.CORTEX, BrainPart.DEEP_GREY, BrainPart.MEDIAL_TEMPORAL, BrainPart.CEREBELLAR_CORTEX)
INFRATENTORIAL = (BrainPart.BRAINSTEM, BrainPart.CEREBELLAR_WHITE_MATTER, BrainPart.CEREBELLAR_CORTEX)
#: White matter of the two hemispheres in FreeSurfer's values.
LEFT_WHITE_MATTER, RIGHT_WHITE_MATTER = 2, 41


def parts_from_freesurfer(labels: np.ndarray) -> np.ndarray:
    """Return the :class:`BrainPart` value (uint8) of each voxel of an array of FreeSurfer label values.

    Values that belong to no part, such as those of the face and the skull, become ``OUTSIDE``.
    """
    values = np.rint(labels).astype(np.int32)
    table = np.zeros(max(int(values.max()), 255) + 1, dtype=np.uint8)
    for part, members in FREESURFER_VALUES.items():
        table[list(members)] = part
    return table[values]
