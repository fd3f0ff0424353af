"""``export-dicom``: results of a scan as DICOM objects in the patient's study."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json, writes
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "export-dicom",
        help="write segmentation, measures and heat maps as DICOM",
        description="Write a label map as DICOM segmentation and its measures as structured report (TID 1500), into "
        "the study of the series. What is missing in the series is told before anything is written. See docs/dicom.md.",
    )
    parser.add_argument("series", type=Path, help="folder of the DICOM series that was segmented")
    parser.add_argument("--labels", required=True, type=Path, help="label map on the series' grid")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder to write to")
    parser.add_argument("--measures", type=Path, metavar="JSON",
                        help="measures that 'measure --json' wrote (default: measure now)")
    parser.add_argument("--nerve-without-sheath", action="store_true",
                        help="the label map outlines the optic nerve alone, not its sheath")
    parser.add_argument("--heat-map", action="append", default=[], metavar="NAME=FILE",
                        help="a classifier's heat map, of the scan or a part of it, and what it shows")
    parser.add_argument("--report", type=Path, metavar="PDF", help="report to put into the study")
    parser.add_argument("--observer", default="", metavar="NAME", help="person who answers for the segmentation")
    parser.add_argument("--model", metavar="NAME=VERSION", help="model that labelled, if one did: without it the "
                        "segments are called manual")
    parser.add_argument("--corrected", action="store_true", help="a person went over the model's labels")
    parser.add_argument("--deidentify", metavar="PSEUDONYM",
                        help="write everything under a pseudonym and with new identifiers, with a copy of the images")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    writes(parser, "output/segmentation.dcm", "output/measurements.dcm")


def run(arguments: argparse.Namespace) -> int:
    """Export, and say what was written."""
    from NeuroOrbitLib.dicom.export import export_results

    with TerminalProgress() as progress:
        result = export_results(
            str(arguments.series), str(arguments.labels), str(arguments.output), _text(arguments.measures),
            _heat_maps(arguments.heat_map), _text(arguments.report), arguments.observer, _model(arguments),
            arguments.corrected, pseudonym=arguments.deidentify,
            nerve_with_sheath=not arguments.nerve_without_sheath, progress=progress)
    if arguments.json:
        print_json(result)
        return SUCCESS
    print(f"{len(result['files'])} files with {result['segments']} segments and {result['measures']} measures written "
          f"to {arguments.output}.")
    for notice in result["notices"]:
        print(f"Warning: {notice}")
    return SUCCESS


def _heat_maps(texts: list[str]) -> dict[str, str]:
    """File of each heat map by what it shows."""
    pairs = [text.partition("=") for text in texts]
    if any(not name or not file for name, _, file in pairs):
        raise Problem(_("Write --heat-map NAME=FILE, for example --heat-map active=heat.nii.gz."))
    return {name: file for name, _, file in pairs}


def _model(arguments: argparse.Namespace) -> dict[str, str] | None:
    """Name and version of the model that labelled."""
    if arguments.model is None:
        if arguments.corrected:
            raise Problem(_("--corrected says that a person went over a model's labels. Name the model with --model "
                            "NAME=VERSION."))
        return None
    name, _mark, version = arguments.model.partition("=")
    if not name or not version:
        raise Problem(_("Write --model NAME=VERSION, for example --model orbit-any-contrast=0.9.0."))
    return {"name": name, "version": version}


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
