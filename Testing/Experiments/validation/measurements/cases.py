"""Cases for the validation of measures: phantoms with known true measures, and annotated real scans."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.patients.patient import make_patient, scan_patient
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.rendering import Pose
from NeuroOrbitLib.phantom.truth.measures import true_measures
from Testing.Experiments.validation.orbit.case import file_version, sources_version
from Testing.real_data import annotation_of, orbit_scans

#: Protocols of each group of phantoms.
PHANTOMS = {"CT": ("ct-standard", "ct-fast"), "MRI, 3-mm slices": ("mr-axial-spir", "mr-coronal-t2"),
            "MRI, 1 mm": ("mr-t1",)}
SEVERITIES = (0.0, 0.7)
_FIRST_SEED = 9100
#: Rotations of heads: nod, tilt, turn to the side (degrees).
_TURNS = ((0.0, 0.0, 0.0), (-10.0, 5.0, 20.0), (8.0, -6.0, -14.0))
_MEASURING = "NeuroOrbitLib/measurements"
_DRAWING = [f"NeuroOrbitLib/phantom{folder}" for folder in ("", "/head", "/orbit", "/patients", "/scanner", "/truth")]


@dataclass(frozen=True)
class MeasuredCase:
    """A scan with its reference label map.

    :param group: row of the table.
    :param name: unique name.
    :param load: function that returns scan and label map.
    :param truth: the true measures; ``None`` for real scans, which are measured from the reference instead.
    :param scan_version: text that changes with scan and reference.
    """

    group: str
    name: str
    load: Callable[[], tuple[Image, Image]]
    truth: Callable[[], dict] | None
    scan_version: str

    @property
    def version(self) -> str:
        """Text that changes with everything that the result depends on, except the model."""
        return f"{self.scan_version}-{sources_version(_MEASURING)}"


def phantom_cases(patients: int, protocols: Collection[str] | None = None) -> Iterator[MeasuredCase]:
    """Yield phantoms of every protocol, healthy and ill, straight and turned.

    :param patients: number of patients per protocol and severity.
    :param protocols: names of the protocols; all by default.
    """
    seed = _FIRST_SEED
    for group, names in PHANTOMS.items():
        for name in names:
            for severity in SEVERITIES:
                for _ in range(patients):
                    if protocols is None or name in protocols:
                        yield _phantom(group, name, severity, seed, _TURNS[seed % len(_TURNS)])
                    seed += 1


def real_cases() -> Iterator[MeasuredCase]:
    """Yield annotated real scans, which are measured from the annotation and from the model."""
    for path in orbit_scans():
        files = annotation_of(path)
        if files:
            yield MeasuredCase("real, annotated", path.name.removesuffix(".nii.gz"), _loader(path, files[0]), None,
                               file_version(files[0]))


def _phantom(group: str, name: str, severity: float, seed: int, turn: tuple[float, float, float]) -> MeasuredCase:
    def load() -> tuple[Image, Image]:
        patient = make_patient(seed, severity, protocols=())
        pose = Pose.from_angles(turn, (2.0, -3.0, 4.0))
        scan = scan_patient(patient.head, pose, patient.muscles, protocol(name), seed, as_seen=False)
        return scan.image, scan.labels

    def truth() -> dict:
        return true_measures(make_patient(seed, severity, protocols=()).head)

    return MeasuredCase(group, f"{name} {seed}", load, truth, sources_version(*_DRAWING))


def _loader(scan: Path, labels: Path) -> Callable[[], tuple[Image, Image]]:
    return lambda: (load_image(scan), load_image(labels))
