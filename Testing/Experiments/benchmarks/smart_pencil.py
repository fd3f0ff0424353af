"""How long SmartPencil lets the annotator wait: ``python -m Testing.Experiments.benchmarks.smart_pencil [--json]``.

Mouse events in a slice view of a synthetic CT of 512 x 512 x 100 voxels, 2000 regions; processor time of the main
thread, in milliseconds, so that other work on the machine does not count. Exit status 1 when a limit is exceeded.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from Testing.Demo.run import start_application

SHAPE, SPACING = (100, 512, 512), (0.4, 0.4, 1.0)
REGIONS, REPEATS, ROUNDS = 2000, 40, 4
PLACES_MM = 50.0
#: Limits (ms) of the 95th percentile.
LIMITS = {"hover": 30.0, "click": 100.0, "writing": 50.0, "regions of a new slice": 250.0, "regions again": 1.0,
          "hover in 3-D": 30.0}


def main() -> int:
    """Measure and print a table; return 1 when a limit is exceeded."""
    session = start_application()
    found: dict[str, np.ndarray] = {}
    session.run(lambda: found.update(measure()))
    if "--json" in sys.argv:
        print(json.dumps({name: {**summary(times), "limit": LIMITS[name]} for name, times in found.items()}),
              flush=True)
        return 0
    print(f"{'':24} {'median':>8} {'p95':>8} {'wall p95':>8} {'limit':>8}  (ms)")
    for name, times in found.items():
        print(f"{name:24} " + " ".join(f"{number:8.1f}" for number in (*summary(times).values(), LIMITS[name])))
    return int(any(summary(times)["p95"] > LIMITS[name] for name, times in found.items()))


def summary(times: np.ndarray) -> dict[str, float]:
    """Return median and 95th percentile of processor time, and the latter of wall time in the best of ``ROUNDS`` parts.

    :param times: processor and wall time of every repeat, shape (2, repeats).
    """
    parts = np.array_split(times[1], ROUNDS)
    return {"median": float(np.median(times[0])), "p95": float(np.percentile(times[0], 95)),
            "p95_wall": float(min(np.percentile(part, 95) for part in parts))}


def measure() -> dict[str, np.ndarray]:
    """Return processor and wall times (ms) by operation: shape (2, repeats)."""
    from NeuroOrbitLib.effects.writing import change_selected_segment
    from OrbitSegmentationLib.refinement.superpixels import slice_superpixels
    from Testing.Python.effects import effect_scenes as scenes

    editor = scenes.make_editor(scenes.add_volume(synthetic_ct(), SPACING))
    editor.setActiveEffectByName("SmartPencil")
    effect = editor.activeEffect()
    effect.setParameter("Regions", REGIONS)
    random = np.random.default_rng(0)
    wait_for_regions(effect, scenes)
    regions = effect.self().shown.regions
    store = effect.self().store
    image = synthetic_ct()[SHAPE[0] // 2]
    found = {
        "regions of a new slice": times(lambda: slice_superpixels(image, SPACING[:2], REGIONS, 0.15, (-50, 150)), 8),
        "regions again": times(lambda: store.get("slice", lambda: lambda: regions.division)),
        "hover": times(lambda point: scenes.hover(point), points=random.uniform(-PLACES_MM, PLACES_MM, (REPEATS, 2))),
        "click": times(lambda point: scenes.click_here(point), before=scenes.hover,
                       points=random.uniform(-PLACES_MM, PLACES_MM, (REPEATS, 2))),
        "writing": times(lambda: change_selected_segment(
            effect, regions.voxels([int(random.integers(regions.division.count))]))),
    }
    effect.setParameter("ThreeDimensional", 1)
    wait_for_regions(effect, scenes)
    found["hover in 3-D"] = times(lambda point: scenes.hover(point), points=random.uniform(-5, 5, (REPEATS, 2)))
    scenes.close_editor(editor)
    return found


def synthetic_ct() -> np.ndarray:
    """Return noise with two balls, int16 (K, J, I)."""
    k, j, i = np.ogrid[:SHAPE[0], :SHAPE[1], :SHAPE[2]]
    array = np.random.default_rng(0).normal(0, 8, SHAPE)
    array += 100 * ((i - 250)**2 + (j - 200)**2 + (3 * (k - 50))**2 < 60**2)
    array += 40 * ((i - 330)**2 + (j - 300)**2 + (3 * (k - 50))**2 < 90**2)
    return array.astype(np.int16)


def wait_for_regions(effect: Any, scenes: Any) -> None:
    """Hover until the region is shown and the neighbouring slices are divided."""
    import slicer

    scenes.hover((0.0, 0.0, 0.5))
    pencil = effect.self()
    while not pencil.overlay(scenes.slice_widget(), "hover").visible or pencil.busy:
        slicer.app.processEvents()
        time.sleep(0.01)


def times(action: Callable[..., object], repeats: int = REPEATS, points: np.ndarray | None = None,
          before: Callable[..., object] = lambda *_: None) -> np.ndarray:
    """Return the milliseconds of each call, in processor time of the main thread and wall time: shape (2, repeats).

    :param points: points in the slice (mm).
    :param before: function that is called before each call without being timed.
    """
    found = []
    for number in range(repeats):
        arguments = () if points is None else ((*points[number], 0.5),)
        before(*arguments)
        started = time.thread_time(), time.perf_counter()
        action(*arguments)
        found.append(((time.thread_time() - started[0]) * 1000, (time.perf_counter() - started[1]) * 1000))
    return np.array(found).T


if __name__ == "__main__":
    sys.exit(main())
