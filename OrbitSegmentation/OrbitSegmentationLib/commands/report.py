"""``report``: one page with pictures, measures, findings and provenance."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, writes
from NeuroOrbitLib.files.safe import write_text
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "report",
        help="write a report of one page (HTML, PDF)",
        description="Write pictures, measures, findings as sentences and provenance on one page. See docs/report.md.",
    )
    parser.add_argument("scan", type=Path, help="NIfTI, NRRD or MetaImage file, or folder of a DICOM series")
    parser.add_argument("--labels", required=True, type=Path, help="label map on the scan's grid")
    parser.add_argument("-o", "--output", required=True, action="append", metavar="FILE",
                        help="report to write, .html or .pdf; may be given twice")
    parser.add_argument("--normal", metavar="TABLE", help="compare with a normative table ('measure --normal list')")
    parser.add_argument("--settings", metavar="JSON", help="file with the institution's name, address and logo")
    parser.add_argument("--patient", action="append", default=[], metavar="NAME=TEXT",
                        help="words about the patient or examination, e.g. Patient=ABC; none by default")
    parser.add_argument("--measures", metavar="JSON",
                        help="measures that 'measure --json' wrote (default: measure now)")
    parser.add_argument("--comparison", metavar="JSON",
                        help="changes since an earlier scan that 'compare --json' wrote")
    parser.add_argument("--findings", type=Path, metavar="FILE",
                        help="sentences, one per line, in the place of those made by rule")
    parser.add_argument("--write-findings", type=Path, metavar="FILE", help="write the sentences to edit them")
    parser.add_argument("--result", action="append", default=[], metavar="TITLE=TEXT",
                        help="result of another module, e.g. 'Activity=...'")
    parser.add_argument("--nerve-without-sheath", action="store_true",
                        help="the label map outlines the optic nerve alone, not its sheath")
    writes(parser, "output", "write_findings")


def run(arguments: argparse.Namespace) -> int:
    """Write the report."""
    from NeuroOrbitLib.clinical_report.write import write_report

    with TerminalProgress() as progress:
        result = write_report(
            str(arguments.scan), str(arguments.labels), arguments.output, progress, normal=arguments.normal,
            settings=arguments.settings, findings=_lines(arguments.findings), measures=arguments.measures,
            patient=dict(_pairs(arguments.patient)), results=_pairs(arguments.result),
            nerve_with_sheath=not arguments.nerve_without_sheath, comparison=_comparison(arguments.comparison))
    if arguments.write_findings:
        write_text(arguments.write_findings, "\n".join(result["findings"]) + "\n")
    print("\n".join(f"{name} written." for name in result["files"]))
    return SUCCESS


def _lines(path: Path | None) -> list[str] | None:
    """Return the sentences in a file, one per line; ``None`` without a file."""
    if path is None:
        return None
    from NeuroOrbitLib.files.tables import read_text

    return [line.strip() for line in read_text(path).splitlines() if line.strip()]


def _comparison(path: str | None) -> dict[str, Any] | None:
    """Return the main measures and those that changed, from a file of 'compare --json'; ``None`` without a file."""
    if path is None:
        return None
    from NeuroOrbitLib.clinical_report.comparison import read_comparison

    return read_comparison(Path(path))


def _pairs(texts: list[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in texts]
    if any(not name or not mark for name, mark, _words in pairs):
        raise Problem(_("Write NAME=TEXT, for example Patient=ABC."))
    return [(name, words) for name, _mark, words in pairs]
