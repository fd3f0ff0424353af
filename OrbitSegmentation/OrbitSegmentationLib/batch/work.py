"""Work on one scan of a batch: label map, measures, picture, and the data for the summary."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.files.safe import write_bytes, write_json
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part
from NeuroOrbitLib.privacy import without_names
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.measurements.grey_values import GreyValues

LABELS_NAME, MEASURES_NAME, PICTURE_NAME = "labels.nii.gz", "measures.json", "axial.png"
MADE_NAMES = (LABELS_NAME, MEASURES_NAME, PICTURE_NAME)
_SERIES = "series"
#: Key of the fingerprint of the scan's files, in a case and in its result.
MADE_FROM = "made_from"


def segment_case(case: Mapping[str, Any], folder: Path, progress: Progress, model: str = "", device: str = "auto",
                 views: int | None = None, model_folders: Sequence[str] = ()) -> dict[str, Any]:
    """Segment and measure one scan into its own folder, from which earlier results are removed first.

    :param case: fields of :class:`~OrbitSegmentationLib.batch.cases.BatchCase`, and the fingerprint under
        :data:`MADE_FROM`.
    :param folder: folder of the case, which exists.
    :param progress: receives the fraction done and a message.
    :param model, device, views, model_folders: as for :func:`OrbitSegmentationLib.pipeline.segment_file`; "" for its
        default model.
    :return: plain data without times, so that the same scan gives the same files: ``structures`` (rows of the
        segmentation), ``measures``, ``notices``, ``model``, ``unusual``, and the fingerprint.
    :raises Problem: if the scan cannot be segmented.
    """
    _empty(folder)
    if case["problem"]:
        raise Problem(case["problem"])
    scan = _as_one(case, folder)
    try:
        return {**_segmented(scan, folder, progress, model, device, views, model_folders), MADE_FROM: case[MADE_FROM]}
    except Problem as problem:
        raise Problem(without_names(str(problem), case["files"], folder.name)) from problem
    except (ValueError, RuntimeError, ArithmeticError, LookupError, TypeError, OSError, MemoryError) as error:
        # One scan must not end the work on the others.
        reason = without_names(f"{type(error).__name__}: {error}", case["files"], folder.name)
        raise Problem(_("The computation failed: {reason}").format(reason=reason)) from error
    finally:
        shutil.rmtree(folder / _SERIES, ignore_errors=True)


def _segmented(scan: Path, folder: Path, progress: Progress, model: str, device: str,
               views: int | None, model_folders: Sequence[str]) -> dict[str, Any]:
    from NeuroOrbitLib.clinical_report.pictures import axial_picture
    from NeuroOrbitLib.dicom.scans import read_one
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.imaging.pictures import png_bytes
    from NeuroOrbitLib.measurements.grey_values import grey_values_of
    from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
    from OrbitSegmentationLib.pipeline import segment_file

    result = segment_file(str(scan), str(folder / LABELS_NAME), model or DEFAULT_MODEL, device, model_folders, views,
                          progress=part(progress, 0.0, 0.8))
    given, labels = grey_values_of(read_one(scan)[0]), load_image(folder / LABELS_NAME)
    measures = _measures(labels, given, result["measurements"])
    write_json(folder / MEASURES_NAME, {"measures": measures})
    write_bytes(folder / PICTURE_NAME, png_bytes(axial_picture(given.image, labels, given.is_ct)))
    novelty = result.get("quality", {}).get("novelty") or {}
    return {"structures": result["measurements"], "measures": measures, "model": result["model"],
            "notices": [str(notice["text"]) for notice in result["notices"]], "unusual": bool(novelty.get("unusual"))}


def _measures(labels: Image, scan: GreyValues, structures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from NeuroOrbitLib.measurements.labels import label_map_of
    from NeuroOrbitLib.measurements.measure import measure
    from NeuroOrbitLib.measurements.tables import rows_as_data

    expected = {row["label"]: row["confidence"] for row in structures if row.get("confidence") is not None}
    return rows_as_data(measure(label_map_of(labels), scan.image, scan.is_ct, expected_dice=expected))


def _as_one(case: Mapping[str, Any], folder: Path) -> Path:
    """Return the image file, or a folder that holds only the files of the series."""
    files = [Path(name) for name in case["files"]]
    if not case["is_series"]:
        return files[0]
    series = folder / _SERIES
    series.mkdir()
    for number, path in enumerate(files):
        try:
            os.link(path, series / f"{number:05d}.dcm")
        except OSError:
            shutil.copyfile(path, series / f"{number:05d}.dcm")
    return series


def _empty(folder: Path) -> None:
    """Remove the files of an interrupted or earlier run; all other files are kept."""
    for name in MADE_NAMES:
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / _SERIES, ignore_errors=True)
