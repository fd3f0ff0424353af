"""How long a result takes to enter the scene, measured in a process of its own: prints one line of JSON.

``python -m Testing.Benchmarks.scene_writing LABELS.nii.gz``
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from Testing.Demo.rendering import choose_render_window

REPOSITORY = Path(__file__).resolve().parents[2]
REPEATS = 5


def measure(path: Path) -> dict[str, object]:
    """Median seconds to add all segments of a label map and to show their surfaces."""
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.mrml import segmentations
    from NeuroOrbitLib.mrml.volumes import node_from_image

    labels = load_image(path)
    volume = node_from_image(labels, "Scan")
    adding, surfaces = [], []
    for _ in range(REPEATS):
        seconds, node = timed(lambda: segmentations.add_segmentation(labels, volume, "Result"))
        adding.append(seconds)
        surfaces.append(timed(lambda: segmentations.show_in_3d(node))[0])  # noqa: B023 called at once
        count = node.GetSegmentation().GetNumberOfSegments()
        node.GetScene().RemoveNode(node)
    return {"segments": count, "voxels": list(labels.array.shape), "add_segments_s": statistics.median(adding),
            "show_surfaces_s": statistics.median(surfaces)}


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Seconds that ``work`` takes, and what it returns."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    choose_render_window()
    sys.path.insert(0, str(REPOSITORY / "Testing" / "SlicerHost"))
    from slicerhost.session import start

    print(json.dumps(start().run(lambda: measure(Path(sys.argv[1])))), flush=True)
    os._exit(0)  # static destructors of Qt and VTK run in an undefined order
