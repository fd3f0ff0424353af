"""Drawing of the sample patients' thumbnails.

``python -m NeuroDifferentialLib.differential.synthetic.write_thumbnails FOLDER``
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from NeuroDifferentialLib.differential.inventory import SAMPLES
from NeuroDifferentialLib.differential.synthetic.cases import SyntheticScan
from NeuroDifferentialLib.differential.synthetic.sample_patients import make_sample
from NeuroOrbitLib.imaging.pictures import blended, gray_pixels
from NeuroOrbitLib.phantom.patients.write_thumbnails import square_picture

_LESION = (255, 190, 60)


def thumbnail(scan: SyntheticScan) -> np.ndarray:
    """Return the slice with the most lesion voxels as a square RGB picture (uint8) with the letters of the sides."""
    lesions = scan.true_lesions.array > 0
    number = int(lesions.sum(axis=(1, 2)).argmax())
    gray = gray_pixels(scan.flair.array[number], 0.0, float(np.percentile(scan.flair.array, 99.7)))
    picture = blended(gray, np.full_like(gray, _LESION), lesions[number], 0.6)
    return square_picture(picture, scan.flair)


if __name__ == "__main__":
    for kind, name in SAMPLES.items():
        drawn = sitk.GetImageFromArray(thumbnail(make_sample(kind)), isVector=True)
        sitk.WriteImage(drawn, str(Path(sys.argv[1]) / f"{name}.png"))
