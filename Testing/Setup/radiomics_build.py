"""PyRadiomics, whose packaging does not work by itself on the supported Pythons.

Its newest release cannot be built from its source archive; release 3.0.1 can, if NumPy and setuptools are already
there (it imports them while it is being built) and if two names that Python 3.12 dropped from ``configparser``
still exist. The latter are given back, during the build alone, by a start-up file on the build's own path.
It is optional: nothing but the radiomics features needs it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from Testing.Setup.console import output_of, pip_install, say, succeeds

RELEASE = "3.0.1"
NEEDS = ("numpy", "SimpleITK", "PyWavelets", "pykwalify", "six")
COMPATIBILITY = '''"""Names that the build of PyRadiomics uses and Python 3.12 no longer has."""
import configparser

if not hasattr(configparser, "SafeConfigParser"):
    configparser.SafeConfigParser = configparser.RawConfigParser
    configparser.RawConfigParser.readfp = configparser.RawConfigParser.read_file
'''
IMPORT = "import logging; logging.disable(); from radiomics import featureextractor"


def ensure(python: Path) -> bool:
    """Build PyRadiomics unless it can be imported; return whether it can be used."""
    if _usable(python):
        return True
    say("Building PyRadiomics")
    built, output = _build(python)
    if built and _usable(python):
        return True
    reason = "there is no C compiler or no Python header" if _lacks_compiler(output) else "its build failed"
    say(
        f"PyRadiomics is not available ({reason}); everything except radiomics features works. "
        "On Debian or Ubuntu: sudo apt-get install gcc python3-dev, then make setup FORCE=1"
    )
    return False


def _build(python: Path) -> tuple[bool, str]:
    done, output = output_of(pip_install(python, *NEEDS))
    if not done:
        return False, output
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sitecustomize.py").write_text(COMPATIBILITY, encoding="utf-8")
        command = pip_install(python, "--no-build-isolation", "--no-deps", f"pyradiomics=={RELEASE}", quiet=False)
        return output_of(command, {"PYTHONPATH": folder})


def _usable(python: Path) -> bool:
    return succeeds([python, "-c", IMPORT])


def _lacks_compiler(output: str) -> bool:
    signs = ("Python.h", "command 'cc' failed", "command 'gcc' failed", "No such file or directory: 'gcc'")
    return any(sign in output for sign in signs) or ("gcc" in output and "No such file" in output)
