"""How well lesions are found: ``python -m Testing.Experiments.validation.lesions.run`` (``make validate-lesions``).

One frozen setting of each model for all scans. Every case's row is kept in a cache, so that an interrupted validation
goes on where it stopped; ``--fresh`` begins anew.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(REPOSITORY / "NeuroDifferential"))

from NeuroDifferentialLib.followup.compare import compare_visits  # noqa: E402
from NeuroDifferentialLib.lesions.inventory import model_titles  # noqa: E402
from NeuroDifferentialLib.lesions.models import lesion_finder  # noqa: E402
from NeuroDifferentialLib.lesions.scan import PreparedScan, prepare_scan  # noqa: E402
from NeuroOrbitLib.anatomy.brain import WHITE_MATTER_PARTS, BrainPart  # noqa: E402
from NeuroOrbitLib.evaluation.segmentation.lesions import lesion_scores  # noqa: E402
from NeuroOrbitLib.imaging.image import Grid, Image  # noqa: E402
from NeuroOrbitLib.imaging.resampling import resample  # noqa: E402
from Testing.Experiments.validation.lesions.cases import (  # noqa: E402
    LesionCase,
    drawn_visits,
    raw_visits,
    real_cases,
    synthetic_cases,
    visit_pair,
)
from Testing.Experiments.validation.lesions.report import page_text  # noqa: E402

PARTS = {"real": real_cases, "raw": raw_visits, "synthetic": synthetic_cases}


def rows_of(case: LesionCase, prepare: Callable[[Image, Image | None], PreparedScan] = prepare_scan
            ) -> list[dict[str, Any]]:
    """Return the scores of one case as plain data, one row per model."""
    started = time.process_time()
    scan = prepare(case.flair, case.t1)
    preparing = time.process_time() - started
    return [_row(case, scan, model, preparing) for model in model_titles()]


def _row(case: LesionCase, scan: PreparedScan, model: str, preparing: float) -> dict[str, Any]:
    started = time.process_time()
    mask = scan.on_original(lesion_finder(model)(scan).mask.astype(np.uint8)) > 0
    seconds, volume = preparing + time.process_time() - started, case.flair.grid.voxel_volume
    row: dict[str, Any] = {"group": case.group, "name": case.name, "model": model, "seconds": round(seconds, 1),
                           "volume_ml": round(np.count_nonzero(mask) * volume / 1000.0, 2)}
    if case.lesions is not None:
        row.update(lesion_scores(mask, case.lesions, volume).as_dict())
    parts = scan.on_original(scan.parts)
    for name, reference, own in (("brain_dice", case.brain, parts != BrainPart.OUTSIDE),
                                 ("ventricle_dice", case.ventricles, parts == BrainPart.LATERAL_VENTRICLE),
                                 ("white_dice", case.white, np.isin(parts, WHITE_MATTER_PARTS))):
        if reference is not None:
            row[name] = 2 * np.count_nonzero(own & reference) / (np.count_nonzero(own) + np.count_nonzero(reference))
    return row


def change_rows() -> list[dict[str, Any]]:
    """Return the scores of the changes between the two real visits, one row per model; empty without them."""
    pair = visit_pair()
    if pair is None:
        return []
    first, second, reference, to_first = pair
    return [_change_row("real, two visits", "all changes", first, second,
                        reference, to_first, model) for model in model_titles()]


def drawn_change_rows() -> list[dict[str, Any]]:
    """Return the scores of the changes between drawn visits, one row per pair and model."""
    return [_change_row("synthetic, two visits", name, first, second, new, np.eye(4), model)
            for name, first, second, new in drawn_visits() for model in model_titles()]


def _change_row(group: str, name: str, first: Image, second: Image, reference: Image, to_first: np.ndarray, model: str
                ) -> dict[str, Any]:
    started = time.process_time()
    result = compare_visits(first, second, model)
    grid = Grid(reference.array.shape, result.space.half @ to_first @ reference.affine)
    changed = result.map.with_array((result.map.array > 0).astype(np.float32))
    scores = lesion_scores(resample(changed, grid).array > 0.5, reference.array > 0.5, reference.grid.voxel_volume)
    return {"group": group, "name": name, "model": model, **scores.as_dict(),
            "seconds": round(time.process_time() - started, 1)}


def rows(parts: list[str], cache: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of the parts, from the cache if they are there."""
    cases = chain.from_iterable(PARTS[part]() for part in parts if part in PARTS)
    for case in cases:
        yield from _kept(cache, f"{case.group}-{case.name}", lambda case=case: rows_of(case))
    if "visits" in parts:
        yield from _kept(cache, "two-visits", change_rows)
        yield from _kept(cache, "two-drawn-visits", drawn_change_rows)


def _kept(cache: Path, name: str, make: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    path = cache / f"{name}.json".replace(" ", "_").replace(",", "").replace("+", "and")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(make()), encoding="utf-8")
    found = json.loads(path.read_text(encoding="utf-8"))
    for row in found:
        print(f"{row['group']}: {row['name']}: {row['model']}: " + ", ".join(
            f"{key} {row[key]:.2f}" for key in ("dice", "f1", "volume_ml", "reference_ml", "seconds") if key in row),
            flush=True)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Score the cases and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=[*PARTS, "visits"], default=[*PARTS, "visits"])
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
