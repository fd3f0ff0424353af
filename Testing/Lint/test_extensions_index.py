"""What 3D Slicer's Extensions Index asks of an extension before it lists it.

Source: .github/PULL_REQUEST_TEMPLATE of Slicer/ExtensionsIndex and slicer-extension-catalog-entry-schema-v1.0.1.json of
Slicer. ``docs/extensions_index/NeuroOrbit.json`` is the file that is handed in there.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ENTRY = REPOSITORY / "docs" / "extensions_index" / "NeuroOrbit.json"
ALLOWED = {"$schema", "category", "scm_url", "scm_revision", "scm_type", "build_dependencies", "build_subdirectory",
           "enabled", "tier"}
RAW = "https://raw.githubusercontent.com/NeuroOrbit/SlicerNeuroOrbit/main/"


@pytest.fixture(scope="module")
def entry() -> dict:
    return json.loads(ENTRY.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def metadata() -> dict[str, str]:
    text = (REPOSITORY / "CMakeLists.txt").read_text(encoding="utf-8")
    return dict(re.findall(r'^set\(EXTENSION_(\w+) "([^"]*)"\)', text, re.MULTILINE))


def test_entry_has_what_the_schema_requires_and_nothing_else(entry):
    assert {"$schema", "category", "scm_url"} <= set(entry) <= ALLOWED
    assert entry["$schema"].endswith("/slicer-extension-catalog-entry-schema-v1.0.1.json#")
    assert entry["scm_url"].endswith(".git") and entry["category"] and 1 <= entry["tier"] <= 5


def test_entry_and_cmake_name_the_same_repository_and_the_same_extensions_needed(entry, metadata):
    assert entry["scm_url"].removesuffix(".git") == metadata["HOMEPAGE"]
    assert entry["build_dependencies"] == metadata["DEPENDS"].split()
    project = re.search(r"^project\((\w+)\)", (REPOSITORY / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert project.group(1) == ENTRY.stem and metadata["HOMEPAGE"].endswith(f"/Slicer{ENTRY.stem}")


def test_description_is_one_or_two_sentences(metadata):
    assert 1 <= len(re.findall(r"\.(?:\s|$)", metadata["DESCRIPTION"])) <= 2
    assert ";" not in metadata["DESCRIPTION"], "a list for CMake"


@pytest.mark.parametrize("name", ["ICONURL", "SCREENSHOTURLS"])
def test_pictures_are_where_their_addresses_say(metadata, name):
    addresses = metadata[name].split()
    assert addresses
    for address in addresses:
        assert address.startswith(RAW)
        file = REPOSITORY / address.removeprefix(RAW)
        assert file.read_bytes().startswith(b"\x89PNG"), f"{address} is no picture of this repository"


def test_icon_is_128_pixels_wide_and_high(metadata):
    data = (REPOSITORY / metadata["ICONURL"].removeprefix(RAW)).read_bytes()
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (128, 128)


def test_licence_is_in_the_root_and_named_on_the_homepage():
    assert "Apache License" in (REPOSITORY / "LICENSE.txt").read_text(encoding="utf-8")
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "Apache-2.0" in readme and "LICENSE.txt" in readme


def test_homepage_shows_a_picture_and_describes_every_module():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", readme)
    assert pictures and all((REPOSITORY / picture).is_file() for picture in pictures if "://" not in picture)
    listed = re.findall(r"^add_subdirectory\((?:\w+/)?(\w+)\)", (REPOSITORY / "CMakeLists.txt").read_text(
        encoding="utf-8"), re.MULTILINE)
    for module in listed:
        if module != "NeuroOrbitLib":
            assert module.removeprefix("SegmentEditor") in readme, f"README.md does not describe {module}"
