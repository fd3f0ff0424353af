"""``import-dicom``: the lesions of a DICOM segmentation as a mask."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, writes


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "import-dicom", help="read the lesions of a DICOM segmentation",
        description="Read the lesions of a DICOM segmentation onto the grid of the FLAIR, as the mask that 'measure' "
        "and 'classify' take. It may come from another system if it uses the same code, see docs/dicom.md.")
    parser.add_argument("file", type=Path, help="DICOM file with a segmentation")
    parser.add_argument("--series", required=True, type=Path, metavar="DIR",
                        help="folder of the series of the FLAIR that the lesions were drawn on")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="LESIONS",
                        help="lesion mask to write (.nii.gz, .nrrd)")
    writes(parser, "output")


def run(arguments: argparse.Namespace) -> int:
    """Read and write."""
    from NeuroDifferentialLib.dicom.reading import read_lesions
    from NeuroOrbitLib.dicom.import_command import import_segmentation

    import_segmentation(arguments.file, arguments.series, arguments.output, read_lesions)
    return SUCCESS
