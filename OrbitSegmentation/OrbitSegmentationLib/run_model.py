"""Execution of a segmentation model of either kind on a prepared scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import TYPE_CHECKING

from NeuroOrbitLib.anatomy.structures import Side, label_name, label_value, structure_of
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.models.problem import mislabelled, unfit
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL, is_paper_model, require_orbits

if TYPE_CHECKING:

    from NeuroOrbitLib.models import ModelPackage
    from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence
    from OrbitSegmentationLib.any_contrast.orbit_facts import OrbitFacts


@dataclass(frozen=True)
class Found:
    """The findings of a model in a scan.

    :param labels: label values of the vocabulary on the scan's grid, uint8.
    :param seen: share (0 to 1) of the surroundings that the scan shows, for each orbit that was found.
    :param expected: name of every label value that the model could have assigned in these orbits.
    :param confidence: confidence of the model; ``None`` if it does not estimate it.
    :param facts: further facts about the image of each orbit, if known.
    :param side_is_unsure: whether only the anatomy tells the side of a lone orbit.
    :param blurred: sides on which the face was blurred.
    :param impossible: number of voxels of each label value that were removed because, according to the image, it cannot
        be there; see :func:`~OrbitSegmentationLib.impossible_places.taken_out`.
    :param joined: number of voxels of each label value that were added to join its pieces.
    :param doubt: probability (0 to 100 %) that each voxel's label is wrong, on a part of the scan's grid; ``None`` if
        the model does not estimate it.
    :param without_eye: sides on which the scan shows fat in place of the eye.
    :param familiar: mean and SD of the measures of novelty on images like the model's training images, if it has them.
    """

    labels: Image
    seen: dict[Side, float]
    expected: dict[int, str] = field(default_factory=dict)
    confidence: ScanConfidence | None = None
    facts: dict[Side, OrbitFacts] = field(default_factory=dict)
    side_is_unsure: bool = False
    blurred: frozenset[Side] = frozenset()
    impossible: Mapping[int, int] = field(default_factory=dict)
    joined: Mapping[int, int] = field(default_factory=dict)
    doubt: Image | None = None
    without_eye: frozenset[Side] = frozenset()
    familiar: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def run_model(image: Image, package: ModelPackage, device: str, is_ct: bool, progress: Progress = silent,
              views: int | None = None) -> Found:
    """Return the orbits that a model finds and segments in a scan.

    :param image: checked scan in RAS order; CT in HU with clean padding.
    :param package: model package.
    :param device: "cpu" or "cuda".
    :param is_ct: whether the scan is a CT.
    :param progress: receives the fraction done and a message.
    :param views: number of views from which the default model segments each orbit; ``None`` for its own choice.
    :raises ModelProblem: when the model is damaged or belongs to another module.
    """
    from OrbitSegmentationLib.any_contrast.model import segment_scan
    from OrbitSegmentationLib.any_contrast.orbit_facts import orbit_facts
    from OrbitSegmentationLib.any_contrast.views import DEFAULT_VIEWS
    from OrbitSegmentationLib.paper_networks.registry import load

    if is_paper_model(package):
        return _run_paper_model(image, package, device, is_ct, progress)
    require_orbits(package)
    label_of_class, familiar = _label_of_class(package), _familiar_range(package)
    scan = segment_scan(image, load(package, device), is_ct, label_of_class, progress, views or DEFAULT_VIEWS)
    seen = {orbit.frame.side: orbit.seen for orbit in scan.orbits}
    facts = {orbit.frame.side: orbit_facts(orbit, image, is_ct) for orbit in scan.orbits}
    expected = _expected_names(label_of_class, list(seen))
    for value in (label_value(key, side) for side in scan.without_eye for key in ("eyeball", "lens")):
        expected.pop(value, None)
    return Found(scan.labels, seen, expected, scan.confidence, facts, scan.side_is_unsure, scan.blurred,
                 scan.impossible, scan.joined, scan.doubt, scan.without_eye, familiar)


def _run_paper_model(image: Image, package: ModelPackage, device: str, is_ct: bool, progress: Progress) -> Found:
    """Return the findings of a paper's network in the orbits around the eyes that the default model finds."""
    from NeuroOrbitLib.models import find_package
    from NeuroOrbitLib.models.inference import FastNetwork
    from OrbitSegmentationLib.any_contrast.find_orbits import find_orbits
    from OrbitSegmentationLib.paper_networks.model import PaperModel
    from OrbitSegmentationLib.paper_networks.profile_classes import values_given
    from OrbitSegmentationLib.paper_networks.registry import load

    progress(0.0, _("Looking for the eyes"))
    model = PaperModel.open(package, device)
    default = load(find_package(DEFAULT_MODEL), device)
    orbits = find_orbits(image, default.locator, FastNetwork(default.orbit, device), is_ct)
    centers = {orbit.frame.side: orbit.frame.center for orbit in orbits}
    labels = model.segment(image, centers, progress=part(progress, 0.2, 1.0))
    expected = {value: label_name(value) for side in centers for value in values_given(model.profile, side)}
    return Found(labels, {orbit.frame.side: orbit.seen for orbit in orbits}, expected)


def _label_of_class(package: ModelPackage) -> list[int]:
    """Return the right-eye label value of each of the network's classes, 0 for classes that are not shown.

    Every class must have the value of its own structure or none, as a table that exchanges structures or sides would
    draw them wrongly without notice.

    :raises ModelProblem: for such a table, one that shows no structure, and one that contradicts the package's labels.
    """
    from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS

    values = package.facts.settings.get("label_of_class")
    if not isinstance(values, list) or len(values) != len(LABEL_OF_CLASS):
        raise unfit(package)
    for number, (value, expected) in enumerate(zip(values, LABEL_OF_CLASS, strict=True)):
        if type(value) is not int or value not in (0, expected):
            words = _("class {number} stands for label {expected}, and its table says {value}")
            raise mislabelled(package, words.format(number=number, expected=expected, value=repr(value)))
    if not any(values):
        raise mislabelled(package, _("its table shows no structure"))
    names = ("background", *(structure_of(value).key for value in LABEL_OF_CLASS[1:]))
    if package.facts.labels != names:
        raise mislabelled(package, _("the names of its outputs are not those of its classes in their order"))
    return values


def _familiar_range(package: ModelPackage) -> dict[str, tuple[float, float]]:
    """Return mean and SD of the measures of novelty on images like the training images; empty if the model has none.

    :raises ModelProblem: if some of them are missing, or are not usable for comparison.
    """
    from OrbitSegmentationLib.quality.novelty import REFERENCE

    given = package.facts.calibration.get("novelty", {})
    if given == {}:
        return {}
    try:
        found = {name: (float(mean), float(sd)) for name, (mean, sd) in given.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise unfit(package) from error
    if not set(REFERENCE) <= set(found) or not all(isfinite(mean) and 0 < sd < inf for mean, sd in found.values()):
        raise unfit(package)
    return found


def _expected_names(label_of_class: Sequence[int], sides: list[Side]) -> dict[int, str]:
    """Return the name of every label that the default model assigns on the sides that were found."""
    from OrbitSegmentationLib.any_contrast.on_scan import class_values

    return {int(value): label_name(int(value)) for side in sides for value in class_values(side, label_of_class)
            if value}
