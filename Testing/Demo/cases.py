"""The scans of the demonstration: a synthetic patient, then real scans or the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from NeuroOrbitLib.anatomy.structures import label_value
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from Testing.real_data import annotation_of, orbit_scans

#: The synthetic patient: active thyroid eye disease with enlarged muscles, scanned by CT and by MR.
PATIENT_SEED, SEVERITY, ACTIVITY = 21, 0.75, 0.6
PHANTOM_TITLE = "Synthetic patient with thyroid eye disease"
#: Short name of each of its scans by protocol.
PHANTOM_SCANS = MappingProxyType({"ct-fast": "Phantom CT", "mr-axial-spir": "Phantom MR"})
#: For some references, the structures that can be trusted: in this T2 scan, the chemical shift moves the fat by several
#: millimetres, so that the dark bands that look like muscles and nerves are not where these are.
TRUSTED_STRUCTURES = MappingProxyType({"niimath_t2": ("eyeball",)})


@dataclass(frozen=True)
class Reference:
    """The reference of a scan.

    :param origin: origin of the reference, for the reader of the report.
    :param labels: file of a label map on the scan's grid.
    :param uncertain: file of a mask of voxels that are not judged.
    :param volumes_ml: true volume (ml) by label value, if it is known more exactly than by counting voxels.
    :param structures: the only structures to be judged; ``None`` for all.
    """

    origin: str
    labels: Path
    uncertain: Path | None = None
    volumes_ml: Mapping[int, float] = field(default_factory=dict)
    structures: tuple[str, ...] | None = None


@dataclass(frozen=True)
class DemonstrationCase:
    """A scan to be segmented.

    :param name: name in the scene.
    :param title: description for the reader of the report.
    :param scan: file of the scan.
    :param reference: reference of the scan.
    """

    name: str
    title: str
    scan: Path
    reference: Reference | None = None

    @property
    def key(self) -> str:
        """Name for files and links: small letters, digits and hyphens."""
        return file_name(self.name)


def demonstration_cases(folder: Path, scan: Path | None = None,
                        say: Callable[[str], None] = print) -> list[DemonstrationCase]:
    """Return the synthetic patient, and the user's ``scan`` or else all available real scans.

    :param folder: folder for the synthetic scans.
    :param say: function that is called with a message about what takes time.
    :raises Problem: when ``scan`` cannot be read; nothing is written in that case.
    """
    own = [user_case(scan, folder)] if scan is not None else []
    say("Making the synthetic patient")
    real = own or [real_case(path) for path in orbit_scans()]
    return [*phantom_cases(folder), *real]


def user_case(scan: Path, folder: Path) -> DemonstrationCase:
    """Return the scan that the user named; a DICOM series becomes one file in ``folder``.

    :raises Problem: when it cannot be read.
    """
    image, scan = load_image(scan), scan.resolve()
    name = scan.name if scan.is_dir() else scan.name.removesuffix(".gz").rsplit(".", 1)[0]
    file = save_image(image, folder / f"{file_name(name)}.nii.gz") if scan.is_dir() else scan
    return DemonstrationCase(name, name, file)


def real_case(path: Path) -> DemonstrationCase:
    """Return a real scan, with its reference labels if it has been annotated."""
    name = path.name.removesuffix(".nii.gz")
    annotation = annotation_of(path)
    reference = annotation and Reference("labelled by hand by one reader; doubtful voxels are not judged", *annotation,
                                         structures=TRUSTED_STRUCTURES.get(name))
    return DemonstrationCase(name.replace("_", " "), f"Real scan {name.replace('_', ' ')}", path, reference)


def phantom_cases(folder: Path, protocols: Sequence[str] = tuple(PHANTOM_SCANS)) -> list[DemonstrationCase]:
    """Make the synthetic patient and write its scans and label maps into ``folder``.

    :param protocols: names in :data:`PHANTOM_SCANS`.
    """
    from NeuroOrbitLib.phantom.patients.patient import make_patient

    folder.mkdir(parents=True, exist_ok=True)
    patient = make_patient(PATIENT_SEED, SEVERITY, ACTIVITY, protocols=protocols, positioning=0.5)
    volumes = true_volumes(patient.truth)
    cases = []
    for protocol, scan in patient.scans.items():
        name = PHANTOM_SCANS[protocol]
        image = save_image(scan.image, folder / f"{file_name(name)}.nii.gz")
        labels = save_image(with_whole_eyeballs(scan.labels), folder / f"{file_name(name)}-labels.nii.gz")
        reference = Reference("known exactly: the anatomy that the image was made from", labels, volumes_ml=volumes)
        cases.append(DemonstrationCase(name, f"{PHANTOM_TITLE}: {scan.protocol.title}", image, reference))
    return cases


def true_volumes(truth: Mapping) -> dict[int, float]:
    """Return the true volume (ml) by label value of a synthetic patient; eyeballs include their lens."""
    return {label_value(structure, side): volume for side, facts in truth["sides"].items()
            for structure, volume in facts["volumes_ml"].items()}


def with_whole_eyeballs(labels: Image) -> Image:
    """Return the label map with the lenses as part of their eyeballs, as the default model labels them."""
    array = np.array(labels.array)
    for side in ("right", "left"):
        array[array == label_value("lens", side)] = label_value("eyeball", side)
    return labels.with_array(array)


def file_name(text: str) -> str:
    """Return the text in small letters, digits and hyphens only."""
    words = "".join(character if character.isascii() and character.isalnum() else " " for character in text).split()
    return "-".join(words).lower() or "scan"
