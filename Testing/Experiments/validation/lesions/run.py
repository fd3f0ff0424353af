"""How well lesions are found: ``python -m Testing.Experiments.validation.lesions.run`` (``make validate-lesions``).

One frozen setting for all scans. Every case's row is kept in a cache, so that an interrupted validation goes on where
it stopped; ``--fresh`` begins anew.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(REPOSITORY / "NeuroDifferential"))

from NeuroDifferentialLib.pipeline import segment_lesions  # noqa: E402
from NeuroOrbitLib.anatomy.brain import VENTRICLES, BrainPart  # noqa: E402
from NeuroOrbitLib.evaluation.segmentation.lesions import lesion_scores  # noqa: E402
from Testing.Experiments.validation.lesions.cases import (  # noqa: E402
    LesionCase,
    raw_visits,
    real_cases,
    synthetic_cases,
)
from Testing.Experiments.validation.lesions.report import page_text  # noqa: E402

PARTS = {"real": real_cases, "raw": raw_visits, "synthetic": synthetic_cases}


def row_of(case: LesionCase) -> dict[str, Any]:
    """Return the scores of one case as plain data."""
    started = time.monotonic()
    result = segment_lesions(case.flair, case.t1)
    row: dict[str, Any] = {"group": case.group, "name": case.name, "seconds": round(time.monotonic() - started, 1)}
    mask, volume = result.lesions.array > 0, case.flair.grid.voxel_volume
    row["volume_ml"] = round(np.count_nonzero(mask) * volume / 1000.0, 2)
    if case.lesions is not None:
        row.update(lesion_scores(mask, case.lesions, volume).as_dict())
    parts = result.anatomy.array
    for name, reference, own in (("brain_dice", case.brain, parts != BrainPart.OUTSIDE),
                                 ("ventricle_dice", case.ventricles, np.isin(parts, VENTRICLES))):
        if reference is not None:
            row[name] = 2 * np.count_nonzero(own & reference) / (np.count_nonzero(own) + np.count_nonzero(reference))
    return row


def rows(parts: list[str], cache: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of the parts, from the cache where they are there."""
    for case in chain.from_iterable(PARTS[part]() for part in parts):
        path = cache / f"{case.group}-{case.name}.json".replace(" ", "_").replace(",", "").replace("+", "and")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(row_of(case)), encoding="utf-8")
        row = json.loads(path.read_text(encoding="utf-8"))
        print(f"{row['group']}: {row['name']}: " + ", ".join(
            f"{key} {row[key]:.2f}" for key in ("dice", "f1", "volume_ml", "reference_ml", "seconds") if key in row),
            flush=True)
        yield row


def main(arguments: list[str] | None = None) -> int:
    """Score the cases and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--cache", type=Path, default=REPOSITORY / "out" / "validation" / "lesions")
    parser.add_argument("--page", type=Path, help="page to write, e.g. docs/results/lesions.md")
    parser.add_argument("--fresh", action="store_true", help="forget the rows of earlier runs")
    options = parser.parse_args(arguments)
    if options.fresh:
        for path in options.cache.glob("*.json"):
            path.unlink()
    found = list(rows(options.parts, options.cache))
    if not found:
        print("There are no scans and no label maps here (NEUROORBIT_REAL_DATA): nothing was measured.")
        return 2
    text = page_text(found)
    if options.page:
        options.page.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
