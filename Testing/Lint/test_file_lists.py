"""Every file of the product is listed where CMake and setuptools look."""

from __future__ import annotations

from collections import Counter

import pytest

from Testing.Lint import file_lists
from Testing.Lint.file_lists import Listing, listings


def test_every_file_is_listed():
    found = file_lists.differences()
    assert not found, "\n".join([*found, "Run: make cmake-lists"])


def test_no_two_modules_install_the_same_file():
    installed = Counter(
        entry
        for listing in listings(file_lists.product_files(), file_lists.module_folders())
        if listing.name != "packages"
        for entry in listing.entries
    )
    twice = [entry for entry, count in installed.items() if count > 1]
    assert not twice, f"All modules are installed into one folder; rename: {', '.join(twice)}"


FILES = [
    "NeuroOrbitLib/__init__.py",
    "NeuroOrbitLib/anatomy/names.json",
    "Orbit/CMakeLists.txt",
    "Orbit/README.md",
    "Orbit/Orbit.py",
    "Orbit/OrbitLib/nets/__init__.py",
    "Orbit/Resources/UI/Orbit.ui",
    "Orbit/Testing/Python/test_orbit.py",
    "Orbit/SegmentEditorFill/SegmentEditorFill.py",
    "Resources/models/card.md",
]


def test_files_are_sorted_to_the_list_that_installs_them():
    made = {
        (listing.file, listing.name): listing.entries
        for listing in listings(FILES, ["Orbit", "Orbit/SegmentEditorFill"])
    }

    assert made["NeuroOrbitLib/CMakeLists.txt", "scripts"] == ("NeuroOrbitLib/__init__.py",)
    assert made["NeuroOrbitLib/CMakeLists.txt", "resources"] == (
        "NeuroOrbitLib/anatomy/names.json",
        "Resources/models/card.md",
    )
    assert made["Orbit/CMakeLists.txt", "scripts"] == ("Orbit.py", "OrbitLib/nets/__init__.py")
    assert made["Orbit/CMakeLists.txt", "resources"] == ("Resources/UI/Orbit.ui",)
    assert made["Orbit/SegmentEditorFill/CMakeLists.txt", "scripts"] == ("SegmentEditorFill.py",)
    assert made["pyproject.toml", "packages"] == ("NeuroOrbitLib", "OrbitLib.nets")


def test_a_list_is_rewritten_between_its_marks_alone():
    text = "set(A\n  # BEGIN scripts (make cmake-lists)\n  old.py\n  # END scripts\n  )\n"
    listing = Listing("CMakeLists.txt", "scripts", ("a.py", "b.py"))

    updated = listing.written_in(text)

    assert updated == "set(A\n  # BEGIN scripts (make cmake-lists)\n  a.py\n  b.py\n  # END scripts\n  )\n"
    assert listing.found_in(text) == {"old.py"}
    assert listing.found_in(updated) == {"a.py", "b.py"}
    assert listing.written_in(updated) == updated


def test_a_file_without_marks_is_named():
    with pytest.raises(ValueError, match=r"Orbit/CMakeLists\.txt has no lines '# BEGIN scripts"):
        Listing("Orbit/CMakeLists.txt", "scripts", ()).written_in("set(A)")
