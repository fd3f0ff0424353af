"""All tests, with one count and one exit status: ``python -m Testing.run_tests [all|pure|host] [--slow]``.

Two pytest sessions, one after the other, because the tests in SlicerHost run inside Qt's event loop and change PySide6
for their whole process. Each spreads its tests over the cores where pytest-xdist is installed; every process of the
host's session has an application and a folder of settings of its own. The slow tests, which may need all memory, run
in one process. Further arguments go to both sessions (for example ``-k NAME -x``); with ``-s`` or ``--pdb`` nothing
runs beside anything else.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "out" / "tests"
HOST = "Testing/SlicerHost"
HOST_PLUGIN = "slicerhost.pytest_plugin"
NO_TESTS_COLLECTED = 5
#: Largest numbers of processes; more would load libraries, or start applications, more often than they save time.
MOST_WORKERS = {"pure": 8, "host": 4}
#: Arguments with which the user interacts with the tests, or chooses the number of processes.
ALONE = ("-s", "--capture=no", "--pdb", "-n", "--numprocesses")
THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS")


def parse_arguments() -> tuple[argparse.Namespace, list[str]]:
    """Return our own arguments, and those for pytest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="?", choices=["all", "pure", "host"], default="all")
    parser.add_argument("--slow", action="store_true", help="only the slow tests")
    return parser.parse_known_args()


def sessions(which: str) -> dict[str, list[str]]:
    """Return the settings of each pytest session; the pure tests are those named in pyproject.toml."""
    chosen = {"pure": [], "host": ["-p", HOST_PLUGIN, *host_folders()]}
    return chosen if which == "all" else {which: chosen[which]}


def host_folders() -> list[str]:
    """Return the folders of tests for the host: its own, and those whose conftest.py leaves them to its session."""
    found = [f"{HOST}/tests"]
    for place in ("Testing/Python", "*/Testing/Python"):
        for conftest in sorted(REPOSITORY.glob(f"{place}/*/conftest.py")):
            if HOST_PLUGIN in conftest.read_text(encoding="utf-8"):
                found.append(conftest.parent.relative_to(REPOSITORY).as_posix())
    return found


def workers(name: str, slow: bool, arguments: Iterable[str]) -> int:
    """Return the number of processes that share the tests of a session; 1 if they must not or cannot be shared."""
    alone = slow or any(argument.split("=")[0] in ALONE for argument in arguments)
    if alone or importlib.util.find_spec("xdist") is None:
        return 1
    return min(cores(), MOST_WORKERS[name])


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def command(name: str, particular: list[str], slow: bool, arguments: list[str]) -> list[str]:
    """Return the call of pytest for a session.

    Each process gets neighbouring tests, so that their module's fixtures are mostly made once, and takes tests from
    another
    process when it has none left.
    """
    shared = workers(name, slow, arguments)
    spread = ["-n", str(shared), "--dist", "worksteal"] if shared > 1 else []
    return [sys.executable, "-m", "pytest", *particular, *spread, "-m", "slow" if slow else "not slow",
            f"--junitxml={report_of(name)}", *arguments]


def environment(slow: bool, arguments: list[str]) -> dict[str, str]:
    """Return the environment variables of the sessions: one thread per process if they share the cores."""
    path = os.pathsep.join(filter(None, [str(REPOSITORY / HOST), os.environ.get("PYTHONPATH", "")]))
    limits = dict.fromkeys(THREAD_LIMITS, "1") if workers("pure", slow, arguments) > 1 else {}
    return {**os.environ, **limits, "PYTHONPATH": path}


def run_sessions(which: str, slow: bool, arguments: list[str]) -> list[tuple[int, dict[str, int]]]:
    """Run the pytest sessions; return for each its exit status and its counts of passed, failed and skipped tests."""
    variables, selected = environment(slow, arguments), slow or bool(arguments)
    results = []
    for name, particular in sessions(which).items():
        report_of(name).unlink(missing_ok=True)
        print(f"== {name} tests", flush=True)
        call = command(name, particular, slow, arguments)
        status = subprocess.run(call, cwd=REPOSITORY, env=variables).returncode
        # A selection may leave no tests in one of the two sessions.
        results.append((0 if status == NO_TESTS_COLLECTED and selected else status, counts(report_of(name))))
    return results


def report_of(name: str) -> Path:
    """Return the path of a session's JUnit report."""
    return RESULTS / f"{name}.xml"


def counts(report: Path) -> dict[str, int]:
    """Return passed, failed and skipped tests of a JUnit report; a crashed session has none and counts as failed."""
    if not report.exists():
        return {"passed": 0, "failed": 1, "skipped": 0}
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, skipped = (sum(int(suite.get(key, 0)) for suite in suites) for key in ("tests", "skipped"))
    failed = sum(int(suite.get(key, 0)) for suite in suites for key in ("failures", "errors"))
    return {"passed": total - failed - skipped, "failed": failed, "skipped": skipped}


def main() -> int:
    """Run the tests; return 0 when every session passed, 1 otherwise."""
    options, arguments = parse_arguments()
    RESULTS.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    results = run_sessions(options.which, options.slow, arguments)
    passed, failed, skipped = (sum(count[key] for _, count in results) for key in ("passed", "failed", "skipped"))
    print(f"== all tests, {time.monotonic() - start:.0f} s")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if all(status == 0 for status, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
