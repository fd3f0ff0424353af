"""Time and peak memory of segmenting a scan in the worker process, as the panel does it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.resampling import resample, resample_labels
from NeuroOrbitLib.jobs import JobFailed, JobRequest, JobRunner
from NeuroOrbitLib.phantom.patients.patient import Scan

REPOSITORY = Path(__file__).resolve().parents[3]
PIPELINE = "OrbitSegmentationLib.pipeline:segment_file"
AIR = -1000.0
#: Largest label value of eyeballs, nerves, recti, lacrimal glands and superior obliques.
LAST_FOUND = label_value("superior_oblique", "left")


def clinical_grid(scan: Image) -> Grid:
    """Return a grid of 512 x 512 x 200 voxels over the scan."""
    return _grid_over(scan.grid, (200, 512, 512))


def head_grid(scan: Image) -> Grid:
    """Return a grid of 180 x 240 x 200 voxels of 1 mm over a whole head, the scan in front of its middle."""
    affine = np.eye(4)
    affine[:3, 3] = scan.grid.center - (90.0, 180.0, 90.0)
    return Grid((200, 240, 180), affine)


def _grid_over(grid: Grid, shape: tuple[int, int, int]) -> Grid:
    """Return a grid over the same box with another number of voxels (K, J, I)."""
    steps = np.array(grid.shape[::-1]) / np.array(shape[::-1])
    affine = grid.affine.copy()
    affine[:3, :3] *= steps
    affine[:3, 3] += grid.affine[:3, :3] @ ((steps - 1) / 2)
    return Grid(shape, affine)


def write_scan(scan: Scan, grid: Grid, folder: Path, name: str, labels: bool = False) -> tuple[Path, Path | None]:
    """Write a phantom's scan, and on request its label map, resampled to ``grid``; return the files.

    The label map holds what the default model can segment; fat, bone and lenses are left out.
    """
    image = resample(scan.image, grid, fill=AIR)
    path = save_image(image.with_array(image.array.astype(np.int16)), folder / f"{name}.nii")
    if not labels:
        return path, None
    found = np.where(scan.labels.array <= LAST_FOUND, scan.labels.array, 0)
    return path, save_image(resample_labels(scan.labels.with_array(found), grid), folder / f"{name}-labels.nii.gz")


def measure(scan: Path, repeats: int = 2) -> dict[str, object]:
    """Return :func:`measure_pipeline` for the segmentation of the orbits."""
    return measure_pipeline(PIPELINE, "OrbitSegmentation", {"scan": str(scan), "device": "cpu"}, repeats)


def exceeded(result: Mapping[str, Any], what: str, seconds_limit: float, memory_limit_gib: float) -> list[str]:
    """Return a sentence for each limit that a result of :func:`measure_pipeline` exceeds.

    On a busy machine the processor time counts.

    :param what: description of the work, e.g. "finding the lesions of a FLAIR".
    """
    found, seconds = [], min(result["later_s"], result["later_processor_s"])
    if seconds > seconds_limit:
        found.append(f"{what} takes {seconds:.0f} s (limit {seconds_limit:.0f})")
    if result["peak_gib"] > memory_limit_gib:
        found.append(f"{what} takes {result['peak_gib']:.1f} GiB (limit {memory_limit_gib})")
    return found


def measure_pipeline(pipeline: str, modules: str | Sequence[str], arguments: Mapping[str, object], repeats: int = 2
                     ) -> dict[str, object]:
    """Return the seconds of the first run (including start and imports) and of a later one, and the peak memory.

    :param pipeline: ``package.module:function``; it is called with the arguments and the file to write as ``output``.
    :param modules: folders of its module and of the modules that it uses.
    :raises JobFailed: if the scan could not be processed.
    """
    seconds, processor = [], [0.0]
    folders = [modules] if isinstance(modules, str) else modules
    with JobRunner(extra_paths=[REPOSITORY / name for name in folders]) as runner:
        for _ in range(repeats):
            started = time.perf_counter()
            _run(runner, pipeline, arguments)
            seconds.append(time.perf_counter() - started)
            processor.append(processor_seconds(runner.worker_pid))
        peak = peak_memory_bytes(runner.worker_pid)
    return {"first_s": seconds[0], "later_s": min(seconds[1:]), "later_processor_s": min(np.diff(processor)[1:]),
            "peak_gib": peak / 2**30}


def _run(runner: JobRunner, pipeline: str, arguments: Mapping[str, object]) -> None:
    folder = runner.new_folder()
    job = runner.start(JobRequest(pipeline, {**arguments, "output": str(folder / "labels.nii")}), folder)
    while job.state == "running":
        job.poll()
        time.sleep(0.02)
    if job.failure is not None:
        raise JobFailed(job.failure)
    job.clean()


def processor_seconds(process: int) -> float:
    """Return the processor time (s) of a process, on all cores together (Linux)."""
    # The name of the process, in parentheses, may contain spaces.
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory_bytes(process: int) -> int:
    """Return the largest resident memory (bytes) of a process (Linux)."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"The peak memory of process {process} is not known.")
