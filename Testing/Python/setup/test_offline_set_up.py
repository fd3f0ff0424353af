"""Set-up on a machine without the Internet, from a folder of wheels."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from Testing.Setup import console, torch_build, wheels
from Testing.Setup.console import SetupError

PYTHON = Path(sys.executable)


@pytest.fixture(autouse=True)
def own_settings_of_pip(monkeypatch):
    """No setting of this machine's pip leads to an index or another folder, and none of the tests' stays."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, "")


def folder_with_wheel(place: Path) -> Path:
    """A folder as hospitals have them: with spaces and umlauts, and one wheel in it."""
    folder = place / "Räder für die Klinik"
    folder.mkdir()
    with zipfile.ZipFile(folder / "neuroorbit_probe-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("neuroorbit_probe.py", "ANSWER = 42\n")
        info = "neuroorbit_probe-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: neuroorbit-probe\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
                                          "Tag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "neuroorbit_probe.py,,\n")
    return folder


def test_packages_come_from_the_folder_alone(tmp_path, monkeypatch):
    wheels.use(folder_with_wheel(tmp_path))
    target = tmp_path / "Umgebung für Tests"
    done, output = console.output_of(console.pip_install(PYTHON, "--target", target, "neuroorbit-probe"))
    assert done and (target / "neuroorbit_probe.py").is_file(), output


def test_what_the_folder_lacks_is_not_asked_of_the_internet(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # whoever asks it waits and fails
    wheels.use(folder_with_wheel(tmp_path))
    command = console.pip_install(PYTHON, "--target", tmp_path / "t", "neuroorbit-missing", quiet=False)
    done, output = console.output_of(command)
    assert not done and "No matching distribution found for neuroorbit-missing" in output
    assert "127.0.0.1" not in output


def test_a_folder_without_wheels_is_refused_with_what_to_do(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(SetupError, match="make wheels INTO=folder"):
            wheels.use(folder)
    assert not console.is_offline()


def test_torch_is_not_looked_for_on_the_internet(tmp_path, monkeypatch):
    wheels.use(folder_with_wheel(tmp_path))
    ran = []
    monkeypatch.setattr(torch_build, "succeeds", lambda command: False)
    monkeypatch.setattr(torch_build, "run", lambda command: bool(ran.append(" ".join(map(str, command)))) or True)
    monkeypatch.setattr(torch_build, "_reachable", lambda address: pytest.fail("looked for an index"))
    torch_build.ensure(PYTHON)
    assert len(ran) == 1 and f"torch=={torch_build.RELEASE}" in ran[0] and "--index-url" not in ran[0]


def test_the_folder_is_filled_with_build_tools_torch_and_all_that_is_locked(tmp_path, monkeypatch):
    ran = []

    def succeeding(command, extra_environment=None):
        ran.append(" ".join(map(str, command)))
        return True

    monkeypatch.setattr(wheels, "succeeds", succeeding)
    monkeypatch.setattr(wheels, "run", succeeding)
    monkeypatch.setattr(wheels, "output_of", lambda command, extra=None: (succeeding(command), ""))
    lock = tmp_path / "lock.txt"
    lock.write_text("numpy==2.0 --hash=sha256:0\n")
    monkeypatch.setattr(wheels.lock, "path_for", lambda python: lock)
    wheels.collect(PYTHON, tmp_path, tmp_path / "wheels")
    assert all(str(tmp_path / "wheels") in command for command in ran)
    for part in ("setuptools>=77", f"torch=={torch_build.RELEASE}", f"--require-hashes --requirement {lock}",
                 "pyradiomics==", "docopt"):
        assert any(part in command for command in ran), part


def test_without_a_lock_the_folder_is_filled_with_what_the_product_requires(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(wheels, "succeeds", lambda command, extra=None: True)
    monkeypatch.setattr(wheels, "output_of", lambda command, extra=None: (bool(ran.append(list(map(str, command))))
                                                                           or True, ""))
    monkeypatch.setattr(wheels.lock, "path_for", lambda python: tmp_path / "none.txt")
    monkeypatch.setattr(wheels.packages, "requirements", lambda python, repository: ["numpy>=1.26", "scipy>=1.11"])
    wheels.collect(PYTHON, tmp_path, tmp_path / "wheels")
    assert any(command[-2:] == ["numpy>=1.26", "scipy>=1.11"] for command in ran)
