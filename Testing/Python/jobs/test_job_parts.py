"""Requests, remaining time and the pieces of the worker that can be tested alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from NeuroOrbitLib.jobs import JobRequest, JobRunner, RemainingTime, folders, python_executable, remaining_text, runner
from NeuroOrbitLib.jobs.pipes import LineReader
from NeuroOrbitLib.jobs.worker import keep_freed_memory
from NeuroOrbitLib.problem import Problem

REPOSITORY = Path(__file__).resolve().parents[3]


def test_request_holds_plain_data_only():
    assert JobRequest("a.b:c", {"path": Path("x") / "y", "values": (1, 2)}).arguments == {
        "path": str(Path("x") / "y"), "values": [1, 2],
    }  # fmt: skip
    with pytest.raises(ValueError, match="plain data"):
        JobRequest("a.b:c", {"array": np.zeros(3)})


@pytest.mark.parametrize("name", ["", "module", "module:", ":function"])
def test_request_refuses_a_name_that_is_no_function(name):
    with pytest.raises(ValueError, match=r"package\.module:name"):
        JobRequest(name)


def test_request_loads_its_function():
    assert JobRequest("os.path:join").load()("a", "b") == str(Path("a") / "b")


def test_remaining_time_of_steady_work_counts_down_to_zero():
    remaining = RemainingTime()
    estimates = [remaining.update(second / 100, float(second)) for second in range(101)]
    assert estimates[0] is None and estimates[1] is None
    for second in range(5, 101):
        assert estimates[second] == pytest.approx(100 - second, abs=0.5)


def test_remaining_time_does_not_jump_when_the_work_is_uneven():
    remaining, rng = RemainingTime(), np.random.default_rng(1)
    fractions = np.cumsum(rng.uniform(0.0, 2.0, 100))
    estimates = [remaining.update(min(f / fractions[-1], 1.0), t) for t, f in enumerate(fractions.tolist())]
    shown = np.array([estimate for estimate in estimates if estimate is not None])
    assert np.abs(np.diff(shown[:-1])).max() < 6.0
    assert abs(shown[40] - (len(shown) - 41)) < 20
    assert shown[-1] == 0.0


def test_remaining_time_adapts_when_the_work_slows_down():
    remaining = RemainingTime()
    fraction, estimate = 0.0, None
    for second in range(60):
        fraction += 0.02 if second < 20 else 0.002
        estimate = remaining.update(fraction, float(second))
    assert estimate > 45


def test_a_night_in_which_the_computer_slept_does_not_count_as_work(tmp_path, monkeypatch):
    now, fraction = [0.0], [0.0]
    worker = SimpleNamespace(exit_code=None, is_silent=False, log_lines=list, events=lambda _folders: [
        {"job": 1, "event": "progress", "fraction": fraction[0], "message": ""}])
    monkeypatch.setattr(runner, "time", SimpleNamespace(monotonic=lambda: now[0]))
    job = runner.Job(JobRunner(), 1, tmp_path, keep_folder=True)
    job.attach(worker)
    told = []
    for second in range(20):  # of 40
        now[0], fraction[0] = second + (8 * 3600.0 if second >= 10 else 0.0), second / 40
        told += [event.eta_seconds for event in job.poll()]
    assert told[9] == pytest.approx(31, abs=1) and told[10] == pytest.approx(30, abs=2)
    assert told[-1] == pytest.approx(21, abs=1)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (3, "a few seconds left"), (38, "about 40 s left"), (59, "about 1 min left"),
     (140, "about 2 min left"), (7200, "about 2.0 h left")],
)  # fmt: skip
def test_remaining_time_in_words(seconds, words):
    assert remaining_text(seconds) == words


def test_lines_are_complete_even_when_they_arrive_in_pieces():
    script = (
        "import sys, time; out = sys.stdout.buffer\n"
        "out.write('é: fir'.encode()); out.flush(); time.sleep(0.2)\n"
        "out.write(b'st\\r\\n 5%\\r 9%\\nlast'); out.flush(); time.sleep(0.2)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        reader, lines = LineReader(process.stdout), []
        while not reader.ended:
            lines += reader.lines()
    assert lines == ["é: first", " 5%", " 9%", "last"]


def test_freed_memory_is_kept_on_linux_with_glibc():
    script = "from NeuroOrbitLib.jobs.worker import keep_freed_memory; print(keep_freed_memory())"
    printed = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() in (("True", "False") if not sys.platform.startswith("linux") else ("True",))
    assert callable(keep_freed_memory)


def test_starting_jobs_imports_nothing_heavy():
    script = (
        "import sys; import NeuroOrbitLib.jobs; "
        "print([name for name in ('torch', 'monai', 'numpy', 'SimpleITK', 'slicer', 'qt') if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_the_worker_runs_with_the_python_of_the_application(monkeypatch, tmp_path):
    assert python_executable() == sys.executable
    slicer_python = tmp_path / "PythonSlicer"
    slicer_python.write_text("#!/bin/sh\n", encoding="ascii")
    slicer_python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", "/opt/Slicer/bin/SlicerApp-real")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert python_executable() == str(slicer_python)


def test_a_place_for_temporary_files_that_is_gone_or_full_is_told(tmp_path, monkeypatch):
    with pytest.raises(Problem, match=r"folder for temporary files, .*missing, cannot be written to \(No such file"):
        folders.make_folder(tmp_path / "missing")

    def fill(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders, "replace_file", fill)
    with pytest.raises(Problem, match=r"\(No space left on device\)\. Free some space"):
        folders.make_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []
