"""`make test`: which sessions run, on how many cores, and what is counted."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from Testing import run_tests

REPORT = '<testsuites><testsuite tests="{tests}" failures="{failures}" errors="0" skipped="1"/></testsuites>'


@pytest.fixture
def machine(monkeypatch):
    """A machine with as many cores as said, and pytest-xdist or not."""

    def make(cores: int, xdist: bool = True) -> None:
        monkeypatch.setattr(run_tests, "cores", lambda: cores)
        find = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec",
                            lambda name, *rest: (object() if xdist else None) if name == "xdist" else find(name, *rest))

    return make


def pure_call(*arguments: str, slow: bool = False) -> list[str]:
    return run_tests.command("pure", [], slow, list(arguments))


@pytest.mark.parametrize("name", ["pure", "host"])
def test_the_tests_of_both_sessions_are_shared_by_the_cores(machine, name):
    machine(2)
    call = run_tests.command(name, [], False, [])
    assert call[call.index("-n") + 1] == "2" and call[call.index("--dist") + 1] == "worksteal"


def test_a_large_machine_starts_few_applications(machine):
    machine(64)
    assert {name: run_tests.workers(name, False, []) for name in ("pure", "host")} == {"pure": 8, "host": 4}


def test_a_process_takes_one_thread_where_the_cores_are_shared(machine, monkeypatch):
    for name in run_tests.THREAD_LIMITS:
        monkeypatch.delenv(name, raising=False)
    machine(2)
    assert {run_tests.environment(False, [])[name] for name in run_tests.THREAD_LIMITS} == {"1"}
    machine(1)
    assert not set(run_tests.THREAD_LIMITS) & set(run_tests.environment(False, []))


@pytest.mark.parametrize("cores, xdist, slow, arguments", [
    (1, True, False, []), (8, False, False, []), (8, True, True, []), (8, True, False, ["--pdb"]),
    (8, True, False, ["-s"]), (8, True, False, ["--numprocesses=3"]),
], ids=["one core", "no xdist", "slow tests", "debugger", "output shown", "number chosen"])
def test_one_process_where_tests_must_not_or_cannot_be_shared(machine, cores, xdist, slow, arguments):
    machine(cores, xdist)
    assert run_tests.workers("pure", slow, arguments) == run_tests.workers("host", slow, arguments) == 1
    assert "-n" not in pure_call(*arguments, slow=slow)


@pytest.fixture
def sessions_that_print(monkeypatch, tmp_path, machine):
    """Two sessions that write their reports and end with a status each."""

    def make(cores: int, *statuses: int) -> None:
        machine(cores)
        monkeypatch.setattr(run_tests, "RESULTS", tmp_path)

        def command(name, _particular, _slow, _arguments):
            status = statuses[0] if name == "pure" else statuses[1]
            text = REPORT.format(tests=5, failures=int(status != 0))
            code = (f"import pathlib, sys; print('this is {name}'); "
                    f"pathlib.Path({str(tmp_path / f'{name}.xml')!r}).write_text({text!r}); sys.exit({status})")
            return [sys.executable, "-c", code]

        monkeypatch.setattr(run_tests, "command", command)

    return make


@pytest.mark.parametrize("cores", [1, 2])
def test_both_sessions_are_run_counted_and_shown(sessions_that_print, cores, capfd):
    sessions_that_print(cores, 0, 1)
    results = run_tests.run_sessions("all", False, [])
    assert [status for status, _ in results] == [0, 1]
    assert [count for _, count in results] == [{"passed": 4, "failed": 0, "skipped": 1},
                                               {"passed": 3, "failed": 1, "skipped": 1}]
    shown = capfd.readouterr().out
    assert "this is pure" in shown and "this is host" in shown


def test_a_session_that_crashed_counts_as_failed(tmp_path):
    assert run_tests.counts(tmp_path / "missing.xml") == {"passed": 0, "failed": 1, "skipped": 0}


def test_the_closing_line_names_passed_failed_and_skipped(sessions_that_print, monkeypatch, capsys):
    sessions_that_print(2, 0, 0)
    monkeypatch.setattr(sys, "argv", ["run_tests"])
    assert run_tests.main() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "8 passed, 0 failed, 2 skipped"


@pytest.mark.parametrize("particular, place", [
    ([], "Testing/Python/test_number_text.py"),
    (["-p", run_tests.HOST_PLUGIN], "Testing/SlicerHost/tests/test_pythonqt_connections.py"),
], ids=["pure", "host"])
def test_two_processes_run_the_tests_and_count_together(particular, place):
    """pytest-xdist itself, where it is installed; each process of the host has its own application."""
    if importlib.util.find_spec("xdist") is None:
        pytest.skip("pytest-xdist is not installed")
    found = subprocess.run([sys.executable, "-m", "pytest", *particular, "-n", "2", "--dist", "worksteal", "-q", "-p",
                            "no:cacheprovider", place], cwd=run_tests.REPOSITORY, capture_output=True, text=True,
                           env=run_tests.environment(False, []))
    assert found.returncode == 0, found.stdout
