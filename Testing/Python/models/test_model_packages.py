"""Model packages: what is written is what is read, and nothing foreign, damaged or changed is ever loaded."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from NeuroOrbitLib.models import (
    ModelFacts,
    ModelPackage,
    ModelProblem,
    available_packages,
    find_package,
    take_inventory,
    write_manifest,
    write_package,
)
from NeuroOrbitLib.models import manifest as manifest_module
from NeuroOrbitLib.research_use import RESEARCH_USE
from NeuroOrbitLib.resources import resource_path

REPOSITORY = Path(__file__).resolve().parents[3]
FACTS = ModelFacts(
    name="test-model",
    version="1.2.0",
    title="A small model",
    modality="CT",
    labels=("background", "eyeball"),
    training_data="synthetic: random numbers",
    license="Apache-2.0",
    network="linear",
    network_arguments={"width": 3},
    settings={"spacing_mm": 1.25},
    calibration={"temperature": 1.5, "fitted_on": "phantoms"},
    performance={"Dice of the eyeball on phantoms": 0.9512},
)


def network(width: int = 3) -> torch.nn.Module:
    torch.manual_seed(width)
    return torch.nn.Sequential(torch.nn.Linear(width, 2), torch.nn.BatchNorm1d(2))


@pytest.fixture
def package(tmp_path) -> ModelPackage:
    return write_package(tmp_path / "packages" / "test-model", network().state_dict(), FACTS)


def edit_metadata(package: ModelPackage, **changes: object) -> None:
    path = package.folder / "configs/metadata.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["neuro_orbit"].update(changes)
    path.write_text(json.dumps(content), encoding="utf-8")


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return (os.mkdir, (str(self.target),))


def with_torch_weights(package: ModelPackage, path: Path) -> ModelPackage:
    """The package as its author would publish it with this ``.pt`` file."""
    from NeuroOrbitLib.models.weights import file_sha256

    weights = {"file": "models/model.pt", "sha256": file_sha256(path), "size": path.stat().st_size}
    edit_metadata(package, weights=weights)
    return ModelPackage.open(package.folder)


def test_what_is_written_is_read_back(package):
    opened = ModelPackage.open(package.folder)
    assert opened.facts == FACTS and opened == package
    restored = opened.load_into(torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)))
    for name, tensor in network().state_dict().items():
        assert torch.equal(restored.state_dict()[name], tensor)
    assert not restored.training


def test_half_precision_halves_the_file_and_comes_back_as_single(tmp_path):
    weights = {"w": torch.randn(100, 100), "count": torch.tensor(7)}
    full = write_package(tmp_path / "full", weights, FACTS)
    half = write_package(tmp_path / "half", weights, FACTS, half=True)
    assert half.size < 0.6 * full.size
    read = half.load_state_dict()
    assert read["w"].dtype == torch.float32 and torch.allclose(read["w"], weights["w"], atol=2e-3)
    assert read["count"].dtype == torch.int64 and read["count"] == 7


def test_the_layout_is_that_of_a_monai_bundle(package):
    metadata = json.loads((package.folder / "configs/metadata.json").read_text(encoding="utf-8"))
    for key in ("version", "monai_version", "pytorch_version", "numpy_version", "task", "network_data_format"):
        assert key in metadata
    assert metadata["network_data_format"]["outputs"]["pred"]["channel_def"] == {"0": "background", "1": "eyeball"}


def test_the_card_says_what_a_user_must_know(package):
    card = (package.folder / "docs/README.md").read_text(encoding="utf-8")
    for words in (RESEARCH_USE, "synthetic images only", package.sha256, "0.951", "Apache-2.0", "temperature 1.5"):
        assert words in card
    assert package.facts.is_synthetic
    assert not replace(FACTS, training_data="97 patients").is_synthetic


@pytest.mark.parametrize("damage", ["changed", "cut", "missing"])
def test_damaged_weights_are_refused(package, damage):
    content = bytearray(package.weights_path.read_bytes())
    content[-1] ^= 1
    if damage == "missing":
        package.weights_path.unlink()
    else:
        package.weights_path.write_bytes(bytes(content) if damage == "changed" else bytes(content[:-5]))
    with pytest.raises(ModelProblem, match=r"missing|damaged or was changed"):
        package.load_state_dict()


def test_a_pickle_with_code_is_refused_and_its_code_never_runs(package, tmp_path):
    target = tmp_path / "exploded"
    path = package.folder / "models/model.pt"
    for content in ({"w": Bomb(target)}, Bomb(target)):
        torch.save(content, path)
        with pytest.raises(ModelProblem, match="foreign code"):
            with_torch_weights(package, path).load_state_dict()
        path.write_bytes(pickle.dumps(content, protocol=2))
        with pytest.raises(ModelProblem, match="foreign code"):
            with_torch_weights(package, path).load_state_dict()
    assert not target.exists()


def test_a_plain_torch_file_is_read(package):
    path = package.folder / "models/model.pt"
    torch.save(network().state_dict(), path)
    assert set(with_torch_weights(package, path).load_state_dict()) == set(network().state_dict())


def test_a_torch_file_that_is_no_list_of_weights_is_refused(package):
    path = package.folder / "models/model.pt"
    torch.save({"epoch": 3, "weights": {"w": torch.zeros(1)}}, path)
    with pytest.raises(ModelProblem, match="not a list of weights"):
        with_torch_weights(package, path).load_state_dict()


def test_a_damaged_safetensors_file_with_a_matching_hash_is_refused(package):
    from NeuroOrbitLib.models.weights import file_sha256

    package.weights_path.write_bytes(b"not weights at all")
    weights = {"file": "models/model.safetensors", "size": 18, "sha256": file_sha256(package.weights_path)}
    edit_metadata(package, weights=weights)
    with pytest.raises(ModelProblem, match="cannot be read"):
        ModelPackage.open(package.folder).load_state_dict()


@pytest.mark.parametrize(
    ("file", "words"), [("../../secret.safetensors", "outside of it"), ("models/model.pkl", "not in a safe format")]
)
def test_weights_lie_inside_the_package_and_are_of_a_safe_kind(package, file, words):
    edit_metadata(package, weights={"file": file, "sha256": "0" * 64, "size": 1})
    with pytest.raises(ModelProblem, match=words):
        ModelPackage.open(package.folder)


def test_weights_of_another_network_are_refused(package):
    with pytest.raises(ModelProblem, match="do not fit its network linear"):
        package.load_into(network(width=4))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"version": "1"}', "not one for this extension"),
        ('{"neuro_orbit": {"name": "x"}}', "completely"),
    ],
)
def test_foreign_or_damaged_descriptions_are_refused(package, text, words):
    (package.folder / "configs/metadata.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelProblem, match=words):
        ModelPackage.open(package.folder)


@pytest.mark.parametrize("key", ["settings", "calibration", "performance", "documents"])
@pytest.mark.parametrize("value", [None, [], "text"])
def test_parts_of_a_description_that_are_no_tables_are_told_when_it_is_opened(package, key, value):
    edit_metadata(package, **{key: value})
    with pytest.raises(ModelProblem, match=f"completely.*its {key} must be a table.*Install the model again"):
        ModelPackage.open(package.folder)
    assert any(f"its {key}" in str(problem) for problem in take_inventory([package.folder]).problems)


def test_parts_of_a_description_may_be_left_out(package):
    path = package.folder / "configs/metadata.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for key in ("settings", "calibration", "performance", "documents"):
        del content["neuro_orbit"][key]
    path.write_text(json.dumps(content), encoding="utf-8")
    opened = ModelPackage.open(package.folder)
    assert (opened.facts.settings, opened.facts.calibration, opened.facts.performance) == ({}, {}, {})


def test_a_name_that_is_no_name_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ModelProblem, match="small letters"):
        write_package(tmp_path / "x", network().state_dict(), replace(FACTS, name="My Model"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["data", "data/scan.nii.gz"])
def test_a_package_never_replaces_anything_but_a_package(tmp_path, place):
    scan = tmp_path / "data" / "scan.nii.gz"
    scan.parent.mkdir()
    scan.write_bytes(b"voxels")
    with pytest.raises(ModelProblem, match="Choose a new folder"):
        write_package(tmp_path / place, network().state_dict(), FACTS)
    assert scan.read_bytes() == b"voxels" and list(tmp_path.rglob("*")) == [scan.parent, scan]


def test_a_package_of_another_tool_is_not_replaced(tmp_path):
    (tmp_path / "bundle" / "configs").mkdir(parents=True)
    (tmp_path / "bundle" / "configs" / "metadata.json").write_text('{"monai_version": "1.4.0"}')
    with pytest.raises(ModelProblem, match="Choose a new folder"):
        write_package(tmp_path / "bundle", network().state_dict(), FACTS)


def test_files_that_lie_beside_the_parts_of_a_package_stay(package):
    (package.folder / "notes.txt").write_text("ours")
    (package.folder / "docs" / "old.md").write_text("of the version before")
    write_package(package.folder, network().state_dict(), replace(FACTS, version="2.0.0"))
    assert ModelPackage.open(package.folder).version == "2.0.0"
    assert (package.folder / "notes.txt").read_text() == "ours" and not (package.folder / "docs" / "old.md").exists()


@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_package_may_go_into_the_empty_folder_one_works_in(tmp_path, monkeypatch, through_a_link):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path / "real")
    place = tmp_path / "link" if through_a_link else "."
    assert write_package(place, network().state_dict(), FACTS).name == "test-model"
    assert ModelPackage.open(tmp_path / "real").version == "1.2.0" and len(list(tmp_path.iterdir())) == 2


def test_failed_writing_keeps_the_package_that_was_there(package):
    with pytest.raises(AttributeError):
        write_package(package.folder, {"w": "no tensor"}, replace(FACTS, version="2.0.0"))
    assert ModelPackage.open(package.folder).version == "1.2.0"
    assert [path.name for path in package.folder.parent.iterdir()] == ["test-model"]


def test_packages_are_found_in_folders_of_the_user(package, monkeypatch):
    root = package.folder.parent
    for extra in ([root], [package.folder]):
        assert package in available_packages(extra)
    assert package not in available_packages()
    monkeypatch.setenv("NEUROORBIT_MODELS", os.pathsep.join(["/nowhere", str(root)]))
    assert package in available_packages()
    assert find_package("test-model") == package
    assert find_package(package.folder) == package


def test_a_package_of_the_user_comes_before_another_of_the_same_name(package, tmp_path):
    newer = write_package(tmp_path / "newer", network().state_dict(), replace(FACTS, version="9.0.0"))
    assert find_package("test-model", [newer.folder, package.folder]).version == "9.0.0"
    assert [p.name for p in available_packages([newer.folder, package.folder])].count("test-model") == 1


def test_an_unknown_name_lists_those_there_are(package):
    with pytest.raises(ModelProblem, match=r"no model other\. Choose another one, .*Installed models: .*test-model"):
        find_package("other", [package.folder])


def test_a_broken_folder_hides_no_other_package_and_is_told(package, tmp_path):
    broken = package.folder.parent / "broken" / "configs"
    broken.mkdir(parents=True)
    (broken / "metadata.json").write_text("{", encoding="utf-8")
    inventory = take_inventory([package.folder.parent])
    assert package in inventory.packages
    assert any("broken" in str(problem) for problem in inventory.problems)


def test_a_folder_that_the_system_keeps_for_itself_hides_no_package_beside_it(package, monkeypatch):
    (package.folder.parent / "System Volume Information").mkdir()
    is_file = Path.is_file

    def refuse(path: Path) -> bool:
        if "System Volume Information" in path.parts:
            raise PermissionError(13, "Access is denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    inventory = take_inventory([package.folder.parent])
    assert package.name in [found.name for found in inventory.packages] and inventory.problems == ()


def test_the_manifest_lists_packages_and_notices_an_exchanged_one(package, monkeypatch):
    import jsonschema

    root = package.folder.parent
    path = write_manifest(root)
    schema = json.loads(resource_path("Models", "manifest.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), schema)
    monkeypatch.setattr(manifest_module, "resource_path", lambda *parts: root / parts[-1])
    assert take_inventory().packages == (package,)
    write_package(package.folder, network(3).state_dict() | {"extra": torch.zeros(1)}, FACTS)
    inventory = take_inventory()
    assert inventory.packages == ()
    assert "not the one that came with this version" in str(inventory.problems[0])


def test_the_manifest_of_the_extension_is_valid_and_its_packages_are_complete():
    import jsonschema

    manifest = json.loads(resource_path("Models", "manifest.json").read_text(encoding="utf-8"))
    schema = json.loads(resource_path("Models", "manifest.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(manifest, schema)
    for entry in manifest["packages"]:
        shipped = ModelPackage.open(resource_path("Models", entry["folder"]))
        assert manifest_module.manifest_entry(shipped) == entry
        shipped.verify()
        assert (shipped.folder / "docs/README.md").is_file()


def test_listing_models_does_not_import_torch(package):
    script = (
        "import sys; from NeuroOrbitLib import models; "
        f"assert models.find_package('test-model', [{str(package.folder)!r}]); "
        "print([name for name in ('torch', 'monai', 'safetensors') if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_documents_are_read_only_as_they_were_written(tmp_path):
    package = write_package(tmp_path / "m", network().state_dict(), FACTS, documents={"evaluation": {"auc": 0.9}})
    assert package.document("evaluation") == {"auc": 0.9} and package.document("other") is None
    assert ModelPackage.open(tmp_path / "m").document("evaluation") == {"auc": 0.9}
    file = tmp_path / "m" / "docs" / "evaluation.json"
    file.write_text(file.read_text().replace("0.9", "1.0"))
    with pytest.raises(ModelProblem, match="damaged or was changed"):
        package.document("evaluation")
    file.unlink()
    with pytest.raises(ModelProblem, match="missing"):
        package.document("evaluation")


def test_a_document_outside_of_its_package_is_not_read(tmp_path):
    package = write_package(tmp_path / "m", network().state_dict(), FACTS, documents={"evaluation": {}})
    (tmp_path / "secret.json").write_text("{}")
    entry = {**package.documents["evaluation"], "file": "../secret.json"}
    with pytest.raises(ModelProblem, match="outside"):
        replace(package, documents={"evaluation": entry}).document("evaluation")
    with pytest.raises(ModelProblem, match="completely"):
        replace(package, documents={"evaluation": {"file": "x"}}).document("evaluation")
    with pytest.raises(ModelProblem, match="no name"):
        write_package(tmp_path / "n", network().state_dict(), FACTS, documents={"../x": {}})
    assert not (tmp_path / "n").exists()
