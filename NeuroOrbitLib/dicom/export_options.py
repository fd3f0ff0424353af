"""Options and final message that the ``export-dicom`` commands have in common."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import print_json, writes
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def add_export_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for the folder, for who made the segmentation, and for a pseudonym."""
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder to write to")
    parser.add_argument("--report", type=Path, metavar="PDF", help="report to put into the study")
    parser.add_argument("--observer", default="", metavar="NAME", help="person who answers for the segmentation")
    parser.add_argument("--model", metavar="NAME=VERSION", help="model that labelled, if one did: without it the "
                        "segments are called manual")
    parser.add_argument("--corrected", action="store_true", help="a person went over the model's labels")
    parser.add_argument("--deidentify", metavar="PSEUDONYM",
                        help="write everything under a pseudonym and with new identifiers, with a copy of the images")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    writes(parser, "output/segmentation.dcm", "output/measurements.dcm")


def export_arguments(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options as arguments of the functions that export.

    :raises Problem: if the model's name or version is missing, or an observer is named in a de-identified export.
    """
    if arguments.deidentify is not None and arguments.observer:
        raise Problem(_("A de-identified export names nobody: leave out --observer. Nothing was written."))
    return {"output": str(arguments.output), "observer": arguments.observer, "model": _model(arguments),
            "corrected": arguments.corrected, "pseudonym": arguments.deidentify,
            "report": None if arguments.report is None else str(arguments.report)}


def say_what_was_written(result: Mapping[str, Any], arguments: argparse.Namespace) -> None:
    """Print the result of an export, for people or, with ``--json``, for machines."""
    if arguments.json:
        print_json(result)
        return
    print(f"{len(result['files'])} files with {result['segments']} segments and {result['measures']} measures written "
          f"to {arguments.output}.")
    for notice in result["notices"]:
        print(f"Warning: {notice}")


def _model(arguments: argparse.Namespace) -> dict[str, str] | None:
    """Return ``name`` and ``version`` of the model that made the labels; ``None`` if none is named."""
    if arguments.model is None:
        if arguments.corrected:
            raise Problem(_("--corrected says that a person went over a model's labels. Name the model with --model "
                            "NAME=VERSION."))
        return None
    name, _mark, version = arguments.model.partition("=")
    if not name or not version:
        raise Problem(_("Write --model NAME=VERSION, for example --model orbit-any-contrast=0.10.0."))
    return {"name": name, "version": version}
