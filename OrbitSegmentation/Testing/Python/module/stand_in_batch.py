"""A batch that the worker runs in the tests of its page."""

from __future__ import annotations

import time
from pathlib import Path

from NeuroOrbitLib.problem import Problem


def run_with_bright_eyes(source, output, resume=False, progress=None):
    """Run the real batch, whose model takes what is bright for the globes and refuses scans without."""
    from NeuroOrbitLib.imaging.files import load_image, save_image
    from NeuroOrbitLib.sentences import sentence as _

    def segment_file(scan, labels, *_rest, **_more):
        image = load_image(scan)
        bright = image.array > 900
        if not bright.any():
            raise Problem(_("No eye was found in this scan."))
        save_image(image.with_array(bright.astype("uint8")), labels)
        return {"measurements": [{"label": 1, "structure": "eyeball", "side": "right", "confidence": 0.5}],
                "notices": [{"text": _("The scan is cut off.")}], "model": {"name": "stand-in"},
                "quality": {"novelty": {"unusual": True}}}

    from OrbitSegmentationLib import pipeline
    from OrbitSegmentationLib.batch import run

    pipeline.segment_file = segment_file
    return run.run_batch(source, output, resume, progress=progress)


def run_batch(source, output, resume=False, progress=None):
    """Write an overview and tell of two scans; wait where the folder is called "slow"."""
    progress(0.1, "Working on case_0001")
    while source.endswith("slow"):
        time.sleep(0.02)
        progress(0.2, "Working on case_0001")
    if not Path(source).is_dir():
        raise Problem("There are no scans.")
    Path(output).mkdir()
    (Path(output) / "index.html").write_text("overview")
    return {"scans": 2, "failed": 1, "noticed": 1, "files": []}


def run_with_a_sentence(source, output, resume=False, progress=None):
    """Tell of two scans, and what is said on their page."""
    return {**run_batch(source, output, resume, progress), "sentences": ["Case"]}


def no_overview(output, said, progress=None):
    """Fail as where the page is open in another program."""
    raise Problem("index.html cannot be written.")
