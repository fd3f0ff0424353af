"""Reproduction of Lin et al. 2021 on synthetic cohorts of the paper's size: ``make reproduce-tao``.

``python -m Testing.Experiments.reproduction.tao [--scale auto|full|small|quick] [--minutes N] [--output FOLDER]``

Cohorts, cross-validations, packages, the fresh cohort, heat and real scans; a run that was stopped goes on where it
was. Writes ``tao.md`` and ``tao.json`` into the folder, and with ``--document`` the document with its pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / "OrbitSegmentation"), str(REPOSITORY / "TAOActivity")]

from NeuroOrbitLib.jobs.progress import Progress  # noqa: E402
from Testing.Experiments.reproduction import tao_report  # noqa: E402
from Testing.Experiments.reproduction.command import reproduce  # noqa: E402
from Testing.Experiments.reproduction.results import write_results  # noqa: E402
from Testing.Experiments.reproduction.tao_plan import Scale, choose_scale  # noqa: E402
from Testing.Experiments.reproduction.tao_runs import run_all  # noqa: E402
from Testing.real_data import orbit_scans  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and report the available results; see :func:`Testing.Experiments.reproduction.command.reproduce`."""
    return reproduce(__doc__, REPOSITORY / "out" / "reproduction-tao", choose_scale, run, report, arguments)


def run(scale: Scale, folder: Path, device: str, progress: Progress) -> None:
    """Run every step."""
    run_all(scale, folder, device, orbit_scans() if scale.name != "quick" else [], progress)


def report(scale: Scale, folder: Path, document: Path | None) -> None:
    """Print and write the available results."""
    data = tao_report.as_data(scale, folder)
    text = tao_report.markdown(scale, data)
    write_results("tao", text, data, folder, document,
                  lambda target: tao_report.copy_pictures(folder, target))


if __name__ == "__main__":
    raise SystemExit(main())
