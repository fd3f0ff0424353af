"""SlicerHost as a package of its own."""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pip._vendor import tomli

HOST = Path(__file__).resolve().parents[1]
PROBE = """
import sys

def test_it():
    assert ("slicer" in sys.modules) is {inside}
"""


@pytest.mark.parametrize("inside", [True, False])
def test_option_alone_starts_the_host(tmp_path, inside):
    # pytest_entry: other projects of an environment must not notice that the host is installed
    (tmp_path / "test_probe.py").write_text(PROBE.format(inside=inside))
    options = ["--slicerhost"] if inside else []
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "slicerhost.pytest_entry", *options, tmp_path,
                          "--rootdir", tmp_path, "-p", "no:cacheprovider"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_versions_are_those_that_the_repository_pins():
    # pyproject.toml of the repository, extra `host`: PySide6, slicer-core and VTK move together
    own = tomli.loads((HOST / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    whole = tomli.loads((HOST.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(whole["optional-dependencies"]["host"]) <= set(own)


def test_entry_points_exist():
    project = tomli.loads((HOST / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    targets = [*project["scripts"].values(), *project["entry-points"]["pytest11"].values()]
    for target in targets:
        module, _, name = target.partition(":")
        text = (HOST / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        assert not name or re.search(rf"^def {name}\(", text, re.MULTILINE), target
