"""Measuring as a job of the worker process: files in, plain data out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _


def measure_file(scan: str, labels: str, output: str = "", nerve_with_sheath: bool = True,
                 expected_dice: Mapping[str, float] | None = None, t2: str = "", fat: str = "", water: str = "",
                 progress: Progress = silent) -> dict[str, Any]:
    """Measure a label map in the product's values on its scan.

    :param scan: image file.
    :param labels: file of the label map on the scan's grid.
    :param output: ignored; every job has this argument.
    :param nerve_with_sheath: whether the nerve's label includes its sheath.
    :param expected_dice: expected overlap with a reader's outline by label value (as text), if known.
    :param t2: file of a T2 map (ms); empty without one.
    :param fat, water: files of the images of a Dixon scan, or one of them alone as a fraction; empty without them.
    :param progress: receives the fraction done and a message.
    :return: plain data: ``measures`` (rows), ``modality`` ("CT" or "MRI"), ``seconds``.
    :raises Problem: for files that cannot be measured.
    """
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.measurements.dixon import maps_of
    from NeuroOrbitLib.measurements.grey_values import grey_values_of
    from NeuroOrbitLib.measurements.labels import label_map_of
    from NeuroOrbitLib.measurements.measure import measure
    from NeuroOrbitLib.measurements.tables import rows_as_data

    started = time.monotonic()
    progress(0.0, _("Reading the scan"))
    given = grey_values_of(load_image(Path(scan)))
    known = {int(value): dice for value, dice in (expected_dice or {}).items()}
    progress(0.2, _("Measuring"))
    maps = maps_of(*(load_image(Path(path)) if path else None for path in (t2, fat, water)))
    rows = measure(label_map_of(load_image(Path(labels))), given.image, given.is_ct, nerve_with_sheath, known, maps)
    return {"measures": rows_as_data(rows), "modality": "CT" if given.is_ct else "MRI",
            "seconds": time.monotonic() - started}
