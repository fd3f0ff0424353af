"""Whatever a worker sends, however its parent ends: a message, no hanging, nothing left behind."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from NeuroOrbitLib.jobs import JobFailed, JobRequest, JobRunner, Log, folders, identity, pipes, windows_job
from NeuroOrbitLib.jobs.pipes import LineReader
from NeuroOrbitLib.jobs.protocol import LARGEST_LINE, Garbage, read_event
from Testing.Attack.pipe_damage import GARBAGE, false_worker, random_garbage

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


def request(name: str, **arguments: object) -> JobRequest:
    return JobRequest(f"job_functions:{name}", arguments)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def wait_until(condition, seconds: float = 120.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


# Garbage on the pipe


@on_posix
@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_ends_the_run_with_a_message_and_the_worker_with_it(tmp_path, kind):
    with JobRunner(python=false_worker(tmp_path, GARBAGE[kind]), temporary_folder=tmp_path) as runner:
        job = runner.start(request("add", first=1, second=2))
        pid = runner.worker_pid
        with pytest.raises(JobFailed, match="The computation was ended, because") as caught:
            job.wait(timeout=120)
        assert caught.value.failure.kind == "crash" and not runner.is_busy
        assert is_gone(pid) and not job.folder.exists()


def test_no_seeded_damage_of_an_event_is_more_than_garbage():
    for line in random_garbage(400, seed=5):
        try:
            event = read_event(line.decode("utf-8", "replace"), {})
        except Garbage:
            continue
        assert event["event"] == "progress" and isinstance(event["fraction"], float)


def test_a_cancelled_run_whose_worker_sends_garbage_is_cancelled_all_the_same(tmp_path):
    with JobRunner(python=false_worker(tmp_path, b"garbage\n"), temporary_folder=tmp_path) as runner:
        job = runner.start(request("add", first=1, second=2))
        job.cancel()
        assert job.state == "cancelled" and runner.worker_pid is None


def test_a_line_that_never_ends_is_told_in_pieces_and_never_holds_up_who_looks(tmp_path):
    with JobRunner(extra_paths=[HERE], temporary_folder=tmp_path) as runner:
        job = runner.start(request("print_without_end"))
        lines = []
        assert wait_until(lambda: lines.extend(e.text for e in job.poll() if isinstance(e, Log)) or len(lines) > 20)
        assert job.state == "running" and max(map(len, lines)) < 1 << 18
        job.cancel()


# Large results


def test_a_large_result_comes_as_a_file(tmp_path, monkeypatch):
    longest = []
    real = LineReader.lines
    monkeypatch.setattr(LineReader, "lines", lambda self: [longest.append(len(x)) or x for x in real(self)])
    with JobRunner(extra_paths=[HERE], temporary_folder=tmp_path) as runner:
        found = runner.start(request("large_result", count=100_000)).wait(timeout=120)
        assert found[99_999] == f"{99_999:020d}" and len(found) == 100_000
        assert max(longest) < LARGEST_LINE
        assert list(tmp_path.iterdir()) == []


def test_every_byte_of_a_long_line_is_looked_at_once_and_joined_once(monkeypatch):
    looked, joined = [], []

    class Counting:
        def split(self, chunk: bytes) -> list[bytes]:
            looked.append(len(chunk))
            return real.split(chunk)

    class Counted(LineReader):
        def _take_pieces(self) -> bytes:
            line = super()._take_pieces()
            joined.append(len(line))
            return line

    real = pipes._LINE_END
    monkeypatch.setattr(pipes, "_LINE_END", Counting())
    size = 20 << 20
    script = f"import sys; sys.stdout.write('x' * {size} + chr(10) + 'end' + chr(10))"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        reader, lines = Counted(process.stdout, longest=1 << 30), []
        while not reader.ended:
            lines += reader.lines()
    assert [len(line) for line in lines] == [size, 3]
    assert sum(looked) == size + 5 and sum(joined) == size + 3


# The end of the parent


PARENT = """
import sys, time
from NeuroOrbitLib.jobs import JobRequest, JobRunner
runner = JobRunner(extra_paths=[sys.argv[1]], temporary_folder=sys.argv[2])
job = runner.start(JobRequest('job_functions:start_grandchild', {'file': sys.argv[3]}), runner.new_folder())
while not any(getattr(event, 'message', '') == 'Started' for event in job.poll()): time.sleep(0.02)
print(runner.worker_pid, flush=True)
time.sleep(600)
"""


def start_parent(tmp_path: Path) -> tuple[subprocess.Popen, int, int]:
    """A process with a worker that is stuck in C; returns it with the worker and a process that this one started."""
    jobs, file = tmp_path / "jobs", tmp_path / "grandchild.txt"
    jobs.mkdir(exist_ok=True)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(HERE), str(jobs), str(file)], stdout=subprocess.PIPE,
                              text=True, env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    worker = int(parent.stdout.readline())
    return parent, worker, int(file.read_text(encoding="ascii"))


@on_posix
@pytest.mark.parametrize("is_stopped", [False, True], ids=["stuck in C", "stopped"])
def test_a_worker_and_all_it_started_end_with_the_parent(tmp_path, is_stopped):
    parent, worker, grandchild = start_parent(tmp_path)
    with parent:
        if is_stopped:
            os.killpg(worker, signal.SIGSTOP)
        parent.kill()
    assert wait_until(lambda: is_gone(worker) and is_gone(grandchild))


@on_posix
def test_what_a_dead_application_left_is_removed_by_the_next_one_but_never_a_living_one_s(tmp_path):
    (dead, *dead_ones), (alive, *living) = start_parent(tmp_path), start_parent(tmp_path)
    with dead, alive:
        dead.kill()
        dead.wait()
        assert len(list((tmp_path / "jobs").iterdir())) == 2
        with JobRunner(temporary_folder=tmp_path / "jobs") as runner:
            runner.new_folder()
            (left,) = [path for path in (tmp_path / "jobs").iterdir() if path not in runner._folders]
        assert json.loads((left / ".owner.json").read_text())["owner"] == alive.pid
        assert not any(map(is_gone, living))
        alive.kill()
    assert wait_until(lambda: all(map(is_gone, [*dead_ones, *living])))


def owned(parent: Path, **changes: object) -> Path:
    """A folder of this process, with other things in its owner's file."""
    folder = folders.make_folder(parent)
    content = json.loads((folder / ".owner.json").read_text(encoding="utf-8"))
    (folder / ".owner.json").write_text(json.dumps({**content, **changes}), encoding="utf-8")
    return folder


