"""Following a patient over several dates as a job of the worker process: files in, plain data and one file out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    import numpy as np

    from NeuroOrbitLib.measurements.growth import Growth
    from NeuroOrbitLib.measurements.measure import Measuring

#: Arrays of a muscle's surface in the file of growth; the name of each begins with the muscle's position in the list.
PARTS = ("points", "triangles", "moved")
#: Shares of the progress: measuring all dates, then aligning the skulls.
_MEASURING, _ALIGNING = 0.7, 0.75


def follow_up_files(scan: str, labels: str, output: str, order: Sequence[str],
                    expected_dice: Mapping[str, Mapping[str, float]] | None = None,
                    without_sheath: Sequence[str] = (), progress: Progress = silent, **files: str) -> dict[str, Any]:
    """Measure one patient on several dates and find where the muscles grew.

    :param scan, labels: files of the date whose name in ``order`` is "", the label map on the scan's grid.
    :param output: file beside which the surfaces are written.
    :param order: names of the dates, the earliest first.
    :param files: files of the other dates, as ``scan_NAME`` and ``labels_NAME``.
    :param expected_dice: expected overlap with a reader's outline by name of the date and label value (as text), if
        known.
    :param without_sheath: names of the dates whose label maps outline the optic nerve without its sheath.
    :param progress: receives the fraction done and a message.
    :return: plain data: ``dates`` (rows of measures and ``modality`` of each), ``growth`` (file of surfaces, see
        :data:`PARTS`), ``growth_mm`` (their ``structure``, ``side``, ``mean``, ``most``), ``notices``, ``seconds``.
    :raises Problem: for files that cannot be measured, and for two dates with the same image.
    """
    from NeuroOrbitLib.files.safe import write_arrays
    from NeuroOrbitLib.measurements.compare import aligned_growth, check_that_they_differ, notices_of_dates
    from NeuroOrbitLib.measurements.sequences import rows_of_dates
    from NeuroOrbitLib.measurements.tables import rows_as_data

    started = time.monotonic()
    named = {"scan": scan, "labels": labels, **files}
    measured = []
    for number, name in enumerate(order):
        progress(_MEASURING * number / len(order), _("Measuring date {number} of {count}").format(
            number=number + 1, count=len(order)))
        paths = [named[f"{kind}_{name}" if name else kind] for kind in ("scan", "labels")]
        measured.append(_measuring(*paths, (expected_dice or {}).get(name, {}), name not in without_sheath))
    check_that_they_differ([date.scan for date in measured])
    rows = rows_of_dates(measured)
    progress(_ALIGNING, _("Aligning the skulls"))
    _matrix, growth, told = aligned_growth(measured[0], measured[-1])
    file = write_arrays(Path(output).with_name("growth.npz"), **_arrays(growth))
    dates = [{"measures": rows_as_data(each), "modality": "CT" if one.is_ct else "MRI"}
             for each, one in zip(rows, measured, strict=True)]
    return {"dates": dates, "growth": str(file), "growth_mm": [_summary(each) for each in growth],
            "notices": [*notices_of_dates(measured, rows), *told], "seconds": time.monotonic() - started}


def _measuring(scan: str, labels: str, dice: Mapping[str, float], with_sheath: bool) -> Measuring:
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.measurements.grey_values import grey_values_of
    from NeuroOrbitLib.measurements.labels import label_map_of
    from NeuroOrbitLib.measurements.measure import Measuring

    given = grey_values_of(load_image(Path(scan)))
    return Measuring(label_map_of(load_image(Path(labels))), given.image, given.is_ct, with_sheath,
                     expected_dice={int(value): share for value, share in dice.items()})


def _arrays(growth: Sequence[Growth]) -> dict[str, np.ndarray]:
    return {f"{number}_{part}": getattr(each, part) for number, each in enumerate(growth) for part in PARTS}


def _summary(growth: Growth) -> Mapping[str, object]:
    return {"structure": growth.structure, "side": growth.side.value, "mean": round(growth.mean, 3),
            "most": round(growth.most, 3)}
