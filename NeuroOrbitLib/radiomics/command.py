"""The command ``features``: radiomics features of every labelled region, for the command line of any module."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import FAILURE, SUCCESS, TerminalProgress, writes
from NeuroOrbitLib.research_use import RESEARCH_USE


@dataclass(frozen=True)
class FeaturesCommand:
    """The command of one module.

    :param together: label values that ``--together`` joins into one region, by name of the region.
    :param words: description of these regions for the help.
    """

    together: Mapping[str, tuple[int, ...]]
    words: str

    def add_parser(self, subparsers: Any) -> None:
        """Add the parser of the command with its arguments."""
        parser = subparsers.add_parser(
            "features",
            help="radiomics features of every labelled region",
            description="Write the radiomics features of every label of a segmentation to a table with the columns "
            "region, name, value, unit and reason. A folder of scans goes on where it was stopped. For research use "
            "only.",
        )
        parser.add_argument("scan", type=Path, metavar="SCAN|FOLDER",
                            help="NIfTI, NRRD or MetaImage file, folder of a DICOM series, or folder of image files")
        parser.add_argument("--labels", required=True, type=Path, metavar="L",
                            help="segmentation of the scan; for a folder of scans the folder of theirs, by the same "
                            "names")
        parser.add_argument("--profile", default="rdinet-660", metavar="rdinet-660|full|FILE",
                            help="what to compute (default rdinet-660), or a parameter file as PyRadiomics has them")
        parser.add_argument("--engine", choices=("auto", "pyradiomics", "own"), default="auto",
                            help="auto: PyRadiomics where it is installed, else our own; their values are the same")
        parser.add_argument("--together", action="store_true", help=f"instead of every label: {self.words}")
        parser.add_argument("--scheduler", metavar="local:N|ADDRESS",
                            help="for a folder: N processes of this machine, or a Dask scheduler, e.g. tcp://host:8786")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="TABLE.csv", help="table to write")
        writes(parser, "output")

    def run(self, arguments: argparse.Namespace) -> int:
        """Compute the features, write the table, and return the exit status.

        :raises Problem: if the arguments or files cannot be used.
        """
        from NeuroOrbitLib.problem import Problem
        from NeuroOrbitLib.radiomics.profiles import read_profile
        from NeuroOrbitLib.radiomics.regions import Region
        from NeuroOrbitLib.radiomics.scan_tables import (
            Wish,
            cases_of,
            holds_scans,
            write_folder_table,
            write_scan_table,
        )
        from NeuroOrbitLib.radiomics.tables import check_table_path

        for path in (arguments.scan, arguments.labels):
            if not path.exists():
                raise Problem(f"There is no file or folder {path}. Check its name.")
        check_table_path(arguments.output)
        regions = tuple(Region(name, values) for name, values in self.together.items()) if arguments.together else ()
        wish = Wish(read_profile(arguments.profile), arguments.engine, regions)
        failed: list[str] = []
        with TerminalProgress() as progress:
            if holds_scans(arguments.scan):
                cases = cases_of(arguments.scan, arguments.labels)
                failed = write_folder_table(cases, wish, arguments.output, _say, arguments.scheduler, progress)
            else:
                found = write_scan_table(arguments.scan, arguments.labels, wish, arguments.output, progress)
                for text in (_summary(found), *(f"Warning: {notice}" for notice in found.record["notices"])):
                    _say(text)
        return _finish(failed, arguments.output)


def _finish(failed: list[str], table: Path) -> int:
    if table.exists():
        print(f"{table} written. {RESEARCH_USE}")
    for text in failed:
        print(f"Error: {text}", file=sys.stderr)
    return FAILURE if failed else SUCCESS


def _summary(found: Any) -> str:
    regions = len({row.region for row in found.rows})
    missing = sum(row.value is None for row in found.rows)
    without = f", {missing} without a value (the table says why)" if missing else ""
    engine = f"{found.record['engine']} {found.record['engine_version']}"
    return f"{len(found.rows)} features of {regions} regions by engine {engine}{without}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
