"""Two sample scans of one synthetic patient: in active disease, and after it has burnt out."""

from __future__ import annotations

from pathlib import Path

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.patients.patient import Scan
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _
from TAOActivityLib.synthetic.inflammation import Inflammation
from TAOActivityLib.synthetic.plan import Visit
from TAOActivityLib.synthetic.scans import FULL_SLICES, make_scan

_HEAD, _SEVERITY = 4, 0.5
#: For each visit the effective T2 (ms) of the most involved muscle, and the signs that the doctor found.
VISITS = {"active": Inflammation(95.0, (1, 1, 1, 0, 1, 0, 0)), "inactive": Inflammation(60.0, (0, 0, 0, 0, 1, 0, 0))}


def make_sample(kind: str) -> Scan:
    """Return a sample scan with its label map, which is always the same.

    :param kind: a name in :data:`VISITS`.
    :raises Problem: for an unknown name.
    """
    if kind not in VISITS:
        raise Problem(_("There is no sample {kind!r}. Choose one of: {visits}.").format(kind=kind, visits=VISITS))
    number = 1 + list(VISITS).index(kind)
    visit = Visit(f"sample-{number}", "sample", number, _HEAD, 10 * _HEAD + number, _SEVERITY, VISITS[kind])
    return make_scan(visit, FULL_SLICES)


def write_sample(kind: str, path: str | Path, progress: Progress = silent) -> None:
    """Write a sample scan to a file.

    :param kind: a name in :data:`VISITS`.
    :param path: file to write (NIfTI, NRRD or MetaImage).
    :param progress: receives the fraction done and a message.
    :raises Problem: for an unknown kind, or if the file cannot be written.
    """
    progress(0.1, _("Scanning a synthetic patient"))
    save_image(make_sample(kind).image, path)
