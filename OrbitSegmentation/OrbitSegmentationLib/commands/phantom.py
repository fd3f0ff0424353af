"""``phantom``: make synthetic patients with known anatomy."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress
from NeuroOrbitLib.problem import Problem


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "phantom",
        help="make synthetic patients",
        description="Make synthetic patients with thyroid eye disease of known severity and activity: CT and MRI, "
        "label maps, the true volumes and proptosis (truth.json) and a manifest.csv. The same seed gives the same "
        "patients on every computer.",
    )
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder to write to")
    parser.add_argument("--count", type=int, default=1, help="number of patients (default 1)")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers (default 0)")
    parser.add_argument("--severity", type=float, help="0 healthy to 1; drawn for each patient if not given")
    parser.add_argument("--activity", type=float, help="inflammation, 0 to 1; drawn for each patient if not given")
    parser.add_argument("--protocol", action="append", metavar="NAME",
                        help="scan to take, may be repeated (default ct-fast and mr-axial-spir); 'list' shows all")


def run(arguments: argparse.Namespace) -> int:
    """Write the patients, or list the protocols."""
    from NeuroOrbitLib.phantom.patients.cohort import PhantomCohortPlan, write_cohort
    from NeuroOrbitLib.phantom.patients.patient import DEFAULT_PROTOCOLS
    from NeuroOrbitLib.phantom.scanner.protocols import PROTOCOLS

    if arguments.protocol and "list" in arguments.protocol:
        for name, protocol in PROTOCOLS.items():
            print(f"{name:18} {protocol.title}")
        return SUCCESS
    _check(arguments)
    plan = PhantomCohortPlan(arguments.count, arguments.seed, arguments.severity, arguments.activity,
                             tuple(dict.fromkeys(arguments.protocol or DEFAULT_PROTOCOLS)))
    with TerminalProgress() as progress:
        manifest = write_cohort(arguments.output, plan, progress)
    print(f"{plan.count} synthetic patient{'s' if plan.count > 1 else ''}, listed in {manifest}")
    return SUCCESS


def _check(arguments: argparse.Namespace) -> None:
    from NeuroOrbitLib.phantom.patients.cohort import MANIFEST

    if arguments.count < 1:
        raise Problem(f"--count is the number of patients, at least 1; not {arguments.count}.")
    if arguments.seed < 0:
        raise Problem(f"--seed is a whole number from 0; not {arguments.seed}.")
    if (arguments.output / MANIFEST).exists():
        raise Problem(f"{arguments.output} holds patients already, listed in {MANIFEST}. Choose an empty folder: what "
                      "was drawn or trained there would no longer belong to the scans.")
    for name in ("severity", "activity"):
        value = getattr(arguments, name)
        if value is not None and not 0.0 <= value <= 1.0:
            raise Problem(f"--{name} runs from 0 to 1, not {value:g}.")
