"""Drawing of the sample patients' thumbnails: ``python -m IVGCResponseLib.synthetic.write_thumbnails FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from IVGCResponseLib.inventory import SAMPLES
from IVGCResponseLib.synthetic.sample_patients import make_sample
from NeuroOrbitLib.phantom.patients.write_thumbnails import write_thumbnails

if __name__ == "__main__":
    write_thumbnails(Path(sys.argv[1]), SAMPLES, make_sample)
