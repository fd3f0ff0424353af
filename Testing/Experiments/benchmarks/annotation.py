"""How long an annotator waits for SmartPencil, SmartFill and AutoCorrection: prints one line of JSON.

``python -m Testing.Experiments.benchmarks.annotation [--report FILE]``; the way of a click into the scene is measured
by ``smart_pencil``, and is in the report (markdown), too.
Limits are those that the project has set itself for two free cores, in milliseconds, for the 95th percentile. On a
machine that does other work, too, processor time decides, and ``calibration`` says how fast it is; wall time is that of
the best of a few rounds.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

from OrbitSegmentationLib.refinement.correction.job import find_model  # noqa: E402
from OrbitSegmentationLib.refinement.correction.pipeline import correct  # noqa: E402
from OrbitSegmentationLib.refinement.drawn_slices import DrawnSlicesSolver  # noqa: E402
from OrbitSegmentationLib.refinement.graph_cut import Seeds, SmartFillSolver  # noqa: E402
from OrbitSegmentationLib.refinement.region_store import RegionStore  # noqa: E402
from OrbitSegmentationLib.refinement.superpixels import slice_superpixels  # noqa: E402

REPEATS, ROUNDS = 15, 3
SOLVERS = 8
REGIONS = 2000
SLICE, SLICE_MM = (1, 512, 512), (1.0, 0.4, 0.4)
BLOCK, BLOCK_MM = (64, 128, 128), (1.0, 0.5, 0.5)
DISTANCE_MM = 1.5
#: Limits (ms) of the 95th percentile.
LIMITS = {
    "superpixels, first": 250.0,
    "superpixels, kept": 1.0,
    "SmartFill, slice": 100.0,
    "SmartFill, 128 x 128 x 64": 500.0,
    "SmartFill, one more seed": 50.0,
    "SmartFill between slices, one more stroke": 500.0,
    "SmartFill, one more mark on a proposal": 100.0,
    "AutoCorrection, slice": 200.0,
}


def measure() -> dict[str, object]:
    """Return the milliseconds of each operation, and of work of fixed size for comparison between machines."""
    network, reason = find_model(device="cpu")
    plane, drawn = muscle(SLICE, SLICE_MM)
    rough = np.roll(drawn[0], (2, 2), axis=(0, 1))
    work = {
        **superpixel_work(plane[0]), **fill_work(plane, drawn),
        "AutoCorrection, slice": lambda: correct(plane[0], rough, SLICE_MM[1:], DISTANCE_MM, network),
    }
    results = {name: {**milliseconds(action), "limit": LIMITS[name]} for name, action in work.items()}
    return {"operations": results, "calibration": milliseconds(calibration),
            "correction": "classical: " + reason if network is None else "network"}


def superpixel_work(plane: np.ndarray) -> dict[str, Callable[[], object]]:
    """Return the operations of dividing a slice, and of requesting it again."""

    def divide() -> object:
        return slice_superpixels(plane, SLICE_MM[1:], REGIONS, window=(-160.0, 240.0))

    store = RegionStore()
    store.get("slice", lambda: divide)
    return {"superpixels, first": divide, "superpixels, kept": lambda: store.get("slice", lambda: divide)}


def fill_work(plane: np.ndarray, drawn: np.ndarray) -> dict[str, Callable[[], object]]:
    """Return the operations of filling a slice and a block from a stroke, and again after a further stroke."""
    block, whole = muscle(BLOCK, BLOCK_MM)
    further = itertools.count()
    prepared = [_solved(block, whole) for _ in range(SOLVERS)]

    def once_more() -> np.ndarray:
        number = next(further)
        seed = np.zeros(BLOCK, bool)
        seed[24 + number % 16, 2:6, 2 + 4 * (number // 16):6 + 4 * (number // 16)] = True
        prepared[number % SOLVERS].add_seeds(background=seed)
        return prepared[number % SOLVERS].solve()

    return {"SmartFill, slice": lambda: _filled(plane, SLICE_MM, drawn),
            "SmartFill, 128 x 128 x 64": lambda: _filled(block, BLOCK_MM, whole),
            "SmartFill, one more seed": once_more,
            "SmartFill between slices, one more stroke": lambda: _between(block, whole),
            "SmartFill, one more mark on a proposal": _correction(block, whole)}


def _between(image: np.ndarray, structure: np.ndarray) -> np.ndarray:
    """Fill after a stroke between two drawn slices, on a slice that may be filled already."""
    drawn = np.zeros(structure.shape, bool)
    drawn[[18, 32, 46]] = structure[[18, 32, 46]]
    solver = DrawnSlicesSolver(image, BLOCK_MM, seeds=Seeds.of(drawn, None, drawn.shape))
    return solver.solve()


def _correction(image: np.ndarray, structure: np.ndarray) -> Callable[[], np.ndarray]:
    """Return the correction by a click on a proposal that is 1 mm off and was corrected on three slices."""
    solver = DrawnSlicesSolver(image, BLOCK_MM, proposal=np.roll(structure, 2, axis=1))
    missing = np.zeros(structure.shape, bool)
    missing[[18, 32, 46]] = (structure & ~np.roll(structure, 2, axis=1))[[18, 32, 46]]
    solver.draw(missing)
    extra = np.zeros(structure.shape, bool)
    extra[25, 60:64, 60:64] = True

    def again() -> np.ndarray:
        solver.draw(extra)
        return solver.solve()

    return again


def _solved(image: np.ndarray, structure: np.ndarray) -> SmartFillSolver:
    solver = SmartFillSolver(image, BLOCK_MM)
    solver.set_seeds(stroke(structure))
    solver.solve()
    return solver


def _filled(image: np.ndarray, spacing: tuple[float, float, float], structure: np.ndarray) -> np.ndarray:
    solver = SmartFillSolver(image, spacing)
    solver.set_seeds(stroke(structure))
    return solver.solve()


def stroke(structure: np.ndarray) -> np.ndarray:
    """Return a thin line through the middle of a structure, on its middle slice."""
    k = structure.shape[0] // 2
    rows = np.flatnonzero(structure[k].any(axis=1))
    seeds = np.zeros(structure.shape, bool)
    row = int(rows.mean())
    seeds[k, row - 1:row + 2] = structure[k, row - 1:row + 2]
    return seeds


def muscle(shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return a muscle of 30 HU in fat of -90 HU beside bone, with noise: float32 and bool, (K, J, I)."""
    k, j, i = np.meshgrid(*[(np.arange(size) - size / 2) * step for size, step in zip(shape, spacing, strict=True)],
                          indexing="ij", sparse=True)
    inside = (k / 18) ** 2 + (j / 3) ** 2 + (i / 8) ** 2 < 1
    image = np.where(inside, 30.0, np.where(j + 0 * k > 8, 600.0, -90.0))
    noise = np.random.default_rng(0).normal(0, 12, shape)
    return (image + noise).astype(np.float32), inside


