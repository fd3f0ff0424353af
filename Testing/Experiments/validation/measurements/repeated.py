"""How much measures differ between two scans of one phantom, in which nothing has changed.

``python -m Testing.Experiments.validation.measurements.repeated [--patients 2] [--protocols NAME ...]``: every
phantom is scanned twice, in another pose and with other noise, and both scans are segmented and measured as the product
does it. The last column is what the bands of a follow-up are based on: by how much the measures really differ, as a
share of what their uncertainties let expect. Every pair is kept, so that an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

from NeuroOrbitLib.evaluation.reports.text import aligned  # noqa: E402
from NeuroOrbitLib.files.safe import write_json  # noqa: E402
from NeuroOrbitLib.imaging.image import Image  # noqa: E402
from NeuroOrbitLib.measurements.measure import measure  # noqa: E402
from NeuroOrbitLib.measurements.rows import Row, by_key  # noqa: E402
from NeuroOrbitLib.models import find_package  # noqa: E402
from NeuroOrbitLib.phantom.patients.patient import make_patient, scan_patient  # noqa: E402
from NeuroOrbitLib.phantom.scanner.protocols import protocol  # noqa: E402
from NeuroOrbitLib.phantom.scanner.rendering import Pose  # noqa: E402
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL, RULES_VERSION  # noqa: E402
from OrbitSegmentationLib.pipeline import segment_image  # noqa: E402
from Testing.Experiments.validation.orbit.case import sources_version  # noqa: E402

#: Nod, tilt and turn to the side (degrees), and shift (mm), of both scans.
_POSES = (((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)), ((4.0, -3.0, 6.0), (2.3, -1.4, 3.1)))
_SEVERITIES = (0.0, 0.5)
_FIRST_SEED = 9300


def pair_of(seed: int, protocol_name: str) -> list[dict[str, Any]]:
    """Return both values of every measure, with their uncertainties, of one phantom."""
    patient = make_patient(seed, _SEVERITIES[seed % len(_SEVERITIES)], protocols=())
    first, second = (_measured(scan_patient(patient.head, Pose.from_angles(*pose), patient.muscles,
                                            protocol(protocol_name), seed + 1000 * number).image)
                     for number, pose in enumerate(_POSES))
    later = by_key(second)
    found = []
    for row in first:
        other = later.get(row.key)
        if other is None or None in (row.value, other.value) or row.measured.method != other.measured.method:
            continue
        found.append({"structure": row.structure, "quantity": row.quantity, "values": [row.value, other.value],
                      "uncertainties": [row.measured.uncertainty, other.measured.uncertainty]})
    return found


def _measured(scan: Image) -> list[Row]:
    result = segment_image(scan, find_package(DEFAULT_MODEL))
    expected = {row["label"]: row["confidence"] for row in result.measurements if row.get("confidence") is not None}
    return measure(result.labels, scan, expected_dice=expected)


def table_of(entries: Iterable[dict[str, Any]]) -> str:
    """Return one line per quantity: number, SD of one measure, in its unit and in percent, and share of expected."""
    by_quantity: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        by_quantity.setdefault(entry["quantity"], []).append(entry)
    lines = []
    for quantity, found in sorted(by_quantity.items()):
        values = np.array([entry["values"] for entry in found], dtype=float)
        differences = values[:, 0] - values[:, 1]
        share = share_of_expected(found)
        spread = float(np.sqrt(np.mean(differences**2) / 2))
        lines.append((quantity, str(len(found)), f"{spread:.3f}",
                      f"{100 * spread / max(abs(float(values.mean())), 1e-9):.1f} %",
                      "-" if share is None else f"{share:.2f}"))
    return aligned([("Quantity", "Number", "SD", "of its mean", "Share of expected"), *lines], left=(0,))


def share_of_expected(entries: Sequence[dict[str, Any]]) -> float | None:
    """Return the difference of repeated measures as a share of what their uncertainties predict; root mean square.

    The result is ``None`` if no uncertainties are known.
    """
    shares = [(entry["values"][0] - entry["values"][1]) / np.hypot(*entry["uncertainties"])
              for entry in entries if None not in entry["uncertainties"] and np.hypot(*entry["uncertainties"]) > 0]
    return float(np.sqrt(np.mean(np.square(shares)))) if shares else None


def shares_of(entries: Iterable[dict[str, Any]]) -> dict[str, float]:
    """Return the share of every quantity that has uncertainties, rounded up to .05."""
    by_quantity: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        by_quantity.setdefault(entry["quantity"], []).append(entry)
    shares = {quantity: share_of_expected(found) for quantity, found in by_quantity.items()}
    return {quantity: round(np.ceil(20 * share) / 20, 2) for quantity, share in shares.items() if share is not None}


def main(arguments: list[str] | None = None) -> int:
    """Print the table of every protocol."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=2, help="phantoms per protocol")
    parser.add_argument("--protocols", nargs="+", default=["ct-standard", "ct-fast", "mr-t1", "mr-coronal-t2"])
    parser.add_argument("--cache", type=Path, default=REPOSITORY / "out" / "validation" / "repeated")
    options = parser.parse_args(arguments)
    version = sources_version("NeuroOrbitLib/measurements", "NeuroOrbitLib/phantom")
    package, largest = find_package(DEFAULT_MODEL), {}
    for name in options.protocols:
        entries = []
        for seed in range(_FIRST_SEED, _FIRST_SEED + options.patients):
            path = options.cache / f"{name}-{seed}-{package.sha256[:8]}-{RULES_VERSION}-{version}.json"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_json(path, pair_of(seed, name))
            entries += json.loads(path.read_text(encoding="utf-8"))
        print(f"{name}, {options.patients} phantoms scanned twice\n{table_of(entries)}\n", flush=True)
        largest |= {quantity: max(share, largest.get(quantity, 0.0)) for quantity, share in shares_of(entries).items()}
    print(json.dumps(dict(sorted(largest.items()))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
