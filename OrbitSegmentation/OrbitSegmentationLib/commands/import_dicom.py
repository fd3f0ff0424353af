"""``import-dicom``: a DICOM segmentation as label map, or the measures of a structured report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, writes
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "import-dicom",
        help="read a DICOM segmentation or measurement report",
        description="Read a DICOM segmentation onto the grid of its series as a label map, or the measures of a "
        "structured report. Both may come from another system if it uses the same codes, see docs/dicom.md.",
    )
    parser.add_argument("file", type=Path, help="DICOM file with a segmentation or a structured report")
    parser.add_argument("--series", type=Path, metavar="DIR", help="series that the segmentation was drawn on")
    parser.add_argument("-o", "--output", required=True, type=Path,
                        help="label map (.nii.gz, .nrrd), or JSON file with the measures")
    writes(parser, "output")


def run(arguments: argparse.Namespace) -> int:
    """Read the DICOM file and write its content."""
    if arguments.series is None:
        return _import_measures(arguments)
    from NeuroOrbitLib.dicom.import_command import import_segmentation
    from NeuroOrbitLib.dicom.read_results import read_segmentation

    import_segmentation(arguments.file, arguments.series, arguments.output, read_segmentation)
    return SUCCESS


def _import_measures(arguments: argparse.Namespace) -> int:
    from NeuroOrbitLib.dicom.import_command import refuse_segmentation
    from NeuroOrbitLib.dicom.read_report import read_measurements
    from NeuroOrbitLib.files.safe import write_json
    from NeuroOrbitLib.measurements.tables import rows_as_data

    refuse_segmentation(arguments.file)
    if arguments.output.suffix.lower() != ".json":
        raise Problem(_("Measures are written as .json. Choose such a name."))
    rows = read_measurements(arguments.file)
    write_json(arguments.output, {"measures": rows_as_data(rows)})
    print(f"{len(rows)} measures written to {arguments.output}.")
    return SUCCESS
