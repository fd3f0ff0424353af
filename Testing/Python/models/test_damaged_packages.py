"""Hostile and damaged packages are told, cost no memory, hide no other one and never take another's name unseen."""

from __future__ import annotations

import os
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from NeuroOrbitLib.files import replacing
from NeuroOrbitLib.models import (
    ModelPackage,
    ModelProblem,
    find_package,
    passed_over,
    take_inventory,
    write_manifest,
    write_package,
)
from NeuroOrbitLib.models import manifest as manifest_module
from NeuroOrbitLib.models.limits import ARGUMENT
from NeuroOrbitLib.models.networks import build_from
from NeuroOrbitLib.models.replacing import set_aside_path
from NeuroOrbitLib.models.torch_release import reads_safely
from Testing.Attack.package_damage import UNUSABLE, damaged_copies
from Testing.Python.models.test_model_packages import FACTS, edit_metadata, network, with_torch_weights
from Testing.Python.test_safe_files import HeldByWindows


@pytest.fixture
def package(tmp_path) -> ModelPackage:
    return write_package(tmp_path / "packages" / "test-model", network().state_dict(), FACTS)


@pytest.mark.parametrize("damage", UNUSABLE)
def test_a_damaged_package_is_told_without_taking_memory_and_hides_no_other(package, damage):
    good = write_package(package.folder.parent / "zz-good", network().state_dict(), replace(FACTS, name="zz-good"))
    UNUSABLE[damage](package.folder)
    tracemalloc.start()
    try:
        with pytest.raises(ModelProblem):
            ModelPackage.open(package.folder).load_state_dict()
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 64 << 20
    inventory = take_inventory([package.folder.parent])
    assert good in inventory.packages
    assert package.name in [p.name for p in inventory.packages] or any(
        str(package.folder) in str(problem) for problem in inventory.problems)


def test_no_seeded_damage_of_weights_or_description_is_loaded_as_if_nothing_were(package):
    for path in (package.weights_path, package.folder / "configs/metadata.json"):
        content = path.read_bytes()
        for kind, damaged in damaged_copies(content, 60, seed=16):
            path.write_bytes(damaged)
            try:
                opened = ModelPackage.open(package.folder)
                weights = opened.load_state_dict()
            except ModelProblem:
                continue
            assert path != package.weights_path, f"{kind} weights were loaded"
            expected = network().state_dict()
            assert all(torch.equal(weights[name], expected[name]) for name in expected)
        path.write_bytes(content)


class Died(BaseException):
    """Stands for a process that ends at this very place."""


