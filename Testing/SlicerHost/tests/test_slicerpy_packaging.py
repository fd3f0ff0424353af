"""Package management, with the recording installer in the place of pip.

Justification: Slicer's Base/Python/slicer/packaging.py and its test test_slicer_packaging.py; the installer is the
host's own, so that no test changes the environment.
"""
from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
import slicer
import slicer.packaging
from slicerhost import errors
from slicerhost.slicerpy import pip_installer

MISSING = "orbit-package-that-nobody-has"


@pytest.fixture
def pip():
    """The installer that stands for pip during the test."""
    door = pip_installer.install()
    before, door.installer = door.installer, pip_installer.RecordingInstaller()
    yield door.installer
    door.installer.close()
    door.installer = before


def test_requirements_file_without_comments_and_options(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("# needed\n\nnumpy>=1\n-r other.txt\n--index-url x\nscipy; python_version > '3'\n")
    assert [str(requirement) for requirement in slicer.packaging.load_requirements(path)] == [
        "numpy>=1", 'scipy; python_version > "3"']


def test_dependencies_of_a_project_file(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\ndependencies = ["numpy>=1"]\n')
    assert [requirement.name for requirement in slicer.packaging.load_pyproject_dependencies(path)] == ["numpy"]
    path.write_text("[tool.x]\n")
    with pytest.raises(KeyError):
        slicer.packaging.load_pyproject_dependencies(path)


@pytest.mark.parametrize(("requirement", "satisfied"), [
    ("numpy", True), ("numpy>=1 vtk", True), ("numpy<1", False), (MISSING, False), ([], True),
    (f"{MISSING}; sys_platform == 'orbit'", True), (["numpy", MISSING], False),
])
def test_check_looks_at_what_is_installed(requirement, satisfied):
    assert slicer.packaging.pip_check(requirement) is satisfied


def test_ensure_installs_nothing_in_testing_mode(pip, slicer_session):
    with slicer_session.testing_enabled(True):
        assert slicer.packaging.pip_ensure(MISSING) is None
    assert pip.calls == []


def test_ensure_installs_what_is_missing(pip, slicer_session, tmp_path):
    with slicer_session.testing_enabled(True):
        slicer.packaging.pip_ensure([f"{MISSING}>=2", "numpy"], constraints=tmp_path / "c.txt", prompt_install=False,
                                    skip_in_testing=False)
    assert pip.calls == [["install", f"{MISSING}>=2", "-c", str(tmp_path / "c.txt")]]
    assert slicer.packaging.pip_check(f"{MISSING}>=2")


def test_ensure_asks_and_takes_no_for_an_answer(pip, slicer_session, monkeypatch):
    asked = []
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text, title, **kw: asked.append((title, kw)))
    with slicer_session.testing_enabled(False), pytest.raises(RuntimeError, match="declined"):
        slicer.packaging.pip_ensure(MISSING, requester="Orbit")
    assert asked == [("Orbit - Install Python Packages", {"detailedText": f"- {MISSING}"})]
    assert pip.calls == []


def test_failed_installation_is_an_exception(pip, slicer_session):
    pip.exitStatus = 1
    with slicer_session.testing_enabled(True), pytest.raises(subprocess.CalledProcessError):
        slicer.util.pip_install(MISSING)


def test_dialog_shows_the_output_while_pip_works(pip, slicer_session):
    with slicer_session.testing_enabled(False):
        slicer.packaging.pip_install(MISSING, requester="Orbit")
    dialog = slicer.packaging._PipProgressDialog._shared
    assert f"pip install {MISSING}" in dialog.getFullLog()
    assert dialog._dialog.windowTitle == "Orbit - Installing Python Packages"
    dialog.hideNow()
    errors.take("dialog")  # it is modal, and nobody was to answer it


def test_packages_without_dependencies_come_first(pip, slicer_session):
    with slicer_session.testing_enabled(True):
        slicer.packaging.pip_install("a b", no_deps_requirements="c==1")
    assert pip.calls == [["install", "c==1", "--no-deps"], ["install", "a", "b"]]


def test_background_installation_reports_its_end(pip, slicer_session):
    done = []
    with slicer_session.testing_enabled(False):
        slicer.packaging.pip_install("a", blocking=False, show_progress=False, completedCallback=done.append,
                                     logCallback=lambda line: None)
        assert slicer.packaging.isPipInstallInProgress() and done == []
        slicer_session.process_events()
    assert done == [0] and not slicer.packaging.isPipInstallInProgress()


def test_skipped_packages_are_reported_and_not_installed(pip, slicer_session, monkeypatch):
    dependencies = {"orbit-tool": ["torch>=2", "orbit-base", "orbit-extra; extra == 'x'"], "orbit-base": ["torch"]}
    monkeypatch.setattr("importlib.metadata.requires", lambda name: dependencies.get(name, []))
    with slicer_session.testing_enabled(True):
        skipped = slicer.packaging.pip_install("orbit-tool", skip_packages=["Torch"])
    assert skipped == ["torch>=2"]
    assert [call[1] for call in pip.calls] == ["orbit-tool", "orbit-base"]


@pytest.mark.parametrize("wrong", [{"blocking": False}, {"no_deps_requirements": "x"}])
def test_arguments_that_exclude_each_other(pip, wrong):
    with pytest.raises(ValueError):
        slicer.packaging.pip_install("a", skip_packages=["b"], **wrong)


def test_uninstalled_package_is_gone(pip, slicer_session):
    with slicer_session.testing_enabled(True):
        slicer.packaging.pip_install(MISSING)
        slicer.packaging.pip_uninstall(MISSING)
    assert not slicer.packaging.pip_check(MISSING)
    assert pip.calls[-1] == ["uninstall", MISSING, "--yes"]


def test_python_slicer_runs_this_python():
    executable = shutil.which("PythonSlicer")
    output = subprocess.run([executable, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True,
                            check=True)
    assert output.stdout.strip() == sys.prefix
