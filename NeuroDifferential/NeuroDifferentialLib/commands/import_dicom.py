"""``import-dicom``: read the lesions of a DICOM segmentation as a mask, or the measures of a structured report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, writes
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments to the command line."""
    parser = subparsers.add_parser(
        "import-dicom", help="read the lesions of a DICOM segmentation, or their measures",
        description="Read the lesions of a DICOM segmentation onto the grid of the FLAIR, as the mask that 'measure' "
        "and 'classify' take, or the measures of a structured report that 'export-dicom' wrote. The segmentation may "
        "come from another system if it uses the same code, see docs/dicom.md.")
    parser.add_argument("file", type=Path, help="DICOM file with a segmentation or a structured report")
    parser.add_argument("--series", type=Path, metavar="DIR",
                        help="folder of the series of the FLAIR that the lesions of a segmentation were drawn on")
    parser.add_argument("-o", "--output", required=True, type=Path,
                        help="lesion mask to write (.nii.gz, .nrrd); for measures one row per lesion (.csv), or all "
                        "(.json)")
    writes(parser, "output")


def run(arguments: argparse.Namespace) -> int:
    """Read the DICOM file and write the mask or the measures."""
    if arguments.series is None:
        return _import_measures(arguments.file, arguments.output)
    from NeuroDifferentialLib.dicom.reading import read_lesions
    from NeuroOrbitLib.dicom.import_command import import_segmentation

    import_segmentation(arguments.file, arguments.series, arguments.output, read_lesions)
    return SUCCESS


def _import_measures(file: Path, output: Path) -> int:
    from NeuroDifferentialLib.commands.showing import write_table
    from NeuroDifferentialLib.dicom.read_measures import read_lesion_measures
    from NeuroOrbitLib.dicom.import_command import refuse_segmentation
    from NeuroOrbitLib.files.safe import write_json

    refuse_segmentation(file)
    if output.suffix.lower() not in (".csv", ".json"):
        raise Problem(_("Measures are written as .csv or .json. Choose such a name."))
    report = read_lesion_measures(file)
    if output.suffix.lower() == ".csv":
        write_table(report, output)
    else:
        write_json(output, report)
    print(f"Measures of {report['lesion_count']} lesions written to {output}.")
    return SUCCESS
