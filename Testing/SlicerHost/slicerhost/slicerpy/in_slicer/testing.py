"""How test scripts report their outcome to the application."""
from __future__ import annotations

import sys
import unittest


def exitSuccess() -> None:
    """Do nothing, as the test passed."""


def exitFailure(message: str = "") -> None:
    """End the script with an exception, as the test failed."""
    raise Exception(message)


def runUnitTest(path: str | list[str], testname: str) -> None:
    """Run the tests of a module found in ``path``; an exception says that some failed."""
    sys.path.extend([path] if isinstance(path, str) else path)
    print(f"Running {testname} from {path}")
    suite = unittest.defaultTestLoader.loadTestsFromName(testname)
    if not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful():
        exitFailure()
