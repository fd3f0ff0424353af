"""``export-dicom``: results of a scan as DICOM objects in the patient's study."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress
from NeuroOrbitLib.dicom.export_options import add_export_options, export_arguments, say_what_was_written
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "export-dicom",
        help="write segmentation, measures and heat maps as DICOM",
        description="Write a label map as DICOM segmentation and its measures as structured report (TID 1500), into "
        "the study of the series. If the series lacks fields, a message lists them before anything is written. See "
        "docs/dicom.md.",
    )
    parser.add_argument("series", type=Path, help="folder of the DICOM series that was segmented")
    parser.add_argument("--labels", required=True, type=Path, help="label map on the series' grid")
    parser.add_argument("--measures", type=Path, metavar="JSON",
                        help="measures that 'measure --json' wrote (default: measure now)")
    parser.add_argument("--nerve-without-sheath", action="store_true",
                        help="the label map outlines the optic nerve alone, not its sheath")
    parser.add_argument("--heat-map", action="append", default=[], metavar="NAME=FILE",
                        help="a classifier's heat map, of the scan or a part of it, and what it shows")
    add_export_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Export the results, and print what was written."""
    from NeuroOrbitLib.dicom.export import export_results

    with TerminalProgress() as progress:
        result = export_results(
            str(arguments.series), str(arguments.labels),
            measures=None if arguments.measures is None else str(arguments.measures),
            heat_maps=_heat_maps(arguments.heat_map), nerve_with_sheath=not arguments.nerve_without_sheath,
            progress=progress, **export_arguments(arguments))
    say_what_was_written(result, arguments)
    return SUCCESS


def _heat_maps(texts: list[str]) -> dict[str, str]:
    """Return the file of each heat map by its name."""
    pairs = [text.partition("=") for text in texts]
    if any(not name or not file for name, _, file in pairs):
        raise Problem(_("Write --heat-map NAME=FILE, for example --heat-map active=heat.nii.gz."))
    found: dict[str, str] = {}
    for name, _mark, file in pairs:
        if name in found:
            raise Problem(_("Two heat maps are called {name!r}. Give each a name of its own.").format(name=name))
        found[name] = file
    return found
