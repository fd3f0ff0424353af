"""Reproduction of Zhang et al. 2026 (RDINet) on a synthetic cohort of the paper's size: ``make reproduce-ivgc``.

``python -m Testing.Experiments.reproduction.ivgc [--scale auto|full|small|quick] [--minutes N] [--output FOLDER]``

Cohort, six groups of muscles by three learners, networks, ablation, baselines, permutations and leakage; a run that
was stopped goes on where it was. Writes ``ivgc.md`` and ``ivgc.json`` into the folder, and with ``--document`` the
document with its pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / name) for name in ("OrbitSegmentation", "TAOActivity", "IVGCResponse")]

from Testing.Experiments.reproduction import ivgc_report  # noqa: E402
from Testing.Experiments.reproduction.command import reproduce  # noqa: E402
from Testing.Experiments.reproduction.ivgc_plan import Scale, choose_scale  # noqa: E402
from Testing.Experiments.reproduction.ivgc_runs import run_all  # noqa: E402
from Testing.Experiments.reproduction.results import write_results  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and report what there is; see :func:`Testing.Experiments.reproduction.command.reproduce`."""
    return reproduce(__doc__, REPOSITORY / "out" / "reproduction-ivgc", choose_scale, run_all, report, arguments)


def report(scale: Scale, folder: Path, document: Path | None) -> None:
    """Print and write the results that there are."""
    data, tests = ivgc_report.as_data(scale, folder), ivgc_report.compared(folder)
    text = ivgc_report.markdown(scale, data, tests)
    write_results("ivgc", text, {**data, "tests": tests}, folder, document,
                  lambda target: ivgc_report.copy_pictures(folder, target))


if __name__ == "__main__":
    raise SystemExit(main())
