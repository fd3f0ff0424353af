"""Where the extension finds its own files."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from NeuroOrbitLib import resources

SOURCE = Path(resources.__file__)


def _resource_path_of_copy(folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    copy = shutil.copy(SOURCE, folder / SOURCE.name)
    specification = importlib.util.spec_from_file_location("copied_resources", copy)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.resource_path


@pytest.mark.parametrize("place", ["Resources", "NeuroOrbitLib/Resources"], ids=["beside", "inside"])
def test_finds_resources_beside_and_inside_the_package(tmp_path, place):
    table = tmp_path / place / "tables" / "normal.csv"
    table.parent.mkdir(parents=True)
    table.write_text("x")
    resource_path = _resource_path_of_copy(tmp_path / "NeuroOrbitLib")

    assert resource_path("tables", "normal.csv") == table
    assert resource_path("tables").is_dir()


def test_a_missing_file_is_named_with_what_to_do(tmp_path):
    resource_path = _resource_path_of_copy(tmp_path / "NeuroOrbitLib")

    with pytest.raises(FileNotFoundError, match=r"Resources/models/none\.json is missing\. Install it again"):
        resource_path("models", "none.json")
