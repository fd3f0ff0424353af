"""Drawing of the sample patients' thumbnails: ``python -m TAOActivityLib.synthetic.write_thumbnails FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from NeuroOrbitLib.phantom.patients.write_thumbnails import write_thumbnails
from TAOActivityLib.inventory import SAMPLES
from TAOActivityLib.synthetic.sample_patients import make_sample

if __name__ == "__main__":
    write_thumbnails(Path(sys.argv[1]), SAMPLES, make_sample)
