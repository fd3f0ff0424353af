"""Run something in the host as Slicer would.

    python -m slicerhost --modules DIR... --script FILE [ARGUMENT...]     like Slicer --python-script
    python -m slicerhost --modules DIR... --test MODULE                   like Slicer's self-tests
    python -m slicerhost --modules DIR... --grab PICTURE [--select MODULE]

The exit status is 0 only if nothing failed and nothing was reported (exceptions in slots, VTK errors, host gaps).
"""
from __future__ import annotations

import argparse
import os
import runpy
import sys
import unittest
from pathlib import Path
from typing import Any

from slicerhost import errors
from slicerhost.session import Session, start

_FAILING_KINDS = ("exception", "vtk error", "gap", "pythonqt")


def main() -> int:
    """Run what the command line asks for and return the exit status."""
    options = _parse()
    session = start()
    session.load_modules(options.modules)
    try:
        succeeded = session.run(lambda: _work(session, options))
    except SystemExit as stop:
        succeeded = not stop.code
    found = errors.problems(*_FAILING_KINDS)
    for problem in found:
        print(f"{problem.kind}: {problem.text}", file=sys.stderr)
    if options.timings:
        print({phase: round(seconds, 3) for phase, seconds in session.timings.items()})
    return 0 if succeeded and not found else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="slicerhost", description=__doc__.splitlines()[0])
    parser.add_argument("--modules", nargs="+", default=[], metavar="DIR", help="folders or files of scripted modules")
    parser.add_argument("--script", nargs=argparse.REMAINDER, metavar="FILE", help="Python script and its arguments")
    parser.add_argument("--test", metavar="MODULE", help="run the module's self-test class <MODULE>Test")
    parser.add_argument("--select", metavar="MODULE", help="show the module")
    parser.add_argument("--grab", metavar="PICTURE", help="save a picture of the main window at the end")
    parser.add_argument("--timings", action="store_true", help="print how long the start took")
    return parser.parse_args()


def _work(session: Session, options: argparse.Namespace) -> bool:
    succeeded = True
    if options.select:
        session.select(options.select)
    if options.script:
        sys.argv = options.script
        sys.path.insert(0, str(Path(options.script[0]).parent))
        runpy.run_path(options.script[0], run_name="__main__")
    if options.test:
        succeeded = _run_self_test(options.test)
    if options.grab:
        session.grab(options.grab)
    return succeeded


def _run_self_test(name: str) -> bool:
    """Run <name>Test.runTest(), as the Reload and Test button does."""
    test_class: Any = getattr(sys.modules[name], name + "Test")
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite([test_class("runTest")]))
    return result.wasSuccessful()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # static destructors of Qt and VTK run in an undefined order
