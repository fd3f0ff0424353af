"""How long a result takes to enter the scene, measured in a separate process: prints one line of JSON.

``python -m Testing.Experiments.benchmarks.scene_writing LABELS.nii.gz``
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from Testing.Demo.rendering import choose_render_window
from Testing.Experiments.benchmarks.timing import median_seconds

REPOSITORY = Path(__file__).resolve().parents[3]
#: Times that are hardly noticeable, for 16 segments in 512 x 512 x 200 voxels on two cores.
ADDING_LIMIT_S, SURFACES_LIMIT_S = 0.06, 0.15


def measure(path: Path) -> dict[str, object]:
    """Return the time to add all segments of a label map, and to make and show their surfaces."""
    import slicer

    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.mrml import segmentations
    from NeuroOrbitLib.mrml.volumes import node_from_image

    labels = load_image(path)
    volume = node_from_image(labels, "Scan")
    nodes = []
    adding = median_seconds(lambda: nodes.append(segmentations.add_segmentation(labels, volume, "Result")))
    waiting = iter(nodes)
    surfaces = median_seconds(lambda: segmentations.show_in_3d(next(waiting)))
    one_by_one = median_seconds(
        lambda: segmentations.add_segmentation(labels, volume, "Result").CreateClosedSurfaceRepresentation(), repeats=3)
    count = nodes[0].GetSegmentation().GetNumberOfSegments()
    slicer.mrmlScene.Clear(0)
    return {"segments": count, "voxels": list(labels.array.shape), **adding.named("add_segments"),
            **surfaces.named("show_surfaces"), **one_by_one.named("application_surfaces")}


def exceeded(results: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each exceeded limit; on a busy machine the processor time counts."""
    found = []
    for name, what, limit in (("add_segments", "segments", ADDING_LIMIT_S),
                              ("show_surfaces", "surfaces", SURFACES_LIMIT_S)):
        seconds = min(results[f"{name}_s"], results[f"{name}_processor_s"])
        if seconds > limit:
            found.append(f"bringing {results['segments']} {what} into the scene freezes the application for "
                         f"{seconds * 1000:.0f} ms (limit {limit * 1000:.0f})")
    return found


def rows(results: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the rows of the table: operation, wall time, processor time."""
    names = {"add_segments": f"{results['segments']} segments into the scene",
             "show_surfaces": f"Surfaces of {results['segments']} segments, all at once",
             "application_surfaces": "    the application's own way, one by one"}
    return [(title, *(f"{results[f'{name}{kind}_s'] * 1000:.0f} ms" for kind in ("", "_processor")))
            for name, title in names.items()]


if __name__ == "__main__":
    choose_render_window()
    sys.path.insert(0, str(REPOSITORY / "Testing" / "SlicerHost"))
    from slicerhost.session import start

    print(json.dumps(start().run(lambda: measure(Path(sys.argv[1])))), flush=True)
    os._exit(0)  # static destructors of Qt and VTK run in an undefined order
