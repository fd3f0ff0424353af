"""Jobs in the worker process: results, logs, failures, cancelling, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from NeuroOrbitLib.jobs import Cancelled, Failure, JobFailed, JobRequest, JobRunner, Log, Progress, Result

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


def request(name: str, **arguments: object) -> JobRequest:
    return JobRequest(f"job_functions:{name}", arguments)


@pytest.fixture(scope="module")
def warm_runner(tmp_path_factory):
    with JobRunner(extra_paths=[HERE], temporary_folder=tmp_path_factory.mktemp("jobs")) as runner:
        yield runner


@pytest.fixture
def runner(tmp_path):
    with JobRunner(extra_paths=[HERE], temporary_folder=tmp_path) as runner:
        yield runner


#: A job that a test could not wait for: whoever waits for it runs into the time limit of the tests.
HOURS_OF_STEPS = 1_000_000


def wait_for_progress(job, message: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if any(isinstance(event, Progress) and event.message == message for event in job.poll()):
            return
        time.sleep(0.02)
    raise AssertionError(f"no progress {message!r}")


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def wait_until_gone(pid: int, seconds: float = 120.0) -> bool:
    end = time.monotonic() + seconds
    while not is_gone(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return is_gone(pid)


def test_the_function_gets_its_arguments_and_its_value_comes_back(warm_runner):
    events = []
    assert warm_runner.start(request("add", first=2, second=0.5)).wait(events.append) == {"sum": 2.5}
    assert any(isinstance(event, Progress) and event.message == "Adding" for event in events)
    assert events[-1] == Result({"sum": 2.5})


def test_the_worker_stays_warm_between_jobs(warm_runner):
    first = warm_runner.start(request("count_calls")).wait()
    pid = warm_runner.worker_pid
    assert warm_runner.start(request("count_calls")).wait() == first + 1
    assert warm_runner.worker_pid == pid


def test_everything_printed_arrives_as_log_and_never_disturbs_the_protocol(warm_runner):
    events = []
    assert warm_runner.start(request("print_much")).wait(events.append) is None
    lines = [event.text for event in events if isinstance(event, Log)]
    for line in ("from Python", "from C", "from a child", "on the error channel", "without an end of line"):
        assert line in lines


def test_nothing_but_the_worker_reads_the_requests(runner):
    # Windows holds up whatever else touches the pipe, and elsewhere a library would take the parent's next message.
    assert runner.start(request("ask_on_standard_input")).wait(timeout=120) == ["''", "''"]
    assert runner.start(request("add", first=1, second=2)).wait(timeout=120) == {"sum": 3}


def test_files_of_the_working_directory_are_never_taken_for_libraries(tmp_path, monkeypatch):
    # A scene that is opened by a double click makes its folder the working directory, scripts and all.
    for name in ("json.py", "queue.py", "numpy.py"):
        (tmp_path / name).write_text("raise SystemExit('a script of the user')\n", encoding="ascii")
    monkeypatch.chdir(tmp_path)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with JobRunner(extra_paths=[HERE], environment=environment, temporary_folder=tmp_path) as runner:
        assert runner.start(request("importable", library="numpy")).wait(timeout=120) != str(tmp_path / "numpy.py")


def test_poll_never_waits(warm_runner):
    job = warm_runner.start(request("steps", count=10, seconds=0.05))
    empty, events = 0, []
    while job.state == "running":
        news = job.poll()
        empty += not news
        events += news
        time.sleep(0.005)
    assert empty > 0, "every poll waited until there was something to tell"
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert job.poll() == []


def test_only_one_job_at_a_time(warm_runner):
    job = warm_runner.start(request("steps", count=5, seconds=0.05))
    with pytest.raises(RuntimeError, match="running"):
        warm_runner.start(request("count_calls"))
    job.wait()


def test_waiting_ends_after_the_timeout_and_the_job_goes_on(warm_runner):
    job = warm_runner.start(request("steps", count=10, seconds=0.05))
    with pytest.raises(TimeoutError):
        job.wait(timeout=0.1)
    assert job.wait() == 10


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("unusable_input", "problem", "The scan is empty. Choose another one."),
        ("divide_by_zero", "crash", "division by zero"),
        ("exit_interpreter", "crash", "bad option"),
        ("allocate_too_much", "memory", "not enough memory"),
        ("fill_graphics_card", "memory", "Choose the processor (CPU) as device"),
        ("import_half_installed", "crash", "(No module named 'half_installed'). Restart the application"),
        ("load_without_runtime", "crash", "c10.dll). Restart the application"),
        ("fill_disk", "problem", "'scan.npy'). Free some space"),
        ("large_result_without_folder", "crash", "No such file or directory"),
        ("not_plain", "crash", "plain data"),
        ("no_such_function", "crash", "no_such_function"),
    ],
)
def test_failures_are_told_apart_and_the_next_job_runs(warm_runner, name, kind, words):
    pid = warm_runner.start(request("count_calls")).wait() and warm_runner.worker_pid
    with pytest.raises(JobFailed, match=re.escape(words)) as caught:
        warm_runner.start(request(name)).wait()
    assert caught.value.failure.kind == kind
    # A fault may have broken a graphics card's context, or left its memory taken, for the rest of the process.
    assert (warm_runner.worker_pid == pid) == (kind == "problem")
    assert "Traceback" in caught.value.failure.details
    assert warm_runner.start(request("add", first=1, second=1)).wait() == {"sum": 2}


@pytest.mark.parametrize(("text", "words"), [
    ("cuDNN error: CUDNN_STATUS_ALLOC_FAILED", "memory of the graphics card was not enough"),
    ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", "memory of the graphics card was"),
    ("Unable to find an engine to execute this computation", "memory of the graphics card was not enough"),
    ("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes.", "not enough memory for this volume"),
])
def test_every_library_that_lacks_memory_is_understood(warm_runner, text, words):
    """With the graphics card as the chosen device, the user read "cuDNN error: CUDNN_STATUS_ALLOC_FAILED"."""
    with pytest.raises(JobFailed, match=words) as caught:
        warm_runner.start(request("fail_in_a_library", text=text)).wait()
    assert caught.value.failure.kind == "memory"


def test_a_problem_is_shown_exactly_as_written(warm_runner):
    job = warm_runner.start(request("unusable_input"))
    with pytest.raises(JobFailed):
        job.wait()
    assert job.failure.text == "The scan is empty. Choose another one."


@on_posix
@pytest.mark.parametrize(("name", "words"), [("SIGKILL", "memory ran out"), ("SIGSEGV", "SIGSEGV")])
def test_a_killed_worker_gives_a_message_and_the_next_job_runs(runner, name, words):
    job = runner.start(request("killed", signal_name=name))
    events = []
    with pytest.raises(JobFailed, match=words):
        job.wait(events.append)
    assert isinstance(events[-1], Failure) and events[-1].kind == "stopped"
    assert "last words" in events[-1].details
    assert runner.start(request("count_calls")).wait() == 1


@on_posix
def test_a_worker_that_died_while_idle_is_replaced(runner):
    runner.start(request("count_calls")).wait()
    psutil.Process(runner.worker_pid).kill()
    # A process is gone when its last thread is: the first one may be gone some moments before.
    os.waitid(os.P_PID, runner.worker_pid, os.WEXITED | os.WNOWAIT)
    assert runner.start(request("count_calls")).wait() == 1


def test_cancel_waits_for_no_more_than_a_step_and_keeps_the_worker_when_the_job_reports_progress(
        runner, monkeypatch):
    monkeypatch.setattr("NeuroOrbitLib.jobs.runner._CANCEL_GRACE_SECONDS", 120.0)  # other programs may be at work, too
    job = runner.start(request("steps", count=HOURS_OF_STEPS, seconds=0.02))
    wait_for_progress(job, "Working")
    pid = runner.worker_pid
    job.cancel()
    assert job.state == "cancelled" and job.poll() == []
    assert runner.start(request("count_calls")).wait() == 1
    assert runner.worker_pid == pid


@on_posix
def test_cancel_does_not_wait_for_a_worker_that_is_stuck_in_c(runner):
    job = runner.start(request("stuck_in_c"))
    wait_for_progress(job, "Stuck")
    pid = runner.worker_pid
    job.cancel()
    assert not psutil.pid_exists(pid), "the worker is still there, or a zombie"
    with pytest.raises(Cancelled):
        job.wait()
    assert runner.start(request("count_calls")).wait() == 1


def test_cancel_does_not_wait_for_a_worker_that_is_starting(runner):
    job = runner.start(request("steps", count=HOURS_OF_STEPS, seconds=0.02))
    job.cancel()
    assert job.state == "cancelled"
    assert runner.start(request("count_calls")).wait() == 1


def test_cancelling_twice_or_after_the_end_changes_nothing(warm_runner):
    job = warm_runner.start(request("add", first=1, second=2))
    job.wait()
    job.cancel()
    assert job.state == "done" and job.result == {"sum": 3}


def test_a_cancelled_job_leaves_no_files(runner, tmp_path):
    job = runner.start(request("write_files_forever"), folder=runner.new_folder())
    wait_for_progress(job, "Writing")
    assert list(tmp_path.rglob("partial.bin"))
    job.cancel()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def exported(tmp_path):
    """The user's folder with two files of an earlier export."""
    folder = tmp_path / "of the user"
    folder.mkdir()
    for name in ("first.dcm", "second.dcm"):
        (folder / name).write_text("old", encoding="utf-8")
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_cancel_while_files_are_written_leaves_the_old_ones_and_nothing_beside_them(runner, exported):
    job = runner.start(request("write_two_files", folder=str(exported), slow_writer=3600.0))
    wait_for_progress(job, "Written")
    assert len(list(exported.iterdir())) == 3, "the new files are written beside the old ones"
    job.cancel()
    assert job.state == "cancelled"
    assert texts(exported) == {"first.dcm": "old", "second.dcm": "old"}


