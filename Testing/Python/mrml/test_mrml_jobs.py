"""Jobs that the application waits for: what the user cancels too late is done, and nobody says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from NeuroOrbitLib.jobs import Cancelled, JobRequest, JobRunner, Progress, Result
from NeuroOrbitLib.mrml.run import job_answer

JOBS = Path(__file__).resolve().parents[1] / "jobs"


@pytest.mark.parametrize("late", [Progress, Result])
def test_a_file_that_is_written_before_the_job_can_be_cancelled_is_told(slicer_session, tmp_path, monkeypatch, late):
    """The words "Cancelled. Nothing was written." stood beside the DICOM files that had just been written."""
    monkeypatch.setattr("NeuroOrbitLib.jobs.runner._CANCEL_GRACE_SECONDS", 60.0)  # other programs may be at work, too

    def cancelled_by_user(event: object) -> None:
        if isinstance(event, late) and getattr(event, "message", "Writing") == "Writing":
            raise Cancelled

    with JobRunner(extra_paths=[JOBS], temporary_folder=tmp_path / "jobs") as runner:
        (tmp_path / "jobs").mkdir()
        request = JobRequest("job_functions:write_elsewhere", {"path": str(tmp_path / "segmentation.dcm")})
        assert job_answer(runner.start(request), cancelled_by_user) == str(tmp_path / "segmentation.dcm")
        assert (tmp_path / "segmentation.dcm").exists() and not list((tmp_path / "jobs").iterdir())


def test_a_job_that_is_cancelled_in_time_is_cancelled(slicer_session, tmp_path):
    def cancelled_by_user(_event: object) -> None:
        raise Cancelled

    with JobRunner(extra_paths=[JOBS], temporary_folder=tmp_path) as runner, pytest.raises(Cancelled):
        job_answer(runner.start(JobRequest("job_functions:steps", {"count": 100_000, "seconds": 0.02})),
                   cancelled_by_user)
