"""The shipped model and two scans of a synthetic patient on a coarse grid, made once per session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.geometry import box_covering, crop, grid_around
from NeuroOrbitLib.jobs.worker import keep_freed_memory
from NeuroOrbitLib.models import ModelPackage, find_package
from NeuroOrbitLib.phantom.patients.patient import make_patient, scan_patient
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
from OrbitSegmentationLib.pipeline import OrbitResult, segment_image
from Testing.real_data import orbit_scans

SPACING = (1.2, 1.2, 1.6)
PROTOCOLS = {"CT": "ct-fast", "T1": "mr-t1"}


@pytest.fixture(scope="session")
def package() -> ModelPackage:
    """The shipped model; memory is handled as in the worker process, which makes it faster."""
    keep_freed_memory()
    return find_package(DEFAULT_MODEL)


@pytest.fixture(scope="session")
def phantom() -> Callable[[str], tuple[Image, Image]]:
    """Function kind ("CT" or "T1") -> (scan, true label map); do not change the arrays."""
    patient = make_patient(21, severity=0.4, activity=0.3, protocols=(), positioning=0.5)
    made = {}

    def of_kind(kind: str) -> tuple[Image, Image]:
        if kind not in made:
            plan = replace(protocol(PROTOCOLS[kind]), spacing=SPACING, thickness=SPACING[2], size=(150, 110, 60),
                           center=(0, -17, 0))
            scan = scan_patient(patient.head, patient.pose, patient.muscles, plan, 5)
            made[kind] = (scan.image, scan.labels)
        return made[kind]

    return of_kind


@pytest.fixture(scope="session")
def scans(phantom) -> Callable[[str], Image]:
    """Function kind ("CT", "T1", or "real", which skips the test where there is none) -> scan."""
    def of_kind(kind: str) -> Image:
        return real_scan() if kind == "real" else phantom(kind)[0]

    return of_kind


@pytest.fixture(scope="session", autouse=True)
def one_view() -> Iterator[None]:
    """Each orbit is looked at once: several views take several times as long and have the same geometry."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("OrbitSegmentationLib.any_contrast.views.DEFAULT_VIEWS", 1)
        yield


@pytest.fixture(scope="session")
def segmented(scans, package) -> Callable[[str], OrbitResult]:
    """Function kind -> what the shipped model makes of the scan as it is."""
    made = {}

    def of_kind(kind: str) -> OrbitResult:
        if kind not in made:
            made[kind] = segment_image(scans(kind), package)
        return made[kind]

    return of_kind


@pytest.fixture(autouse=True)
def one_temporary_folder(tmp_path_factory, monkeypatch) -> Path:
    """Everything temporary lands here, so that what is left behind can be seen."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def real_scan() -> Image:
    """The part with the orbits of the real T1 scan in the space of Talairach, where it is known where they are."""
    paths = [path for path in orbit_scans() if path.name.startswith("colin27")]
    if not paths:
        pytest.skip("there are no real scans here")
    image = load_image(paths[0])
    return crop(image, box_covering(image.grid, grid_around((0.0, 45.0, -38.0), (150, 110, 70), 1.0)))
