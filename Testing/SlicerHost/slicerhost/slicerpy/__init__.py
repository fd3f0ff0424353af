"""The pure-Python packages that Slicer ships and the ``slicer-core`` wheel lacks.

``in_slicer`` holds what is imported as ``slicer.<name>``; ``top_level`` holds what Slicer puts on ``sys.path``.
Both are found by Python's ordinary import system under the names that modules expect, so that
``__module__``, ``inspect`` and relative imports give what they give in Slicer.
"""
from __future__ import annotations

import sys
from pathlib import Path

IN_SLICER = Path(__file__).parent / "in_slicer"
TOP_LEVEL = Path(__file__).parent / "top_level"


def install() -> None:
    """Make the packages importable; ``qt``, ``ctk`` and the ``slicer.qMRML*`` classes must exist before their use."""
    import slicer

    if str(IN_SLICER) not in slicer.__path__:
        slicer.__path__.append(str(IN_SLICER))
    if str(TOP_LEVEL) not in sys.path:
        sys.path.append(str(TOP_LEVEL))


def register_parameter_node_plugins() -> None:
    """Import the packages by which Slicer's modules add GUI connectors of their own.

    Slicer's SubjectHierarchy and Markups modules do this when they are set up.
    """
    import MarkupsLib  # noqa: F401
    import SubjectHierarchyLib  # noqa: F401