@pytest.mark.parametrize("error", [OSError("no space left"), Died()], ids=["fault", "death"])
@pytest.mark.parametrize("place", range(1, 6))
def test_a_package_survives_a_fault_at_every_rename(package, monkeypatch, place, error):
    renames, real = [], os.replace

    def rename(folder: Path, target: Path) -> None:
        renames.append(folder)
        if len(renames) == place or (isinstance(error, Died) and len(renames) > place):
            raise error
        real(folder, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", rename)
        try:
            write_package(package.folder, {"w": torch.ones(2)}, replace(FACTS, version="2.0.0"))
            failed = False
        except (ModelProblem, Died):
            failed = True
    (kept,) = [one for one in take_inventory([package.folder.parent]).packages if one.name == "test-model"]
    kept.load_state_dict()
    assert kept.folder == package.folder and kept.version == ("1.2.0" if failed else "2.0.0")
    assert failed == (place <= 2)


def test_a_package_that_a_virus_scanner_looks_into_for_a_moment_is_replaced(package, monkeypatch):
    held = HeldByWindows(2, 5)
    monkeypatch.setattr(replacing, "_PAUSES", (0.0,) * 5)
    monkeypatch.setattr(os, "replace", held)
    write_package(package.folder, network().state_dict(), replace(FACTS, version="2.0.0"))
    assert ModelPackage.open(package.folder).version == "2.0.0" and held.asked > 2


def test_an_interrupted_replacement_is_brought_back_by_whoever_looks_first(package):
    folder, aside = package.folder, set_aside_path(package.folder)
    folder.rename(aside)
    assert ModelPackage.open(folder) == package and not aside.exists()
    folder.rename(aside)
    assert package in take_inventory([folder.parent]).packages
    folder.rename(aside)
    newer = write_package(folder, network().state_dict(), replace(FACTS, version="2.0.0"))
    assert newer.version == "2.0.0" and [path.name for path in folder.parent.iterdir()] == ["test-model"]


def test_what_a_dead_process_left_unfinished_is_not_offered(package):
    unfinished = package.folder.parent / ".test-model-x1y2"
    package.folder.rename(unfinished)
    assert take_inventory([unfinished.parent]).packages == take_inventory().packages


def test_a_disk_that_writes_other_bytes_leaves_the_old_package(package, monkeypatch):
    import NeuroOrbitLib.models.writing as writing

    real = writing.write_weights
    monkeypatch.setattr(writing, "write_weights",
                        lambda weights, path, half: real({k: v + 1 for k, v in weights.items()}, path, half))
    with pytest.raises(ModelProblem, match="could not be written"):
        write_package(package.folder, network().state_dict(), replace(FACTS, version="2.0.0"))
    assert ModelPackage.open(package.folder).version == "1.2.0"


def test_replacing_the_package_in_the_folder_one_works_in_leaves_one_there(package, monkeypatch):
    monkeypatch.chdir(package.folder)
    write_package(".", network().state_dict(), replace(FACTS, version="2.0.0"))
    assert Path.cwd() == package.folder and ModelPackage.open(".").version == "2.0.0"


def test_a_package_of_the_user_never_takes_the_name_of_one_of_the_extension(package, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    own = write_package(shipped / "test-model", network(4).state_dict(), replace(FACTS, version="5.0.0"))
    write_manifest(shipped)
    monkeypatch.setattr(manifest_module, "resource_path", lambda *parts: shipped / parts[-1])
    inventory = take_inventory([package.folder.parent])
    assert inventory.packages == (own,) and find_package("test-model", [package.folder.parent]) == own
    (told,) = inventory.problems
    assert str(package.folder) in str(told) and "comes with the extension" in str(told)
    assert passed_over("test-model", [package.folder.parent]) == [str(told)]
    assert find_package(package.folder).version == "1.2.0"


def test_a_package_of_the_extension_that_the_environment_replaces_is_told(package, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    own = write_package(shipped / "test-model", network(4).state_dict(), replace(FACTS, version="5.0.0"))
    write_manifest(shipped)
    monkeypatch.setattr(manifest_module, "resource_path", lambda *parts: shipped / parts[-1])
    monkeypatch.setenv("NEUROORBIT_MODELS", str(package.folder.parent))
    assert find_package("test-model") == package
    (told,) = passed_over("test-model")
    assert str(own.folder) in told and str(package.folder) in told


def test_a_copy_of_a_package_of_the_extension_is_no_conflict(package, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    own = write_package(shipped / "test-model", network().state_dict(), FACTS)
    write_manifest(shipped)
    monkeypatch.setattr(manifest_module, "resource_path", lambda *parts: shipped / parts[-1])
    assert take_inventory([package.folder.parent]) == manifest_module.Inventory((own,), ())


def test_a_folder_with_the_name_of_a_model_counts_only_as_a_path(package, monkeypatch, tmp_path):
    name = take_inventory().packages[0].name
    write_package(tmp_path / name, network().state_dict(), FACTS)
    monkeypatch.chdir(tmp_path)
    assert find_package(name).folder.parent.name == "Models"
    assert find_package(os.path.join(".", name)).name == "test-model"


def test_a_damaged_list_of_the_extension_hides_no_package_of_the_user(package, tmp_path, monkeypatch):
    (tmp_path / "manifest.json").write_text('{"packages": [{"name": 1}]}')
    monkeypatch.setattr(manifest_module, "resource_path", lambda *parts: tmp_path / parts[-1])
    inventory = take_inventory([package.folder])
    assert inventory.packages == (package,) and "list of models is damaged" in str(inventory.problems[0])


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs permissions that count")
def test_a_folder_that_may_not_be_read_is_told(package, tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    inventory = take_inventory([tmp_path / "closed", package.folder])
    assert package in inventory.packages and any("closed" in str(problem) for problem in inventory.problems)


def test_a_network_is_only_built_if_the_weights_fit_it(package):
    built = []

    def build(width: int) -> torch.nn.Module:
        layer = torch.nn.Linear(width, 2)
        built.append(layer.weight.device.type)
        return torch.nn.Sequential(layer, torch.nn.BatchNorm1d(2))

    assert not build_from(package, build).training and built == ["meta", "cpu"]
    edit_metadata(package, network={"name": "linear", "arguments": {"width": ARGUMENT}})
    built.clear()
    with pytest.raises(ModelProblem, match="do not fit its network linear"):
        build_from(ModelPackage.open(package.folder), build)
    assert built == ["meta"]


def test_a_torch_file_that_shows_one_number_as_many_is_refused(package):
    path = package.folder / "models/model.pt"
    torch.save({"w": torch.ones(1, dtype=torch.float16).expand(10**9)}, path)
    with pytest.raises(ModelProblem, match="announces 1000000000 numbers"):
        with_torch_weights(package, path).load_state_dict()


def test_an_older_pytorch_reads_no_files_of_its_own_kind(package, monkeypatch):
    path = package.folder / "models/model.pt"
    torch.save(network().state_dict(), path)
    monkeypatch.setattr(torch, "__version__", "2.9.1+cu128")
    with pytest.raises(ModelProblem, match=r"not safe with PyTorch 2\.9\.1.*2\.10 or newer"):
        with_torch_weights(package, path).load_state_dict()
    safe = {"2.10.0": True, "2.13.0+cpu": True, "3.0": True, "2.9.9": False, "2.5.1+cu121": False, "unknown": False}
    assert {release: reads_safely(release) for release in safe} == safe
