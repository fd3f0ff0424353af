"""Side-by-side reproduction of the SV-Net and SEQ-UNET papers on synthetic CT: ``make reproduce-orbit``.

``python -m Testing.Experiments.reproduction.orbit [--scale auto|full|small|quick] [--minutes N] [--output FOLDER]``

A run that was stopped goes on where it was. Writes ``reproduction.md``, ``reproduction.json`` and box plots into the
folder, and with ``--document`` the section "Reproduction" of a document.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / "OrbitSegmentation")]

from NeuroOrbitLib.jobs.progress import Progress, part  # noqa: E402
from Testing.Experiments.reproduction import orbit_report  # noqa: E402
from Testing.Experiments.reproduction.command import reproduce  # noqa: E402
from Testing.Experiments.reproduction.orbit_plan import STUDIES, Scale, choose_scale  # noqa: E402
from Testing.Experiments.reproduction.orbit_runs import run_study  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and report the available results; see :func:`Testing.Experiments.reproduction.command.reproduce`."""
    return reproduce(__doc__, REPOSITORY / "out" / "reproduction", choose_scale, run_all, report, arguments)


def run_all(scale: Scale, folder: Path, device: str, progress: Progress) -> None:
    """Run all studies, one after the other."""
    for number, study in enumerate(STUDIES):
        print(study.title, file=sys.stderr)
        share = part(progress, number / len(STUDIES), (number + 1) / len(STUDIES))
        run_study(study, scale, folder / study.key, device, share)


def report(scale: Scale, folder: Path, document: Path | None) -> None:
    """Print and write the available results."""
    data = orbit_report.as_data(scale, folder)
    if not any(study["rows"] for study in data["studies"].values()):
        return
    section = orbit_report.markdown(scale, folder)
    print(section)
    (folder / "reproduction.md").write_text(section, encoding="utf-8")
    (folder / "reproduction.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    orbit_report.draw(folder, folder)
    if document:
        orbit_report.replace_section(document, section)
        orbit_report.draw(folder, document.parent)


if __name__ == "__main__":
    raise SystemExit(main())
