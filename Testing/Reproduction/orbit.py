"""Side-by-side reproduction of the SV-Net and SEQ-UNET papers on synthetic CT: ``make reproduce-orbit``.

``python -m Testing.Reproduction.orbit [--scale auto|full|small|quick] [--minutes N] [--output FOLDER]``

A run that was stopped goes on where it was. Writes ``reproduction.md``, ``reproduction.json`` and box plots into the
folder, and with ``--document`` the section "Reproduction" of a document.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "OrbitSegmentation")]

from NeuroOrbitLib.command_line import TerminalProgress  # noqa: E402
from NeuroOrbitLib.jobs.progress import Cancelled  # noqa: E402
from NeuroOrbitLib.models import choose_device  # noqa: E402
from NeuroOrbitLib.problem import Problem  # noqa: E402
from Testing.Reproduction import orbit_report  # noqa: E402
from Testing.Reproduction.orbit_plan import STUDIES, Scale, choose_scale  # noqa: E402
from Testing.Reproduction.orbit_runs import run_study  # noqa: E402
from Testing.Reproduction.time_limit import until  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and report what there is; 0 when everything is done, 1 when time was up, 2 for a wrong wish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", default="auto", help="full on a GPU, small on a processor, unless said otherwise")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--minutes", type=float, help="stop after this time; the next run goes on from there")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "out" / "reproduction")
    parser.add_argument("--document", type=Path, help="document whose section is written anew")
    options = parser.parse_args(arguments)
    try:
        device = choose_device(options.device).device
        scale = choose_scale(options.scale, device)
        folder = options.output / scale.name
        done = run_all(scale, folder, device, options.minutes)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    report(scale, folder, options.document)
    return int(not done)


def run_all(scale: Scale, folder: Path, device: str, minutes: float | None) -> bool:
    """All studies, one after the other; False when the time was up before."""
    for study in STUDIES:
        print(study.title, file=sys.stderr)
        try:
            with TerminalProgress() as progress:
                run_study(study, scale, folder / study.key, device, until(minutes, progress))
        except Cancelled:
            print("The time is up. The next run goes on from here.", file=sys.stderr)
            return False
    return True


def report(scale: Scale, folder: Path, document: Path | None) -> None:
    """Print and write the results that there are."""
    data = orbit_report.as_data(scale, folder)
    if not any(study["rows"] for study in data["studies"].values()):
        return
    section = orbit_report.markdown(scale, folder)
    print(section)
    (folder / "reproduction.md").write_text(section, encoding="utf-8")
    (folder / "reproduction.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    orbit_report.draw(folder, folder / orbit_report.PICTURE)
    if document:
        orbit_report.replace_section(document, section)
        orbit_report.draw(folder, document.parent / orbit_report.PICTURE)


if __name__ == "__main__":
    raise SystemExit(main())