def wait_for_log(job, line: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if any(isinstance(event, Log) and event.text == line for event in job.poll()):
            return
        time.sleep(0.02)
    raise AssertionError(f"no line {line!r}")


def test_cancel_while_files_are_replaced_waits_until_all_are_new(runner, exported, monkeypatch):
    monkeypatch.setattr("NeuroOrbitLib.jobs.runner._PLACING_SECONDS", 120.0)
    job = runner.start(request("write_two_files", folder=str(exported), slow_move=1.0))
    wait_for_log(job, "Moved")
    job.cancel()
    assert texts(exported) == {"first.dcm": "new", "second.dcm": "new"}


def test_cancel_waits_for_the_replacing_of_files_with_a_limit(runner, exported, monkeypatch):
    monkeypatch.setattr("NeuroOrbitLib.jobs.runner._PLACING_SECONDS", 0.5)
    job = runner.start(request("write_two_files", folder=str(exported), slow_move=3600.0))
    wait_for_log(job, "Moved")
    job.cancel()
    assert job.state == "cancelled" and runner.worker_pid is None
    kept = [path.read_text(encoding="utf-8") for path in exported.rglob("*.old")]
    assert kept == ["old", "old"], "the replaced files are still in the hidden folder"


def test_temporary_files_land_in_the_folder_of_the_job(runner, tmp_path):
    folder = runner.new_folder()
    assert runner.start(request("temporary_folder"), folder=folder).wait().startswith(str(folder))
    assert folder.exists(), "the folder of a successful job stays for its results"
    runner.start(request("add", first=1, second=2)).wait()
    assert list(tmp_path.iterdir()) == [folder], "a job without a folder of its own leaves none"
    runner.close()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def scanner(monkeypatch):
    """A virus scanner that has scans open until its set is cleared; Windows then does not remove them."""
    held, unlink = {"scan.nii"}, os.unlink

    def refuse(path, **options):
        if Path(path).name in held:
            raise PermissionError(13, "The file is being used by another process")
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", refuse)
    return held


def test_a_scan_that_another_program_has_open_is_removed_by_the_next_run_or_at_the_end(runner, tmp_path, scanner):
    for last in (False, True):
        folder = runner.new_folder()
        (folder / "scan.nii").write_bytes(b"a patient")
        runner.remove_folder(folder)
        assert [path.name for path in tmp_path.rglob("*.nii")] == ["scan.nii"]
        kept, _none = scanner.copy(), scanner.clear()
        if last:
            runner.close()
        else:
            runner.remove_folder(runner.new_folder())
        assert list(tmp_path.iterdir()) == []
        scanner.update(kept)


def test_a_scan_that_is_still_open_at_the_end_is_removed_by_the_next_application(tmp_path, scanner, monkeypatch):
    with JobRunner(temporary_folder=tmp_path) as ended:
        (ended.new_folder() / "scan.nii").write_bytes(b"a patient")
    assert list(tmp_path.rglob("*.nii"))
    scanner.clear()
    monkeypatch.setattr("NeuroOrbitLib.jobs.folders.is_gone", lambda *_: True)
    with JobRunner(temporary_folder=tmp_path) as runner:
        assert list(tmp_path.rglob("*")) != [] and runner.new_folder().exists()
        assert not list(tmp_path.rglob("*.nii"))


def test_a_failed_job_leaves_no_folder(runner, tmp_path):
    with pytest.raises(JobFailed):
        runner.start(request("divide_by_zero"), folder=runner.new_folder()).wait()
    assert list(tmp_path.iterdir()) == []


@on_posix
def test_processes_that_the_computation_started_end_with_it(runner, tmp_path):
    file = tmp_path / "pid.txt"
    job = runner.start(request("start_grandchild", file=str(file)))
    wait_for_progress(job, "Started")
    job.cancel()
    assert wait_until_gone(int(file.read_text(encoding="ascii")))


@on_posix
def test_processes_that_the_computation_started_end_when_it_crashes(runner, tmp_path):
    file = tmp_path / "pid.txt"
    job = runner.start(request("start_grandchild", file=str(file)))
    wait_for_progress(job, "Started")
    psutil.Process(runner.worker_pid).kill()
    with pytest.raises(JobFailed, match="stopped by the system"):
        job.wait(timeout=120)
    assert wait_until_gone(int(file.read_text(encoding="ascii")))


def test_closing_leaves_no_process_thread_or_open_file():
    threads, children = threading.active_count(), len(psutil.Process().children())
    descriptors = psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0
    with JobRunner(extra_paths=[HERE]) as runner:
        runner.start(request("count_calls")).wait()
        pid = runner.worker_pid
    assert not psutil.pid_exists(pid)
    assert threading.active_count() == threads
    assert len(psutil.Process().children()) == children
    if descriptors:
        assert psutil.Process().num_fds() == descriptors


def test_a_python_that_is_missing_gives_a_failed_job_with_a_message():
    with JobRunner(python="/nowhere/python") as runner, pytest.raises(JobFailed, match="could not be started"):
        runner.start(request("count_calls")).wait()


def test_a_worker_that_cannot_load_its_code_says_why():
    environment = {"PYTHONHOME": "/nowhere", "PATH": os.environ["PATH"]}
    with JobRunner(environment=environment) as runner, pytest.raises(JobFailed, match="stopped unexpectedly") as caught:
        runner.start(request("count_calls")).wait(timeout=120)
    assert caught.value.failure.details


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
@on_posix
def test_processes_of_tasks_end_when_their_parent_is_killed(name, tmp_path):
    """A batch that is killed must not leave processes behind that hold a model in memory for ever."""
    script = (
        "from pathlib import Path\n"
        "from job_functions import note_process_and_wait\n"
        "from NeuroOrbitLib.jobs.tasks import run_tasks\n"
        f"run_tasks(note_process_and_wait, {{'a': 1, 'b': 2}}, Path({str(tmp_path)!r}), {{}}, 'local:2')\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(HERE)])}
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as parent:
        notes = [tmp_path / task / "pid" for task in ("a", "b")]
        deadline = time.monotonic() + 60
        while not all(note.exists() and note.read_text(encoding="utf-8") for note in notes):
            assert time.monotonic() < deadline and parent.poll() is None
            time.sleep(0.05)
        parent.send_signal(getattr(signal, name))
    assert all(wait_until_gone(int(note.read_text(encoding="utf-8"))) for note in notes)


@on_posix
def test_the_worker_ends_when_its_parent_is_killed(tmp_path):
    script = (
        "import sys, time\n"
        "from NeuroOrbitLib.jobs import JobRequest, JobRunner\n"
        f"runner = JobRunner(extra_paths=[{str(HERE)!r}], temporary_folder={str(tmp_path)!r})\n"
        "job = runner.start(JobRequest('job_functions:steps', {'count': 10000, 'seconds': 0.02}))\n"
        "while not any(getattr(event, 'message', '') for event in job.poll()): time.sleep(0.02)\n"
        "print(runner.worker_pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    with parent:
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert wait_until_gone(worker)
