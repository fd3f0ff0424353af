"""How long a result takes to enter the scene, measured in a process of its own: prints one line of JSON.

``python -m Testing.Experiments.benchmarks.scene_writing LABELS.nii.gz``
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from Testing.Demo.rendering import choose_render_window
from Testing.Experiments.benchmarks.timing import median_seconds

REPOSITORY = Path(__file__).resolve().parents[3]


def measure(path: Path) -> dict[str, object]:
    """Time to add all segments of a label map, and to make and show their surfaces."""
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
    count = nodes[0].GetSegmentation().GetNumberOfSegments()
    for node in nodes:
        slicer.mrmlScene.RemoveNode(node)
    return {"segments": count, "voxels": list(labels.array.shape), **adding.named("add_segments"),
            **surfaces.named("show_surfaces")}


if __name__ == "__main__":
    choose_render_window()
    sys.path.insert(0, str(REPOSITORY / "Testing" / "SlicerHost"))
    from slicerhost.session import start

    print(json.dumps(start().run(lambda: measure(Path(sys.argv[1])))), flush=True)
    os._exit(0)  # static destructors of Qt and VTK run in an undefined order
