"""``python -m Testing.Experiments.benchmarks.dicom_export``: results of a CT of 186 slices written as DICOM.

Prints one line of JSON: seconds to write segmentation and structured report, and whether they come back equal.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

SLICES, LIMIT_S = 186, 10.0


def main() -> int:
    """Measure and print."""
    print(json.dumps(measure()))
    return 0


def measure() -> dict[str, Any]:
    """Return the seconds of the export of a phantom head with given measures, and whether it is read back equal."""
    from NeuroOrbitLib.dicom.export import MEASUREMENTS_NAME, SEGMENTATION_NAME, export_results
    from NeuroOrbitLib.dicom.read_report import read_measurements
    from NeuroOrbitLib.dicom.read_results import read_segmentation
    from NeuroOrbitLib.files.safe import write_json
    from NeuroOrbitLib.imaging.files import load_image, save_image
    from NeuroOrbitLib.imaging.image import Image
    from NeuroOrbitLib.measurements.measure import measure as measures_of
    from NeuroOrbitLib.measurements.tables import rows_as_data
    from NeuroOrbitLib.phantom.patients.sample_scans import make_sample
    from Testing.dicom_series import write_image

    sample = make_sample("TED-CT")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scan, labels = _on_clinical_grid(sample.image), _on_clinical_grid(sample.labels)
        series = write_image(scan, folder / "ct")
        labels = Image(labels.array.astype(np.uint8), load_image(series).affine)
        rows = measures_of(labels)
        file = save_image(labels, folder / "labels.nii")
        measures = write_json(folder / "measures.json", {"measures": rows_as_data(rows)})
        wall, processor = time.perf_counter(), time.process_time()
        export_results(str(series), str(file), str(folder / "out"), str(measures))
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        back = read_segmentation(folder / "out" / SEGMENTATION_NAME, series)
        values = {row.key: row.value for row in read_measurements(folder / "out" / MEASUREMENTS_NAME)}
    expected = {row.key: round(row.value, 4) for row in rows if row.value is not None}
    return {"export_s": wall, "export_processor_s": processor, "slices": SLICES,
            "equal": bool(np.array_equal(back.labels.array, labels.array)) and values == expected}


def _on_clinical_grid(image: Any) -> Any:
    """Return a volume cropped or repeated to 512 x 512 x 186 voxels; its content does not affect the writing time."""
    from NeuroOrbitLib.imaging.image import Image

    k, j, i = (np.arange(count) * size // count for count, size in
               zip((SLICES, 512, 512), image.array.shape, strict=True))
    scale = np.array([size / count for count, size in zip((512, 512, SLICES), image.array.shape[::-1], strict=True)])
    affine = image.affine.copy()
    affine[:3, :3] = affine[:3, :3] * scale
    return Image(np.ascontiguousarray(image.array[np.ix_(k, j, i)]), affine)


def exceeded(result: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each exceeded limit."""
    found = [] if result["equal"] else ["segmentation or measures do not come back equal from DICOM"]
    seconds = min(result["export_s"], result["export_processor_s"])
    if seconds > LIMIT_S:
        found.append(f"writing DICOM results of {SLICES} slices takes {seconds:.1f} s (limit {LIMIT_S:.0f})")
    return found


if __name__ == "__main__":
    sys.exit(main())
