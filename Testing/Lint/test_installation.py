"""What CMake and setuptools install is complete and works where it is put."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from Testing.Lint.source_tree import REPOSITORY
from Testing.Setup import slicer_tree

# Slicer's CMake as the extension sees it: the macros that it calls, with the checks and the copying they do.
SLICER_CONFIG = """
set(Slicer_USE_FILE "${CMAKE_CURRENT_LIST_DIR}/use.cmake")
set(Slicer_EXTENSION_GENERATE_CONFIG "${CMAKE_CURRENT_LIST_DIR}/generate.cmake")
set(Slicer_EXTENSION_CPACK "${CMAKE_CURRENT_LIST_DIR}/cpack.cmake")
"""
USE_FILE = """
set(Slicer_QTSCRIPTEDMODULES_LIB_DIR lib/Slicer/qt-scripted-modules)
set(Slicer_INSTALL_QTSCRIPTEDMODULES_LIB_DIR lib/Slicer/qt-scripted-modules)

macro(ctkMacroCompilePythonScript)
  cmake_parse_arguments(MY "NO_INSTALL_SUBDIR;GLOBAL_TARGET"
    "TARGET_NAME;SOURCE_DIR;DESTINATION_DIR;INSTALL_DIR" "SCRIPTS;RESOURCES" ${ARGN})
  if(NOT MY_SOURCE_DIR)
    set(MY_SOURCE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  foreach(file ${MY_SCRIPTS} ${MY_RESOURCES})
    if(NOT EXISTS ${MY_SOURCE_DIR}/${file})
      message(FATAL_ERROR "${MY_TARGET_NAME}: there is no ${file}")
    endif()
    configure_file(${MY_SOURCE_DIR}/${file} ${MY_DESTINATION_DIR}/${file} COPYONLY)
  endforeach()
  install(DIRECTORY ${MY_DESTINATION_DIR}/ DESTINATION ${MY_INSTALL_DIR})
endmacro()

macro(slicerMacroBuildScriptedModule)
  cmake_parse_arguments(MODULE "WITH_GENERIC_TESTS;WITH_SUBDIR;VERBOSE" "NAME" "SCRIPTS;RESOURCES" ${ARGN})
  if(MODULE_UNPARSED_ARGUMENTS OR NOT MODULE_NAME)
    message(FATAL_ERROR "slicerMacroBuildScriptedModule: ${MODULE_UNPARSED_ARGUMENTS}")
  endif()
  ctkMacroCompilePythonScript(TARGET_NAME ${MODULE_NAME} SCRIPTS "${MODULE_SCRIPTS}" RESOURCES "${MODULE_RESOURCES}"
    DESTINATION_DIR ${CMAKE_BINARY_DIR}/${Slicer_QTSCRIPTEDMODULES_LIB_DIR}
    INSTALL_DIR ${Slicer_INSTALL_QTSCRIPTEDMODULES_LIB_DIR} NO_INSTALL_SUBDIR)
endmacro()

macro(slicer_add_python_unittest)
  cmake_parse_arguments(TEST "" "SCRIPT;TESTNAME_PREFIX" "SLICER_ARGS" ${ARGN})
  if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${TEST_SCRIPT})
    message(FATAL_ERROR "slicer_add_python_unittest: there is no ${TEST_SCRIPT}")
  endif()
endmacro()
"""
GENERATE_CONFIG = """
foreach(name HOMEPAGE CONTRIBUTORS DESCRIPTION ICONURL SCREENSHOTURLS DEPENDS)
  if(NOT EXTENSION_${name})
    message(FATAL_ERROR "EXTENSION_${name} is not set")
  endif()
endforeach()
"""


def relative_files(folder: Path) -> set[str]:
    """Every file below a folder, as a path from it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def run(*command: object, cwd: Path | None = None) -> str:
    """Run a command that has to succeed; its output."""
    result = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.skipif(not shutil.which("cmake"), reason="CMake is not installed")
def test_cmake_installs_what_the_lists_name(tmp_path):
    slicer = tmp_path / "slicer"
    slicer.mkdir()
    texts = {"SlicerConfig.cmake": SLICER_CONFIG, "use.cmake": USE_FILE, "generate.cmake": GENERATE_CONFIG}
    for name, text in {**texts, "cpack.cmake": ""}.items():
        (slicer / name).write_text(text)
    options = [f"-DSlicer_DIR={slicer}", "-DBUILD_TESTING=ON", f"-DCMAKE_INSTALL_PREFIX={tmp_path / 'installed'}"]
    # Nothing is compiled, so that no compiler is needed.
    languages = [f"-DCMAKE_{language}_COMPILER={shutil.which('true')}" for language in ("C", "CXX")]
    languages += [f"-DCMAKE_{language}_COMPILER_FORCED=TRUE" for language in ("C", "CXX")]

    run("cmake", "-S", REPOSITORY, "-B", tmp_path / "build", *options, *languages)
    run("cmake", "--install", tmp_path / "build")

    installed = relative_files(tmp_path / "installed/lib/Slicer/qt-scripted-modules")
    assert installed == set(slicer_tree.listed_files())


def test_the_installed_library_finds_its_resources(tmp_path):
    slicer_tree.make(tmp_path / "tree")
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "tree", copy)  # files, not links, as installed

    code = "import NeuroOrbitLib.resources as r; print(r.resource_path())"
    found = run(sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(copy)!r}); {code}")

    assert Path(found.strip()) == copy / "Resources"


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files"):
        slicer_tree.make(tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_a_wheel_holds_the_packages_and_their_resources(tmp_path):
    source = tmp_path / "source"
    for place in ["pyproject.toml", "README.md", "LICENSE.txt", "NeuroOrbitLib", "Resources", "IVGCResponse",
                  "NeuroDifferential", "OrbitSegmentation", "TAOActivity"]:
        copy = shutil.copytree if (REPOSITORY / place).is_dir() else shutil.copy
        (source / place).parent.mkdir(parents=True, exist_ok=True)
        copy(REPOSITORY / place, source / place)
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", tmp_path]

    run(*build, source)

    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {place.replace("Resources/", "NeuroOrbitLib/Resources/") for place in _python_side()}
    assert expected <= names, f"not in the wheel: {sorted(expected - names)}"


def _python_side() -> set[str]:
    """Files of the installed tree that belong to the Python packages, not to Slicer's modules alone."""
    shared = [place for place, source in slicer_tree.listed_files().items() if source == REPOSITORY / place]
    libraries = [place for place in slicer_tree.listed_files()
                 if place.split("/")[0].endswith("Lib") and not place.startswith("SegmentEditor")]
    return {*shared, *(place for place in libraries if place.endswith(".py"))}
