"""Set-up installs by itself where it may, and otherwise says the one thing to do."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pip._vendor import tomli

from Testing.Setup import (
    environment,
    interpreter,
    lock,
    packages,
    radiomics_build,
    stamp,
    system_libraries,
    torch_build,
)
from Testing.Setup.console import SetupError

PYTHON = Path("python")
REPOSITORY = Path(__file__).resolve().parents[3]


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


class Terminal(io.StringIO):
    """Standard input with somebody in front of it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "is_installed"), [("y", True), ("Yes", True), ("", False), ("n", False)])
@pytest.mark.parametrize("user", [0, 1000])
def test_nothing_is_installed_before_the_person_at_the_terminal_knows_what_and_agrees(monkeypatch, capsys, user, answer,
                                                                                      is_installed):
    commands = Commands(monkeypatch, system_libraries)
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: user)
    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(system_libraries.sys, "stdin", Terminal())
    told = []
    monkeypatch.setattr("builtins.input", lambda question: told.append(capsys.readouterr().out + question) or answer)
    if is_installed:
        system_libraries.install_or_explain(["libosmesa6"], "Missing.")
    else:
        with pytest.raises(SetupError, match="Nothing was installed"):
            system_libraries.install_or_explain(["libosmesa6"], "Missing.")
    assert "libosmesa6" in told[0] and ("with sudo" in told[0]) == (user != 0)
    assert any("apt-get install" in command for command in commands.ran) == is_installed


def test_sudo_is_not_used_where_nobody_can_be_asked(monkeypatch):
    commands = Commands(monkeypatch, system_libraries)
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(system_libraries.sys, "stdin", io.StringIO())
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(SetupError, match="Nothing was installed"):
        system_libraries.install_or_explain(["libosmesa6"], "Missing.")
    assert not any("apt-get install" in command for command in commands.ran)


@pytest.mark.parametrize(("user", "prefix"), [(0, ""), (1000, "sudo --non-interactive ")])
def test_continuous_integration_need_not_ask(monkeypatch, user, prefix):
    commands = Commands(monkeypatch, system_libraries)
    monkeypatch.setattr(system_libraries.sys, "stdin", io.StringIO())
    monkeypatch.setenv("CI", "1")
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
    assert commands.ran == [f"python -c {torch_build.IS_USABLE}"]


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


@pytest.mark.parametrize(("release", "is_usable"), [("2.9.1+cu128", False), ("2.10.0", True), ("3.0", True)])
def test_a_torch_that_must_not_read_weights_is_replaced(tmp_path, monkeypatch, release, is_usable):
    (tmp_path / "torch.py").write_text(f"__version__ = {release!r}", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    asked = subprocess.run([sys.executable, "-c", torch_build.IS_USABLE], check=False)
    assert (asked.returncode == 0) == is_usable


def test_locked_files_are_installed_by_their_hashes_where_a_lock_fits(monkeypatch, tmp_path, capsys):
    commands = Commands(monkeypatch, lock)
    monkeypatch.setattr(lock, "path_for", lambda python: tmp_path / "cp311-linux.txt")
    assert not lock.install(PYTHON) and commands.ran == []
    assert "No lock for this Python and system (cp311-linux)" in capsys.readouterr().out
    (tmp_path / "cp311-linux.txt").write_text("numpy==2.0 --hash=sha256:00\n")
    assert lock.install(PYTHON) and "--no-deps" in commands.ran[0] and "--require-hashes" in commands.ran[0]
    commands.failing = ("--require-hashes",)
    assert not lock.install(PYTHON)
    assert "cannot be had here" in capsys.readouterr().out


def test_a_lock_holds_wheels_with_hashes_and_no_address():
    def item(name: str, file: str) -> dict:
        download = {"url": f"https://somewhere/{file}", "archive_info": {"hashes": {"sha256": "ab" * 32}}}
        return {"metadata": {"name": name, "version": "1.0"}, "download_info": download}

    lines = lock.locked_lines([item("Zoo", "zoo-1.0-py3-none-any.whl"), item("docopt", "docopt-1.0.tar.gz"),
                               item("attrs", "attrs-1.0-py3-none-any.whl")])
    assert lines == [f"{name}==1.0 --hash=sha256:{'ab' * 32}\n" for name in ("attrs", "zoo")]


def test_every_lock_satisfies_what_the_product_asks_for():
    from pip._vendor.packaging.requirements import Requirement

    project = tomli.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [Requirement(line) for line in [*project["dependencies"], *extras["host"], *extras["development"]]]
    for path in lock.FOLDER.glob("*.txt"):
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        assert all(len(line) == 2 and re.fullmatch("--hash=sha256:[0-9a-f]{64}", line[1]) for line in lines)
        versions = dict(line[0].split("==") for line in lines)
        versions = {name.replace("_", "-"): version for name, version in versions.items()}
        for one in wanted:
            if one.name not in ("torch", "neuro-orbit"):
                assert one.specifier.contains(versions[one.name.lower().replace("_", "-")], prereleases=True), one


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
    names = packages.requirements(Path(sys.executable), repository)
    assert {"torch>=2.10", "monai>=1.5.2"} <= set(names)
    assert "PySide6-Essentials==6.8.3" in names
    assert not any(name.startswith("neuro-orbit") for name in names)


def test_set_up_needs_nothing_but_the_standard_library():
    repository = Path(packages.__file__).parents[2]
    command = [sys.executable, "-S", "-m", "Testing.Setup", "--help"]
    result = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
