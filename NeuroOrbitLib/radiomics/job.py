"""Radiomics features as a job of the worker process: files in, plain data out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _


def features_of_volume(scan: str, output: str, labels: str, regions: Mapping[str, Sequence[int]] | None = None,
                       profile: str = "rdinet-660", engine: str = "auto",
                       progress: Progress = silent) -> dict[str, Any]:
    """Compute radiomics features of the labels of a segmentation.

    :param scan: image file.
    :param output: ignored; features are returned, not written.
    :param labels: file of the label map on the scan's grid.
    :param regions: label values of each region, by name; every label is one region if None.
    :param profile: name or file of a profile, see :mod:`NeuroOrbitLib.radiomics.profiles`.
    :param engine: "auto", "pyradiomics" or "own".
    :param progress: receives the fraction done and a message.
    :return: plain data: ``rows`` (``region``, ``name``, ``value``, ``unit``, ``meaning``, ``remark``),
        ``notices``, ``record`` of the engine, ``versions``, ``seconds``.
    :raises Problem: if a file cannot be read, the segmentation is empty, the profile does not exist, or the engine is
        not installed.
    """
    from NeuroOrbitLib.classifiers.steps import read_checked
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.problem import Problem
    from NeuroOrbitLib.radiomics.explanations import explanation
    from NeuroOrbitLib.radiomics.extraction import extract_features
    from NeuroOrbitLib.radiomics.profiles import read_profile
    from NeuroOrbitLib.radiomics.regions import Region, all_regions
    from NeuroOrbitLib.radiomics.scan_notices import scan_notices
    from NeuroOrbitLib.software import software_versions

    started = time.monotonic()
    image, notes = read_checked(scan)
    label_map = load_image(labels)
    wanted = [Region(name, tuple(values)) for name, values in (regions or {}).items()] or all_regions(label_map)
    if not wanted:
        raise Problem(_("The segmentation labels nothing. Segment what is to be measured first."))
    found = extract_features(image, label_map, wanted, read_profile(profile), engine, progress)
    rows = [{"region": row.region, "name": row.name, "value": row.value, "unit": row.unit,
             "meaning": explanation(row.name), "remark": row.reason} for row in found.rows]
    notices = [*notes, *scan_notices(image, found.record["padding"])]
    return {"rows": rows, "notices": notices, "record": dict(found.record), "versions": software_versions(),
            "seconds": time.monotonic() - started}
