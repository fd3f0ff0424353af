"""Reproduction of the study on NMOSD and MS on synthetic cohorts of its size: ``make reproduce-neuro``.

``python -m Testing.Experiments.reproduction.neuro [--scale auto|full|small|quick] [--minutes N] [--output FOLDER]``

Cohorts, networks and baselines, permutations, curves, complexity, packages and lesions left out; a run that was stopped
goes on where it was. Writes ``neuro.md`` and ``neuro.json`` into the folder, and with ``--document`` the document with
its pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / name) for name in ("OrbitSegmentation", "NeuroDifferential")]

from Testing.Experiments.reproduction import neuro_report  # noqa: E402
from Testing.Experiments.reproduction.command import reproduce  # noqa: E402
from Testing.Experiments.reproduction.neuro_plan import Scale, choose_scale  # noqa: E402
from Testing.Experiments.reproduction.neuro_runs import run_all  # noqa: E402
from Testing.Experiments.reproduction.results import write_results  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and report the available results; see :func:`Testing.Experiments.reproduction.command.reproduce`."""
    return reproduce(__doc__, REPOSITORY / "out" / "reproduction-neuro", choose_scale, run_all, report, arguments)


def report(scale: Scale, folder: Path, document: Path | None) -> None:
    """Print and write the available results."""
    data, tests = neuro_report.as_data(scale, folder), neuro_report.compared(folder)
    write_results("neuro", neuro_report.markdown(scale, data, tests), {**data, "tests": tests}, folder, document,
                  lambda target: neuro_report.copy_pictures(folder, target))


if __name__ == "__main__":
    raise SystemExit(main())
