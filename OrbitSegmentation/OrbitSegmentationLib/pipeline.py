"""Segmentation of the orbits of a scan: the entry point for the panel, the command line, batches and tests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.measurements.altered_eyes import AlteredEye, altered_eyes
from NeuroOrbitLib.measurements.artificial_lens import ArtificialLens, artificial_lenses, outlined_as_seen
from NeuroOrbitLib.measurements.volumes import measure_labels
from NeuroOrbitLib.models.card_failure import repeated_on_cpu
from NeuroOrbitLib.sentences import sentence as _
from NeuroOrbitLib.software import software_versions
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL, RULES_VERSION, segments_orbits
from OrbitSegmentationLib.quality.coverage import modality_notices
from OrbitSegmentationLib.quality.notices import Notice, remark, warning
from OrbitSegmentationLib.run_model import Found, run_model

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage

#: Progress after loading and after segmentation. A first scan spends half of its time on reading and on loading the
#: libraries, which later scans do not.
_LOADED, _SEGMENTED = 0.3, 0.97


@dataclass(frozen=True)
class OrbitResult:
    """A segmented scan.

    :param labels: label values of the vocabulary on the scan's grid, uint8.
    :param measurements: rows of :func:`~NeuroOrbitLib.measurements.volumes.measure_labels`, with ``confidence``
        (expected Dice, 0 to 1, or None) and ``interpolated_ml`` (volume added to join pieces).
    :param notices: notices for the user.
    :param quality: plain data: ``look_at``, places where the model is unsure (see
        :class:`~OrbitSegmentationLib.quality.doubts.Doubt`), and ``novelty``, how much the scan differs from the
            model's training images (see :class:`~OrbitSegmentationLib.quality.novelty.OrbitNovelty`).
    :param intensity_unit: unit of the mean intensities: "HU" in CT, "a.u." (arbitrary units) in MRI.
    :param doubt: probability (0 to 100 %, uint8) that each voxel's label is wrong, on a separate grid around the
        orbits; ``None`` if the model does not estimate it.
    """

    labels: Image
    measurements: list[dict[str, Any]]
    notices: list[Notice]
    quality: dict[str, Any] = field(default_factory=dict)
    intensity_unit: str = "a.u."
    doubt: Image | None = None


@repeated_on_cpu
def segment_file(scan: str, output: str, model: str = DEFAULT_MODEL, device: str = "auto",
                 model_folders: Sequence[str] = (), views: int | None = None, series: str | None = None,
                 doubt: bool = False, progress: Progress = silent) -> dict[str, Any]:
    """Segment the orbits of a scan file and write the label map, on the scan's grid, to another file.

    :param scan: NIfTI, NRRD or MetaImage file, or folder with a DICOM series; of several series the best is used.
    :param output: path of the label map to write (``.nii.gz``, ``.nrrd``).
    :param model: name of a model package, or its folder.
    :param device: "auto", "cpu" or "cuda".
    :param model_folders: further folders with model packages.
    :param views: number of slightly different views from which each orbit is segmented; more take longer and are
        slightly more accurate. ``None`` for the default model's own choice.
    :param series: number or UID of the series in the folder; see :func:`NeuroOrbitLib.dicom.scans.read_scan`.
    :param doubt: whether to write the probability (0 to 100 %) that each voxel's label is wrong, if the model estimates
        it, to the file :func:`doubt_path`. If none is written, one of an earlier run is removed: it would be taken for
        that of the new label map.
    :param progress: receives the fraction done and a message.
    :return: plain data: ``labels`` (path), ``doubt`` (path, if written), ``measurements``, ``notices``, ``quality``,
        ``intensity_unit``, ``model`` (with the ``version`` of its weights and that of the ``rules`` by which they are
        used), ``device``, ``versions``, ``seconds``.
    :raises Problem: for input that cannot be used; nothing is written in that case.
    """
    from NeuroOrbitLib.dicom.scans import read_scan
    from NeuroOrbitLib.imaging.files import check_output, save_image
    from NeuroOrbitLib.models import choose_device, find_package, passed_over

    started = time.monotonic()
    progress(0.0, _("Reading the scan"))
    check_output(output, scan)
    if doubt:
        check_output(str(doubt_path(output)), scan)
    package = find_package(model, model_folders, segments_orbits)
    choice = choose_device(device)
    image, reading = read_scan(scan, series)
    result = segment_image(image, package, choice.device, part(progress, _LOADED, _SEGMENTED), views)
    known = (*passed_over(model, model_folders), *reading)
    notices = [warning(text) for text in known] + result.notices
    progress(_SEGMENTED, _("Writing the result"))
    save_image(result.labels, output)
    doubted = save_image(result.doubt, doubt_path(output)) if doubt and result.doubt else None
    if doubted is None:
        _remove_older_doubt(output, scan)
    return {
        "labels": str(Path(output)),
        **({"doubt": str(doubted)} if doubted else {}),
        "measurements": result.measurements,
        "notices": notices,
        "quality": result.quality,
        "intensity_unit": result.intensity_unit,
        "model": {"name": package.name, "title": package.title, **package.provenance(), "rules": RULES_VERSION},
        "device": choice.as_data(),
        "versions": software_versions(),
        "seconds": time.monotonic() - started,
    }


def doubt_path(output: str) -> Path:
    """Return the path of the map of doubt that belongs to the label map ``output``, with "_doubt" added to its name."""
    path = Path(output)
    ending = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    return path.with_name(f"{path.name.removesuffix(ending)}_doubt{ending}")


def _remove_older_doubt(output: str, scan: str) -> None:
    path = doubt_path(output)
    if not (path.is_file() and os.path.exists(scan) and path.samefile(scan)):
        path.unlink(missing_ok=True)


def segment_image(image: Image, package: ModelPackage, device: str = "cpu", progress: Progress = silent,
                  views: int | None = None) -> OrbitResult:
    """Segment the orbits of a scan.

    :param image: CT (HU) or MRI of any contrast, any axis order; it is not changed.
    :param package: model package.
    :param device: "cpu" or "cuda".
    :param progress: receives the fraction done and a message.
    :param views: number of views, as for :func:`segment_file`.
    :raises Problem: when the volume cannot be used, the model is damaged, or the scan shows no eye.
    """
    from NeuroOrbitLib.imaging.checks import (
        ImageProblem,
        check_grey_values,
        check_volume,
        resolution_notes,
        volume_notes,
    )
    from NeuroOrbitLib.imaging.geometry import restore_orientation
    from OrbitSegmentationLib.quality.review import review

    scan, is_ct, notes = _prepared(check_grey_values(check_volume(image)))
    notices = [warning(text) for text in (*volume_notes(image), *notes)]
    notices += [remark(text) for text in resolution_notes(image)]
    notices += modality_notices(package.facts.modality, is_ct)
    found = run_model(scan, package, device, is_ct, progress, views)
    if not found.seen:
        raise ImageProblem(_("No eye was found in this scan. Choose a CT or MRI volume that shows the orbits; if it "
                             "does show them, check that its orientation is right."))
    altered = altered_eyes(scan, found.labels, is_ct)
    artificial = {side: lens for side, lens in artificial_lenses(scan, found.labels).items() if side not in altered}
    found = replace(found, labels=outlined_as_seen(found.labels, artificial))
    measurements = _with_interpolated(_with_confidence(measure_labels(found.labels, scan), found), found)
    measurements = [_unless_altered(row, altered, artificial) for row in measurements]
    notices += [warning(text) for text in dict.fromkeys(eye.text for eye in altered.values())]
    notices += [remark(lens.text) for lens in artificial.values()]
    checks = review(_without_lenses_of(found, (*altered, *artificial)), measurements, is_ct, scan)
    return OrbitResult(restore_orientation(found.labels, image.grid), measurements, notices + checks.notices,
                       checks.as_data(), "HU" if is_ct else "a.u.", found.doubt)


def orbits_of(scan: Image, device: str = "cpu", progress: Progress = silent) -> Image:
    """Return the label map of the orbits on the scan's grid by the default model, for modules that evaluate orbits.

    :raises Problem: when the scan cannot be used or shows no eye.
    """
    from NeuroOrbitLib.models import find_package

    return segment_image(scan, find_package(DEFAULT_MODEL), device, progress).labels


def prepare_scan(image: Image) -> tuple[Image, bool]:
    """Return a scan as the networks expect it, in RAS order and CT in HU with clean padding, and whether it is CT.

    :raises Problem: when the volume cannot be used.
    """
    from NeuroOrbitLib.imaging.checks import check_volume

    return _prepared(check_volume(image))[:2]


def _prepared(image: Image) -> tuple[Image, bool, list[str]]:
    """Return a checked volume as :func:`prepare_scan` returns it, with notices for the user."""
    from NeuroOrbitLib.imaging.cut_window import window_notes
    from NeuroOrbitLib.imaging.geometry import reorient_to_ras
    from NeuroOrbitLib.imaging.intensity import (
        CT_WITHOUT_SIGN,
        clean_ct_padding,
        looks_like_ct,
        stored_without_sign,
        with_sign,
        without_padding,
    )

    # A fixed axis order, so that the result does not depend, through rounding, on the order in which voxels are stored.
    scan = without_padding(_rounded(reorient_to_ras(image)))
    notes = []
    if stored_without_sign(scan):
        scan = with_sign(scan)
        notes.append(CT_WITHOUT_SIGN)
    if not looks_like_ct(scan):
        return scan, False, notes
    return scan.with_array(clean_ct_padding(scan.array)), True, notes + window_notes(scan)


def _rounded(image: Image) -> Image:
    """Return the image with its affine rounded to a millionth of a micrometre, as flips change further digits."""
    return Image(image.array, image.affine.round(9))


def _with_interpolated(measurements: list[dict[str, Any]], found: Found) -> list[dict[str, Any]]:
    """Return the rows with ``interpolated_ml``, the volume of each structure that was added to join its pieces."""
    voxel = found.labels.grid.voxel_volume / 1000.0
    return [{**row, "interpolated_ml": found.joined.get(row["label"], 0) * voxel} for row in measurements]


def _unless_altered(row: dict[str, Any], altered: Mapping[Side, AlteredEye],
                    artificial: Mapping[Side, ArtificialLens]) -> dict[str, Any]:
    """Return the row, with ``not_measured`` in place of numbers for eyeballs and lenses that must not be measured."""
    if row["structure"] not in ("eyeball", "lens"):
        return row
    why = altered.get(row["side"]) or (artificial.get(row["side"]) if row["structure"] == "lens" else None)
    if why is None:
        return row
    numbers = dict.fromkeys(("volume_ml", "mean_intensity", "sd_intensity", "confidence"))
    return {**row, **numbers, "not_measured": why.remark}


def _without_lenses_of(found: Found, sides: Iterable[Side]) -> Found:
    """Return the findings without expecting the lenses of some eyes."""
    lenses = {label_value("lens", side) for side in sides}
    return replace(found, expected={value: name for value, name in found.expected.items() if value not in lenses})


def _with_confidence(measurements: list[dict[str, Any]], found: Found) -> list[dict[str, Any]]:
    """Return the rows with the expected Dice of each structure as ``confidence``.

    It is ``None`` if the model does not estimate it, or where the image is empty, since no estimate is possible there.
    """
    known = found.confidence.structures if found.confidence else {}
    return [{**row, "confidence": None if row.get("empty_image") or row["label"] not in known
             else known[row["label"]].expected_dice} for row in measurements]
