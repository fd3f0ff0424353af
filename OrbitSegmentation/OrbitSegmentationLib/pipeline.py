"""Segmenting the orbits of a scan: the one way in for the panel, the command line, batches and tests."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib import __version__
from NeuroOrbitLib.anatomy.structures import Side, label_name
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.models.problem import ModelProblem
from OrbitSegmentationLib.measurements import measure_labels
from OrbitSegmentationLib.quality import (
    Notice,
    coverage_notices,
    missing_notices,
    orientation_notices,
    volume_notices,
    warning,
)

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.models import ModelPackage

#: Network of the default model in the registry of networks.
NETWORK = "any_contrast"
#: The model that is used when none is named.
DEFAULT_MODEL = "orbit-any-contrast"
#: Shares of the time that a first scan takes: half of it goes into reading and into starting the libraries, which
#: later scans find warm.
_LOADED, _SEGMENTED = 0.3, 0.97


@dataclass(frozen=True)
class OrbitResult:
    """A segmented scan.

    :param labels: label values of the vocabulary on the scan's grid, uint8.
    :param measurements: rows of :func:`~OrbitSegmentationLib.measurements.measure_labels`.
    :param notices: what the user should know.
    """

    labels: Image
    measurements: list[dict[str, Any]]
    notices: list[Notice]


def segment_file(scan: str, output: str, model: str = DEFAULT_MODEL, device: str = "auto",
                 model_folders: Sequence[str] = (), progress: Progress = silent) -> dict[str, Any]:
    """Segment the orbits of the scan in a file and write the label map, on the scan's grid, to another.

    :param scan: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series.
    :param output: label map to write (``.nii.gz``, ``.nrrd``).
    :param model: name of a model package, or its folder.
    :param device: "auto", "cpu" or "cuda".
    :param model_folders: more folders with model packages.
    :return: plain data: ``labels`` (path), ``measurements``, ``notices``, ``model``, ``device``, ``versions``,
        ``seconds``.
    :raises Problem: in plain words, for input that cannot be used; nothing is written then.
    """
    from NeuroOrbitLib.imaging.files import check_output, load_image, orientation_is_known, save_image
    from NeuroOrbitLib.models import choose_device, find_package

    started = time.monotonic()
    progress(0.0, "Reading the scan")
    check_output(output, scan)
    package = find_package(model, model_folders)
    choice = choose_device(device)
    image = load_image(scan)
    result = segment_image(image, package, choice.device, part(progress, _LOADED, _SEGMENTED))
    notices = orientation_notices(orientation_is_known(scan)) + result.notices
    progress(_SEGMENTED, "Writing the result")
    save_image(result.labels, output)
    return {
        "labels": str(Path(output)),
        "measurements": result.measurements,
        "notices": notices,
        "model": {"name": package.name, "title": package.title, **package.provenance()},
        "device": {"name": choice.device, "reason": choice.reason},
        "versions": software_versions(),
        "seconds": time.monotonic() - started,
    }


def segment_image(image: Image, package: ModelPackage, device: str = "cpu",
                  progress: Progress = silent) -> OrbitResult:
    """Segment the orbits of a scan.

    :param image: CT (HU) or MRI of any contrast, any axis order; it is not changed.
    :raises Problem: when the volume cannot be used, the model is damaged, or the scan shows no eye.
    """
    from NeuroOrbitLib.imaging.checks import ImageProblem, check_volume, volume_notes
    from NeuroOrbitLib.imaging.geometry import reorient_to_ras, restore_orientation
    from NeuroOrbitLib.imaging.intensity import clean_ct_padding, looks_like_ct

    # In one order of the axes, so that rounding cannot make the result depend on how the voxels were stored.
    scan = _rounded(reorient_to_ras(check_volume(image)))
    is_ct = looks_like_ct(scan)
    if is_ct:
        scan = scan.with_array(clean_ct_padding(scan.array))
    notices = [warning(text) for text in volume_notes(image)]
    labels, seen = _segment(scan, package, device, is_ct, progress)
    if not seen:
        raise ImageProblem("No eye was found in this scan. Choose a CT or MRI volume that shows the orbits; if it "
                           "does show them, check that its orientation is right.")
    measurements = measure_labels(labels, scan)
    expected = _expected_names(package, list(seen))
    return OrbitResult(restore_orientation(labels, image.grid), measurements, notices + coverage_notices(seen)
                       + missing_notices(measurements, expected) + volume_notices(measurements))


def software_versions() -> dict[str, str]:
    """Versions of what computed a result, for its record."""
    import numpy
    import SimpleITK
    import torch

    return {"NeuroOrbit": __version__, "Python": platform.python_version(), "torch": torch.__version__,
            "SimpleITK": SimpleITK.Version.VersionString(), "numpy": numpy.__version__}


def _rounded(image: Image) -> Image:
    """The image with its affine to a millionth of a micrometre: flipping axes changes the digits beyond that."""
    return Image(image.array, image.affine.round(9))


def _segment(image: Image, package: ModelPackage, device: str, is_ct: bool,
             progress: Progress) -> tuple[Image, dict[Side, float]]:
    """The label map, and for each orbit that was found the share of its surroundings that the scan shows."""
    from OrbitSegmentationLib.any_contrast.model import segment_scan
    from OrbitSegmentationLib.paper_model import is_paper_model

    if is_paper_model(package):
        return _segment_with_paper_model(image, package, device, is_ct, progress)
    if package.facts.network != NETWORK:
        raise ModelProblem(f"The model {package.name} does not segment orbits. Choose another model.")
    label_of_class = _label_of_class(package)
    scan = segment_scan(image, _network(package, device), is_ct, label_of_class, progress)
    return scan.labels, {orbit.frame.side: orbit.seen for orbit in scan.orbits}


def _segment_with_paper_model(image: Image, package: ModelPackage, device: str, is_ct: bool,
                              progress: Progress) -> tuple[Image, dict[Side, float]]:
    """The paper's networks see one orbit: the default model finds where the eyes are."""
    from NeuroOrbitLib.models import find_package
    from OrbitSegmentationLib.any_contrast.model import find_orbits
    from OrbitSegmentationLib.paper_model import PaperModel

    progress(0.0, "Looking for the eyes")
    orbits = find_orbits(image, _network(find_package(DEFAULT_MODEL), device), is_ct)
    centers = {orbit.frame.side: orbit.frame.center for orbit in orbits}
    labels = PaperModel.open(package, device).segment(image, centers, progress=part(progress, 0.2, 1.0))
    return labels, {orbit.frame.side: orbit.seen for orbit in orbits}


