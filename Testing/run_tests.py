"""All tests, with one count and one exit status: ``python -m Testing.run_tests [all|pure|host] [--slow]``.

Two pytest sessions, because the tests in SlicerHost run inside Qt's event loop and change PySide6 for their whole
process. They run beside each other where there is more than one core, and the session without a host spreads its files
over the cores where pytest-xdist is installed; the slow tests, which may need all memory, run one after another.
Further arguments go to both sessions (for example ``-k NAME -x``); with ``-s`` or ``--pdb`` nothing runs beside
anything else.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "out" / "tests"
HOST = "Testing/SlicerHost"
HOST_PLUGIN = "slicerhost.pytest_plugin"
NO_TESTS_COLLECTED = 5
#: More processes than this load the networks' libraries more often than they save time.
MOST_WORKERS = 8
#: With these the user talks to the tests, or chooses the number of processes.
ALONE = ("-s", "--capture=no", "--pdb", "-n", "--numprocesses")
THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def parse_arguments() -> tuple[argparse.Namespace, list[str]]:
    """Return our own arguments, and those for pytest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="?", choices=["all", "pure", "host"], default="all")
    parser.add_argument("--slow", action="store_true", help="only the slow tests")
    return parser.parse_known_args()


def sessions(which: str) -> dict[str, list[str]]:
    """Return what is particular to each pytest session; the pure tests are those that pyproject.toml names."""
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


def workers(slow: bool, arguments: Iterable[str]) -> int:
    """Return how many processes share the pure tests; 1 where they must not or cannot be shared."""
    alone = slow or any(argument.split("=")[0] in ALONE for argument in arguments)
    if alone or importlib.util.find_spec("xdist") is None:
        return 1
    return min(cores(), MOST_WORKERS)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def command(name: str, particular: list[str], slow: bool, arguments: list[str]) -> list[str]:
    """Return the call of pytest for a session; files stay whole, so that their module's fixtures are made once."""
    shared = workers(slow, arguments)
    spread = ["-n", str(shared), "--dist", "loadfile"] if name == "pure" and shared > 1 else []
    return [sys.executable, "-m", "pytest", *particular, *spread, "-m", "slow" if slow else "not slow",
            f"--junitxml={report_of(name)}", *arguments]


def environment(slow: bool, arguments: list[str]) -> dict[str, str]:
    """Return the variables of the sessions: one thread each where they share the cores."""
    path = os.pathsep.join(filter(None, [str(REPOSITORY / HOST), os.environ.get("PYTHONPATH", "")]))
    limits = dict.fromkeys(THREAD_LIMITS, "1") if workers(slow, arguments) > 1 else {}
    return {**os.environ, **limits, "PYTHONPATH": path}


def run_sessions(which: str, slow: bool, arguments: list[str]) -> list[tuple[int, dict[str, int]]]:
    """Run the pytest sessions; for each its exit status and its counts of passed, failed and skipped tests."""
    commands = {name: command(name, particular, slow, arguments) for name, particular in sessions(which).items()}
    variables = environment(slow, arguments)
    for name in commands:
        report_of(name).unlink(missing_ok=True)
    statuses = {}
    if len(commands) > 1 and workers(slow, arguments) > 1:
        statuses = run_beside_each_other(commands, variables)
    else:
        for name, call in commands.items():
            print(f"== {name} tests", flush=True)
            statuses[name] = subprocess.run(call, cwd=REPOSITORY, env=variables).returncode
    selected = slow or bool(arguments)  # a selection may well leave nothing in one of the two
    return [(0 if status == NO_TESTS_COLLECTED and selected else status, counts(report_of(name)))
            for name, status in statuses.items()]


def run_beside_each_other(commands: Mapping[str, list[str]], variables: dict[str, str]) -> dict[str, int]:
    """Run the last session beside those before it, and show what it printed when they are done."""
    *shown, quiet = commands
    output = RESULTS / f"{quiet}.log"
    with output.open("wb") as stream:
        beside = subprocess.Popen(commands[quiet], cwd=REPOSITORY, env=variables, stdout=stream,
                                  stderr=subprocess.STDOUT)
        try:
            statuses = {}
            for name in shown:
                print(f"== {name} tests ({quiet} tests beside them)", flush=True)
                statuses[name] = subprocess.run(commands[name], cwd=REPOSITORY, env=variables).returncode
            statuses[quiet] = beside.wait()
        finally:
            if beside.poll() is None:  # the user broke off
                beside.terminate()
                beside.wait()
    print(f"== {quiet} tests", flush=True)
    print(output.read_text(encoding="utf-8", errors="replace"), flush=True)
    return statuses


def report_of(name: str) -> Path:
    """Return where a session writes its JUnit report."""
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
    """Return exit status 0 when every session passed, 1 otherwise."""
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