def calibration() -> np.ndarray:
    """Do work of fixed size: sort a million numbers."""
    return np.sort(np.random.default_rng(0).random(1_000_000))


def milliseconds(action: Callable[[], object]) -> dict[str, float]:
    """Return median and 95th percentile of processor time, and the latter of wall time, after one warm-up run."""
    action()
    rounds = [np.array([_once(action) for _ in range(REPEATS)]).T for _ in range(ROUNDS)]
    processor = np.concatenate([times[1] for times in rounds])
    return {"median": float(np.median(processor)), "p95": float(np.percentile(processor, 95)),
            "p95_wall": float(min(np.percentile(times[0], 95) for times in rounds))}


def _once(action: Callable[[], object]) -> tuple[float, float]:
    """Return the wall and processor time (ms) of one call."""
    started = time.perf_counter(), time.process_time()
    action()
    return (time.perf_counter() - started[0]) * 1000, (time.process_time() - started[1]) * 1000


def rows(results: Mapping[str, Any], pencil: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return rows of the table of all benchmarks: operation, 95th percentile of wall and processor time with its limit.

    :param results: results of :func:`measure`.
    :param pencil: output of ``smart_pencil``.
    """
    work = all_operations(results, pencil)
    found = [(name, f"{times['p95_wall']:.0f} ms",
              f"{times['p95']:.1f} of {times['limit']:.0f} ms") for name, times in work.items()]
    return [*found, ("    calibration (sorting a million numbers)", "", f"{results['calibration']['median']:.0f} ms"),
            (f"    AutoCorrection by: {results['correction']}", "", "")]


def all_operations(results: Mapping[str, Any], pencil: Mapping[str, Any]) -> dict[str, Any]:
    """Return the times by operation, including those of SmartPencil in the application."""
    return {**results["operations"], **{f"SmartPencil, {name}": times for name, times in pencil.items()}}


def report(results: Mapping[str, Any], pencil: Mapping[str, Any]) -> str:
    """Return the table for the documentation (Markdown)."""
    lines = ["# What an annotator waits for", "",
             f"95th percentiles in milliseconds. Wall time is that of the best of {ROUNDS} rounds, on a machine that "
             f"may do other work, too; sorting a million numbers takes it {results['calibration']['median']:.0f} ms.",
             "",
             "| operation | limit | processor | wall |", "| --- | --- | --- | --- |"]
    lines += [f"| {name} | {times['limit']:.0f} | {times['p95']:.1f} | {times['p95_wall']:.1f} |"
              for name, times in all_operations(results, pencil).items()]
    missed = exceeded(results, pencil)
    kept = f"Not kept: {'; '.join(missed)}." if missed else "Every limit is kept."
    return "\n".join([*lines, "", f"AutoCorrection by: {results['correction']}. In processor time: {kept}"]) + "\n"


def exceeded(results: Mapping[str, Any], pencil: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each limit that is exceeded in processor time."""
    return [f"{name} takes {times['p95']:.0f} ms (limit {times['limit']:.0f})"
            for name, times in {**results["operations"], **pencil}.items() if times["p95"] > times["limit"]]


def main() -> None:
    """Print the results, or write them as a report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=Path, metavar="FILE")
    options = parser.parse_args()
    results = measure()
    if options.report:
        from Testing.Experiments.benchmarks.run import child

        options.report.write_text(report(results, child("smart_pencil", "--json")), encoding="utf-8")
    print(json.dumps(results), flush=True)


if __name__ == "__main__":
    main()