def _network(package: ModelPackage, device: str) -> nn.Module:
    """The package's network with its weights; kept for the next scan."""
    return _loaded_network(package.folder, package.sha256, device)


@lru_cache(maxsize=2)
def _loaded_network(folder: Path, _sha256: str, device: str) -> nn.Module:
    from NeuroOrbitLib.models import ModelPackage
    from OrbitSegmentationLib.networks.registry import find

    package = ModelPackage.open(folder)
    try:
        network = find(package.facts.network).build(**package.facts.network_arguments)
    except (TypeError, ValueError) as error:
        raise _unfit(package) from error
    return package.load_into(network).to(device)


def _label_of_class(package: ModelPackage) -> list[int]:
    """The right-eye label value of each of the network's classes."""
    from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT, LABEL_OF_CLASS

    values = package.facts.settings.get("label_of_class")
    if not isinstance(values, list) or len(values) != CLASS_COUNT or not set(values) <= {*LABEL_OF_CLASS, 0}:
        raise _unfit(package)
    return values


def _unfit(package: ModelPackage) -> ModelProblem:
    return ModelProblem(f"The model {package.name} is not described as this version of the extension needs it. "
                        "Install the model again, or choose another one.")


def _expected_names(package: ModelPackage, sides: list[Side]) -> dict[int, str]:
    """Name of every label that the default model gives to the sides that were found."""
    from OrbitSegmentationLib.any_contrast.segment import class_values

    values = package.facts.settings.get("label_of_class", ())
    return {int(value): label_name(int(value)) for side in sides for value in class_values(side, values) if value}
