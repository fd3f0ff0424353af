"""The pure-Python packages that Slicer ships and the ``slicer-core`` wheel lacks.

``in_slicer`` holds what is imported as ``slicer.<name>``; ``top_level`` holds what Slicer puts on ``sys.path``.
Both are found by Python's ordinary import system under the names that modules expect, so that
``__module__``, ``inspect`` and relative imports give what they give in Slicer.
"""
from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from . import pip_installer, python_slicer

IN_SLICER = Path(__file__).parent / "in_slicer"
TOP_LEVEL = Path(__file__).parent / "top_level"
SAMPLE_DATA_MODULE = TOP_LEVEL / "SampleData.py"


def install(executables: Path | None = None,
            installer: pip_installer.Installer | None = None) -> pip_installer.PipDoor:
    """Make the packages importable; ``qt``, ``ctk`` and the ``slicer.qMRML*`` classes must exist before their use.

    :param executables: folder that gets the executable PythonSlicer and comes onto PATH; by default a temporary one
    :param installer: what stands for pip; by default a RecordingInstaller
    :return: where the installer can be looked at and changed
    """
    import slicer

    if str(IN_SLICER) not in slicer.__path__:
        slicer.__path__.append(str(IN_SLICER))
    if str(TOP_LEVEL) not in sys.path:
        sys.path.append(str(TOP_LEVEL))
    python_slicer.put_on_path(executables or Path(tempfile.mkdtemp(prefix="slicerhost-bin-")))
    return pip_installer.install(installer)


def import_at_start() -> None:
    """Import what is imported already when Slicer loads the first module of an extension.

    MarkupsLib and SubjectHierarchyLib add GUI connectors to the parameter node wrapper.
    """
    for name in ("slicer.cli", "slicer.i18n", "slicer.ScriptedLoadableModule", "MarkupsLib", "SubjectHierarchyLib"):
        importlib.import_module(name)
