"""All tests, with one count and one exit status: ``python -m Testing.run_tests [all|pure|host] [--slow]``.

Two pytest sessions, because the tests in SlicerHost run inside Qt's event loop and change PySide6 for their whole
process. Further arguments go to both (for example ``-k NAME -x``).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "out" / "tests"
HOST = "Testing/SlicerHost"
HOST_PLUGIN = "slicerhost.pytest_plugin"
NO_TESTS_COLLECTED = 5


def parse_arguments() -> tuple[argparse.Namespace, list[str]]:
    """Our own arguments, and those for pytest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="?", choices=["all", "pure", "host"], default="all")
    parser.add_argument("--slow", action="store_true", help="only the slow tests")
    return parser.parse_known_args()


def sessions(which: str) -> dict[str, list[str]]:
    """What is particular to each pytest session, by its name; the pure tests are those that pyproject.toml names."""
    chosen = {"pure": [], "host": ["-p", HOST_PLUGIN, *host_folders()]}
    return chosen if which == "all" else {which: chosen[which]}


def host_folders() -> list[str]:
    """Folders of tests for the host: its own, and those whose conftest.py leaves its tests to the host's session."""
    found = [f"{HOST}/tests"]
    for place in ("Testing/Python", "*/Testing/Python"):
        for conftest in sorted(REPOSITORY.glob(f"{place}/*/conftest.py")):
            if HOST_PLUGIN in conftest.read_text(encoding="utf-8"):
                found.append(conftest.parent.relative_to(REPOSITORY).as_posix())
    return found


def run_session(name: str, particular: list[str], slow: bool, arguments: list[str]) -> tuple[int, dict[str, int]]:
    """Run one pytest; its exit status and its counts of passed, failed and skipped tests."""
    report = RESULTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    print(f"== {name} tests", flush=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        *particular,
        "-m",
        "slow" if slow else "not slow",
        f"--junitxml={report}",
    ]
    path = os.pathsep.join(filter(None, [str(REPOSITORY / HOST), os.environ.get("PYTHONPATH", "")]))
    status = subprocess.run([*command, *arguments], cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": path}).returncode
    if status == NO_TESTS_COLLECTED and (slow or arguments):
        status = 0  # a selection may well leave nothing in one of the two
    return status, counts(report)


def counts(report: Path) -> dict[str, int]:
    """Passed, failed and skipped tests of a JUnit report; a session that crashed has none, and counts as failed."""
    if not report.exists():
        return {"passed": 0, "failed": 1, "skipped": 0}
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, skipped = (sum(int(suite.get(key, 0)) for suite in suites) for key in ("tests", "skipped"))
    failed = sum(int(suite.get(key, 0)) for suite in suites for key in ("failures", "errors"))
    return {"passed": total - failed - skipped, "failed": failed, "skipped": skipped}


def main() -> int:
    """Exit status 0 when every session passed, 1 otherwise."""
    options, arguments = parse_arguments()
    RESULTS.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    results = [run_session(name, own, options.slow, arguments) for name, own in sessions(options.which).items()]
    passed, failed, skipped = (sum(count[key] for _, count in results) for key in ("passed", "failed", "skipped"))
    print(f"== all tests, {time.monotonic() - start:.0f} s")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if all(status == 0 for status, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
