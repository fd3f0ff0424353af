"""Sample scans that need no download: simulated on demand, and the same on every computer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.patients.patient import Scan, make_patient
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class SampleKind:
    """A sample scan: its title for the user, and the parameters of the patient and the scan."""

    title: str
    protocol: str
    severity: float
    activity: float
    seed: int


#: Every sample by name.
SAMPLES = {
    "TED-CT": SampleKind("Synthetic orbit CT, thyroid eye disease", "ct-fast", 0.75, 0.6, 21),
    "TED-MR-T2FS": SampleKind("Synthetic orbit MRI, fat-saturated T2, active thyroid eye disease", "mr-axial-spir",
                              0.75, 0.9, 21),
    "TED-MR-T1": SampleKind("Synthetic orbit MRI, T1, thyroid eye disease", "mr-t1", 0.75, 0.6, 21),
    "Healthy-CT": SampleKind("Synthetic orbit CT, healthy", "ct-fast", 0.0, 0.0, 7),
}


def make_sample(kind: str, seed: int | None = None, progress: Progress = silent) -> Scan:
    """Return a sample scan with its label map.

    :param kind: name in :data:`SAMPLES`.
    :param seed: seed for another patient of the same kind.
    :raises Problem: for an unknown kind.
    """
    if kind not in SAMPLES:
        raise Problem(_("There is no sample {kind!r}. Choose one of: {samples}.").format(kind=kind, samples=SAMPLES))
    sample = SAMPLES[kind]
    patient = make_patient(sample.seed if seed is None else seed, sample.severity, sample.activity,
                           protocols=(sample.protocol,), positioning=0.5, progress=progress)
    return patient.scans[sample.protocol]


def write_sample(kind: str, path: str | Path, seed: int | None = None, labels: bool = False,
                 progress: Progress = silent) -> None:
    """Write a sample scan to ``path`` (NIfTI, NRRD or MetaImage).

    :param kind: name in :data:`SAMPLES`.
    :param path: file to write.
    :param seed: seed for another patient of the same kind.
    :param labels: whether to write the label map instead of the image.
    :raises Problem: for an unknown kind, or if the file cannot be written.
    """
    scan = make_sample(kind, seed, progress)
    save_image(scan.labels if labels else scan.image, path)
