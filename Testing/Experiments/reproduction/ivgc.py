"""Reproduction of Zhang et al. 2026 (RDINet) on a synthetic cohort of the paper's size: ``make reproduce-ivgc``.

``python -m Testing.Experiments.reproduction.ivgc [--scale auto|full|small|quick] [--parts PART ...] [--minutes N]
[--output FOLDER] [--document FILE]``

Cohort, six groups of muscles by three learners, networks, ablation, baselines, permutations and leakage; a run that
was stopped goes on where it was. Writes ``ivgc.md`` and ``ivgc.json`` into the folder, and with ``--document`` the
document with its pictures; with ``--parts`` the sections of these parts alone, which are then replaced in the document
and dated.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / name) for name in ("OrbitSegmentation", "TAOActivity", "IVGCResponse")]

from Testing.Experiments.reproduction import ivgc_report  # noqa: E402
from Testing.Experiments.reproduction.command import reproduce  # noqa: E402
from Testing.Experiments.reproduction.ivgc_plan import PARTS, Scale, choose_scale  # noqa: E402
from Testing.Experiments.reproduction.ivgc_runs import run_all  # noqa: E402
from Testing.Experiments.reproduction.results import write_results  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and report the available results; see :func:`Testing.Experiments.reproduction.command.reproduce`."""
    return reproduce(__doc__, REPOSITORY / "out" / "reproduction-ivgc", choose_scale, run_all, report, arguments,
                     PARTS)


def report(scale: Scale, folder: Path, document: Path | None) -> None:
    """Print and write the available results."""
    tests = ivgc_report.compared(scale, folder)
    data = {**ivgc_report.as_data(scale, folder), "tests": tests}
    if document and document.exists() and scale.parts != PARTS:
        text = ivgc_report.replaced(document.read_text(encoding="utf-8"), scale, data, date.today())
    else:
        text = ivgc_report.markdown(scale, data)
    write_results("ivgc", text, data, folder, document,
                  lambda target: ivgc_report.copy_pictures(folder, target) if tests else None)


if __name__ == "__main__":
    raise SystemExit(main())