def test_a_folder_stays_unless_its_owner_is_surely_gone(tmp_path):
    number_given_again = owned(tmp_path, owner_start="an earlier time")
    nobody = owned(tmp_path, owner=2**22 + 12345)
    kept = {
        owned(tmp_path), owned(tmp_path, owner=2**22 + 12345, host="another machine"),
        owned(tmp_path, owner_start=identity.UNKNOWN), owned(tmp_path, owner="text"),
    }
    without, damaged, foreign = (tmp_path / f"{folders.PREFIX}{name}" for name in ("without", "damaged", "foreign"))
    for folder in (without, damaged):
        folder.mkdir()
    (damaged / ".owner.json").write_bytes(b"\xff{")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".owner.json").write_text(json.dumps({"owner": 1, "owner_start": "x"}))
    foreign.symlink_to(tmp_path / "other")
    assert set(folders.sweep(tmp_path)) == {number_given_again, nobody}
    assert set(tmp_path.iterdir()) == {*kept, without, damaged, foreign, tmp_path / "other"}


@on_posix
def test_a_stopped_worker_of_a_dead_application_is_ended_with_its_folder(tmp_path):
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    with sleeper:
        sleeper.send_signal(signal.SIGSTOP)
        folder = owned(tmp_path, owner=2**22 + 12345)
        folders.note_worker(folder, sleeper.pid)
        assert folders.sweep(tmp_path) == [folder]
        assert sleeper.wait(10) == -signal.SIGKILL


@on_posix
def test_the_start_of_a_process_is_told_alike_with_and_without_the_files_of_linux():
    # The ps of Linux, where the product does not ask it, rounds now to one second, now to the next.
    for start_of, most in ((identity.start_of, 1), (identity._start_by_ps, 2)):
        told = {start_of(os.getpid()) for _ in range(6)}
        assert len(told) <= most and not told & {None, identity.UNKNOWN}
        assert start_of(2**22 + 12345) is None
    assert identity.start_of(os.getpid()) != identity.start_of(1)  # a parent may have started in the same tick


class Kernel:
    """Functions of kernel32 as far as a job object needs them."""

    def __init__(self, can_assign: bool) -> None:
        self.calls, self.can_assign = [], can_assign

    def CreateJobObjectW(self, *_arguments: object) -> int:
        return 7

    def SetInformationJobObject(self, job, kind, limits, size) -> bool:
        given = ctypes.cast(limits, ctypes.POINTER(windows_job._ExtendedLimits)).contents
        self.calls.append((job.value, kind, given.BasicLimitInformation.LimitFlags, size))
        return True

    def AssignProcessToJobObject(self, job, process) -> bool:
        self.calls.append((job.value, process.value))
        return self.can_assign

    def CloseHandle(self, job) -> None:
        self.calls.append(("closed", job.value))


def test_on_windows_a_worker_is_tied_to_its_parent_by_a_job_object():
    kernel = Kernel(can_assign=True)
    assert windows_job.tie_to_this_process(42, kernel) == 7
    # 144 bytes and this flag are what Windows' headers say for 64 bits.
    assert kernel.calls == [(7, 9, 0x2000, 144), (7, 42)]
    kernel = Kernel(can_assign=False)
    assert windows_job.tie_to_this_process(42, kernel) is None and kernel.calls[-1] == ("closed", 7)
