"""The real pipeline in the worker process: cancelled or killed, it leaves nothing, and the next run works."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.jobs import Cancelled, Job, JobFailed, JobRequest, JobRunner, Progress
from OrbitSegmentationLib.pipeline import segment_image

REPOSITORY = Path(__file__).resolve().parents[3]
PIPELINE = "OrbitSegmentationLib.pipeline:segment_file"
MODEL_AT_WORK = "Looking at the orbits"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


@pytest.fixture(scope="module")
def scan_file(scans, tmp_path_factory) -> Path:
    return save_image(scans("CT"), tmp_path_factory.mktemp("input") / "scan.nii.gz")


@pytest.fixture(scope="module")
def jobs_folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def runner(jobs_folder):
    """One worker for all tests here: each shows that the run after the last one's mishap works."""
    with JobRunner(extra_paths=[REPOSITORY / "OrbitSegmentation"], temporary_folder=jobs_folder) as shared:
        yield shared


def start(runner: JobRunner, scan: Path) -> Job:
    folder = runner.new_folder()
    return runner.start(JobRequest(PIPELINE, {"scan": scan, "output": folder / "labels.nrrd", "device": "cpu",
                                              "views": 1}), folder)


def wait_for(job: Job, message: str) -> None:
    end = time.monotonic() + 200
    while time.monotonic() < end:
        events = job.poll()
        assert job.state == "running", job.failure
        if any(isinstance(event, Progress) and event.message == message for event in events):
            return
        time.sleep(0.01)
    raise AssertionError(f"no progress {message!r}")


def test_a_run_that_is_cancelled_while_the_model_computes_ends_at_once_and_leaves_no_file(
        runner, scan_file, jobs_folder):
    job = start(runner, scan_file)
    wait_for(job, MODEL_AT_WORK)
    job.cancel()
    assert job.state == "cancelled" and list(jobs_folder.iterdir()) == []
    with pytest.raises(Cancelled):
        job.wait()


def test_a_worker_that_is_killed_while_the_model_computes_gives_a_message_and_the_next_run_works(
        runner, scan_file, jobs_folder, package):
    job = start(runner, scan_file)
    wait_for(job, MODEL_AT_WORK)
    psutil.Process(runner.worker_pid).send_signal(signal.SIGKILL)
    with pytest.raises(JobFailed, match=r"memory ran out\. Close other programs"):
        job.wait(timeout=200)
    assert job.failure.kind == "stopped" and list(jobs_folder.iterdir()) == []
    again = start(runner, scan_file)
    names = {row["name"] for row in again.wait(timeout=200)["measurements"]}
    assert {"Right eyeball", "Left eyeball"} <= names
    written, expected = load_image(again.folder / "labels.nrrd"), segment_image(load_image(scan_file), package).labels
    assert (written.array == expected.array).mean() > 0.9999
    again.clean()
    assert list(jobs_folder.iterdir()) == []
