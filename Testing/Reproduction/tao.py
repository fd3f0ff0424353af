"""Reproduction of Lin et al. 2021 on synthetic cohorts of the paper's size: ``make reproduce-tao``.

``python -m Testing.Reproduction.tao [--scale auto|full|small|quick] [--minutes N] [--output FOLDER]``

Cohorts, cross-validations, packages, the fresh cohort, heat and real scans; a run that was stopped goes on where it
was. Writes ``tao.md`` and ``tao.json`` into the folder, and with ``--document`` the document with its pictures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "OrbitSegmentation"), str(REPOSITORY / "TAOActivity")]

from NeuroOrbitLib.command_line import TerminalProgress  # noqa: E402
from NeuroOrbitLib.jobs.progress import Cancelled  # noqa: E402
from NeuroOrbitLib.models import choose_device  # noqa: E402
from NeuroOrbitLib.problem import Problem  # noqa: E402
from Testing.real_data import orbit_scans  # noqa: E402
from Testing.Reproduction import tao_report  # noqa: E402
from Testing.Reproduction.tao_plan import Scale, choose_scale  # noqa: E402
from Testing.Reproduction.tao_runs import run_all  # noqa: E402
from Testing.Reproduction.time_limit import until  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and report what there is; 0 when everything is done, 1 when time was up, 2 for a wrong wish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", default="auto", help="full on a GPU, small on a processor, unless said otherwise")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--minutes", type=float, help="stop after this time; the next run goes on from there")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "out" / "reproduction-tao")
    parser.add_argument("--document", type=Path, help="document that is written anew, e.g. docs/results/tao.md")
    options = parser.parse_args(arguments)
    try:
        device = choose_device(options.device).device
        scale = choose_scale(options.scale, device)
        folder = options.output / scale.name
        done = run(scale, folder, device, options.minutes)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    report(scale, folder, options.document)
    return int(not done)


def run(scale: Scale, folder: Path, device: str, minutes: float | None) -> bool:
    """Every step; False when the time was up before."""
    scans = orbit_scans() if scale.name != "quick" else []
    try:
        with TerminalProgress() as progress:
            run_all(scale, folder, device, scans, until(minutes, progress))
    except Cancelled:
        print("The time is up. The next run goes on from here.", file=sys.stderr)
        return False
    return True


def report(scale: Scale, folder: Path, document: Path | None) -> None:
    """Print and write the results that there are."""
    data = tao_report.as_data(scale, folder)
    text = tao_report.markdown(scale, data)
    print(text)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tao.md").write_text(text, encoding="utf-8")
    (folder / "tao.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    if document:
        document.parent.mkdir(parents=True, exist_ok=True)
        document.write_text(text, encoding="utf-8")
        tao_report.copy_pictures(folder, document.parent)


if __name__ == "__main__":
    raise SystemExit(main())
