"""Packages are asked for at Apply, by the way that the version of Slicer offers."""

from __future__ import annotations

import importlib.util
import sys
from types import SimpleNamespace

import pytest
import slicer

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets import dependencies


@pytest.fixture
def requirements(tmp_path):
    path = tmp_path / "requirements.txt"
    lines = ("# comment", "numpy>=1.20  # reason", "", "surely-not-installed-package>=3", "numpy; python_version < '3'")
    path.write_text("\n".join(lines))
    return path


def hide_torch(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else find(name, *rest))


def test_what_is_missing_is_found_without_importing(requirements):
    wanted = dependencies.read_requirements(requirements)
    assert [str(item) for item in dependencies.missing_packages(wanted)] == ["surely-not-installed-package>=3"]


def test_torch_comes_from_its_extension_after_asking(monkeypatch, tmp_path, slicer_session):
    hide_torch(monkeypatch)
    calls = []
    logic = SimpleNamespace(installTorch=lambda **options: calls.append(options) or object())
    monkeypatch.setitem(sys.modules, "PyTorchUtils", SimpleNamespace(PyTorchUtilsLogic=lambda: logic))
    (tmp_path / "requirements.txt").write_text("numpy\n")
    dependencies.ensure_dependencies(tmp_path / "requirements.txt", "Test")
    assert calls == [{"askConfirmation": True, "torchVersionRequirement": ">=2.2"}]


@pytest.mark.parametrize(("left", "release"), [("nothing but a folder", None), ("all", "1.13.1+cu117"), ("all", None)])
def test_a_torch_that_is_too_old_or_half_removed_is_installed_anew(monkeypatch, tmp_path, slicer_session, left,
                                                                   release):
    folder = tmp_path / "packages"
    (folder / "torch" / "lib").mkdir(parents=True)
    (folder / "torch" / "lib" / "c10.dll").write_bytes(b"in use")
    (folder / "torch-0.dist-info").mkdir()
    if left == "all":
        (folder / "torch" / "__init__.py").write_text("")
    if release:
        facts = f"Metadata-Version: 2.1\nName: torch\nVersion: {release}\n"
        (folder / "torch-0.dist-info" / "METADATA").write_text(facts)
    monkeypatch.setattr(sys, "path", [str(folder), *(place for place in sys.path if "site-packages" not in place)])
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    calls = []
    logic = SimpleNamespace(installTorch=lambda **options: calls.append(options) or object())
    monkeypatch.setitem(sys.modules, "PyTorchUtils", SimpleNamespace(PyTorchUtilsLogic=lambda: logic))
    (tmp_path / "requirements.txt").write_text("")
    dependencies.ensure_dependencies(tmp_path / "requirements.txt", "Test")
    assert len(calls) == 1


def test_a_torch_that_cannot_be_loaded_after_its_installation_says_what_to_do(monkeypatch, requirements,
                                                                              slicer_session):
    find = importlib.util.find_spec

    def install(**_options):
        monkeypatch.setattr(importlib.util, "find_spec", find)
        raise OSError(22, "Error loading c10.dll or one of its dependencies")

    hide_torch(monkeypatch)
    logic = SimpleNamespace(installTorch=install)
    monkeypatch.setitem(sys.modules, "PyTorchUtils", SimpleNamespace(PyTorchUtilsLogic=lambda: logic))
    with pytest.raises(Problem, match=r"c10\.dll.*Restart the application"):
        dependencies.ensure_dependencies(requirements, "Test")


def test_without_a_connection_nothing_says_that_torch_was_installed(monkeypatch, requirements, slicer_session):
    def install(**_options):
        raise OSError("[Errno -3] Temporary failure in name resolution")

    hide_torch(monkeypatch)
    logic = SimpleNamespace(installTorch=install)
    monkeypatch.setitem(sys.modules, "PyTorchUtils", SimpleNamespace(PyTorchUtilsLogic=lambda: logic))
    with pytest.raises(Problem, match="Check the connection to the internet"):
        dependencies.ensure_dependencies(requirements, "Test")


def test_missing_extension_for_torch_says_what_to_install(monkeypatch, requirements, slicer_session):
    hide_torch(monkeypatch)
    monkeypatch.setitem(sys.modules, "PyTorchUtils", None)
    with pytest.raises(Problem, match="Install that extension in the Extensions Manager"):
        dependencies.ensure_dependencies(requirements, "Test")


def test_declining_is_no_fault(monkeypatch, requirements, slicer_session):
    def decline(*_arguments, **_options):
        raise RuntimeError("declined")

    monkeypatch.setattr("slicer.packaging.pip_ensure", decline)
    with pytest.raises(Problem, match="surely-not-installed-package was not installed"):
        dependencies.ensure_dependencies(requirements, "Test")


def test_slicer_without_packaging_asks_and_installs_what_is_missing(monkeypatch, requirements, slicer_session):
    installed, asked = [], []
    monkeypatch.setitem(sys.modules, "slicer.packaging", None)
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text: asked.append(text) or True)
    monkeypatch.setattr(slicer.util, "pip_install", installed.append)
    dependencies.ensure_dependencies(requirements, "Test")
    assert "Test needs these Python packages: surely-not-installed-package" in asked[0]
    assert installed == [["surely-not-installed-package>=3"]]


def test_a_report_as_pdf_asks_for_what_draws_it_and_one_as_web_page_for_nothing(monkeypatch, slicer_session, tmp_path):
    asked = []

    def decline(missing, requester):
        asked.append((requester, [str(requirement) for requirement in missing]))
        raise RuntimeError("declined")

    monkeypatch.setattr("slicer.packaging.pip_ensure", decline)
    monkeypatch.setattr(dependencies, "_is_satisfied", lambda requirement: requirement.name != "matplotlib")
    dependencies.ensure_for_page(tmp_path / "orbits.html")
    assert asked == []
    with pytest.raises(Problem, match="matplotlib was not installed"):
        dependencies.ensure_for_page(tmp_path / "orbits.PDF")
    assert asked == [("The report as PDF", ["matplotlib"])]
