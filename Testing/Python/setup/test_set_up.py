"""Set-up installs by itself where it may, and otherwise says the one thing to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from Testing.Setup import environment, interpreter, packages, radiomics_build, stamp, system_libraries, torch_build
from Testing.Setup.console import SetupError

PYTHON = Path("python")


class Commands:
    """Stands in for the console: remembers commands, and lets those fail that contain one of ``failing``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module, failing: tuple[str, ...] = ()) -> None:
        self.ran: list[str] = []
        self.failing = failing
        for name in ("run", "succeeds"):
            monkeypatch.setattr(module, name, self, raising=False)
        monkeypatch.setattr(module, "output_of", lambda command, extra=None: (self(command), ""), raising=False)

    def __call__(self, command, extra_environment=None) -> bool:
        text = " ".join(str(part) for part in command)
        self.ran.append(text)
        return not any(part in text for part in self.failing)


def test_a_user_who_may_not_install_is_told_the_one_command(monkeypatch):
    commands = Commands(monkeypatch, system_libraries, failing=("sudo",))
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: f"/usr/bin/{name}")

    with pytest.raises(SetupError, match=r"sudo apt-get install --yes libosmesa6 libegl1"):
        system_libraries.install_or_explain(["libosmesa6", "libegl1"], "Missing.")

    assert not any("apt-get" in command for command in commands.ran)


@pytest.mark.parametrize(("user", "prefix"), [(0, ""), (1000, "sudo --non-interactive ")])
def test_who_may_install_need_not_ask(monkeypatch, user, prefix):
    commands = Commands(monkeypatch, system_libraries)
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: user)
    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: f"/usr/bin/{name}")

    system_libraries.install_or_explain(["libosmesa6"], "Missing.")

    install = next(command for command in commands.ran if "apt-get install" in command)
    assert install.startswith(prefix + "env DEBIAN_FRONTEND=noninteractive")
    assert install.endswith("libosmesa6")


def test_another_system_is_told_the_libraries(monkeypatch):
    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: None)
    with pytest.raises(SetupError, match="what Debian calls libosmesa6 with this system's package manager"):
        system_libraries.install_or_explain(["libosmesa6"], "Missing.")


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ({"libosmesa6"}, "libosmesa6"),
        ({"libosmesa6t64", "libgl1-mesa-dri"}, "libosmesa6t64"),
        ({"libgl1-mesa-dri"}, "libgl1-mesa-dri"),
        (set(), "libosmesa6"),
    ],
)
def test_a_package_is_asked_for_by_its_name_on_this_release(monkeypatch, known, name):
    monkeypatch.setattr(system_libraries, "_can_be_installed", lambda package: package in known)
    assert system_libraries._name_here("libosmesa6") == name


def test_nothing_is_missing_on_a_machine_that_runs_these_tests_headless():
    if sys.platform.startswith("linux"):
        assert system_libraries.missing_packages() == []


def test_an_installed_torch_is_left_as_it_is(monkeypatch):
    commands = Commands(monkeypatch, torch_build)
    torch_build.ensure(PYTHON)
    assert commands.ran == ["python -c import torch"]


def test_builds_of_torch_without_cuda_come_first(monkeypatch):
    commands = Commands(monkeypatch, torch_build, failing=("import torch", "+cpu"))
    monkeypatch.setattr(torch_build, "_reachable", lambda address: True)
    torch_build.ensure(PYTHON)
    assert commands.ran[-1].endswith(f"torch=={torch_build.RELEASE} --index-url {torch_build.CPU_BUILDS}")


def test_without_any_torch_the_user_is_told_how_to_install_it(monkeypatch):
    Commands(monkeypatch, torch_build, failing=("torch",))
    monkeypatch.setattr(torch_build, "_reachable", lambda address: False)
    with pytest.raises(SetupError, match="python -m pip install torch"):
        torch_build.ensure(PYTHON)


def test_pyradiomics_that_cannot_be_built_does_not_stop_set_up(monkeypatch, capsys):
    Commands(monkeypatch, radiomics_build, failing=("radiomics",))
    assert radiomics_build.ensure(PYTHON) is False
    said = capsys.readouterr().out
    assert said.count("\n") == 2  # what is being done, and one line that it failed
    assert "everything except radiomics features works" in said


def test_python_is_chosen_from_those_that_have_all_packages(monkeypatch):
    versions = {"python3.13": "", "python3.12": "3.12"}  # a placeholder that does not start, and a real one
    monkeypatch.setattr(interpreter.sys, "version_info", (3, 14))
    monkeypatch.setattr(interpreter.shutil, "which", lambda name: name if name in versions else None)
    monkeypatch.setattr(interpreter, "version_of", lambda python: versions[python])
    assert interpreter.find() == "python3.12"

    versions.clear()
    with pytest.raises(SetupError, match=r"Python 3\.10 to 3\.13 is needed, and this is Python 3\.14"):
        interpreter.find()


def test_a_folder_that_is_no_environment_is_not_removed(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(SetupError, match="exists and is not a Python environment"):
        environment.ensure(tmp_path, sys.executable)
    assert (tmp_path / "letter.txt").exists()


def test_set_up_is_done_again_only_when_what_decides_it_changes(tmp_path):
    (tmp_path / "Testing/Setup").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("a")
    before = stamp.fingerprint(tmp_path, without_torch=False)
    stamp.write(tmp_path, before)
    assert stamp.is_current(tmp_path, before)

    (tmp_path / "pyproject.toml").write_text("b")
    assert not stamp.is_current(tmp_path, stamp.fingerprint(tmp_path, without_torch=False))
    assert not stamp.is_current(tmp_path / "other", before)


def test_every_requirement_is_read_from_pyproject():
    repository = Path(packages.__file__).parents[2]
    names = packages._requirements(Path(sys.executable), repository)
    assert "torch>=2.2" in names
    assert "PySide6-Essentials==6.8.3" in names
    assert not any(name.startswith("neuro-orbit") for name in names)


def test_set_up_needs_nothing_but_the_standard_library():
    repository = Path(packages.__file__).parents[2]
    command = [sys.executable, "-S", "-m", "Testing.Setup", "--help"]
    result = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
