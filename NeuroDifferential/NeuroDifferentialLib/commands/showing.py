"""Output of a lesion report on the terminal and as a table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import print_json
from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.files.safe import write_rows
from NeuroOrbitLib.privacy import without_paths
from NeuroOrbitLib.research_use import RESEARCH_USE

COLUMNS = ("lesion", "region", "volume_mm3", "diameter_mm", "elongation", "ventricle_angle_deg",
           "to_lateral_ventricle_mm", "to_cortex_mm", "to_third_or_fourth_ventricle_mm", "temporal_lobe", "r_mm",
           "a_mm", "s_mm")
LIMITS = "Brain MRI only: spinal cord, optic nerve and serology are not judged."


def show(report: dict[str, Any], table: Path | None, as_json: bool, with_paths: bool) -> None:
    """Print a report as text or JSON, and write its table if a path is given.

    :param report: report as plain data.
    :param table: CSV file for one row per lesion; None for none.
    :param as_json: whether to print JSON.
    :param with_paths: whether the JSON contains names and folders of files.
    """
    for notice in report.get("notices", ()):
        print(f"Note: {notice}", file=sys.stderr)
    if table:
        write_table(report, table)
    if as_json:
        print_json({**(report if with_paths else without_paths(report)), "limits": LIMITS, "use": RESEARCH_USE})
        return
    if not report["lesion_count"]:
        print("No lesions were found.")
    else:
        print(f"{report['lesion_count']} lesions, {report['volume_ml']:.2f} ml, "
              f"{report['percent_of_intracranial']:.2f} % of the intracranial volume.\n")
        rows = [["Region", "Lesions", "ml"]]
        rows += [[name, str(each["count"]), f"{each['volume_ml']:.2f}"] for name, each in report["regions"].items()]
        print(aligned(rows))
    for criteria in report["criteria"]:
        print(f"\n[{_tick(criteria['fulfilled'])}] {criteria['name']}. {criteria['note']}")
        for box in criteria["boxes"]:
            print(f"    [{_tick(box['fulfilled'], box['cannot_tell'])}] {box['name']}{_which(box)}")
    print(f"\n{LIMITS}\n{RESEARCH_USE}")


def write_table(report: dict[str, Any], path: Path) -> None:
    """Write a table with one row per lesion (CSV).

    :param report: report as plain data.
    :param path: file to write.
    :raises NotWritten: if the file cannot be written.
    """
    write_rows(path, COLUMNS, report["lesions"])


def _tick(fulfilled: bool, cannot_tell: str = "") -> str:
    return "?" if cannot_tell else "x" if fulfilled else " "


def _which(box: dict[str, Any]) -> str:
    if box["cannot_tell"]:
        return f" - {box['cannot_tell']}"
    return f" (lesions {', '.join(map(str, box['lesions']))})" if box["lesions"] else ""
