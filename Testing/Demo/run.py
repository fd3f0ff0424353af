"""The demonstration: ``python -m Testing.Demo.run [--scan PATH] [--output FOLDER]`` (``make demo``).

With ``--readme-picture`` it only draws the picture of the README, from the synthetic patient.

Takes a synthetic patient, and real scans where there are some, through the module's own panel on the real scene.
Writes ``report.html``, ``scene.mrb`` and ``pictures`` into the folder. The exit status is 0 when every scan has a
result, 1 when one has not (the report says why), 2 when there is nothing to start with.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib.problem import Problem
from Testing.Demo.cases import DemonstrationCase, demonstration_cases
from Testing.Demo.outcome import Outcome
from Testing.Demo.rendering import choose_render_window
from Testing.Demo.report import report_html

REPOSITORY = Path(__file__).resolve().parents[2]
README_PICTURE = REPOSITORY / "docs" / "pictures" / "orbit_segmentation.png"
MODULE_FILE = REPOSITORY / "OrbitSegmentation" / "OrbitSegmentation.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; see the module's text for the exit status."""
    options = parse_arguments(arguments)
    try:
        return draw_readme_picture(options.output) if options.readme_picture else demonstrate(options)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2


def demonstrate(options: argparse.Namespace) -> int:
    """Take all scans through the module and write the report; return 1 when a scan has no result.

    :raises Problem: when there is nothing to start with.
    """
    started = time.monotonic()
    cases = demonstration_cases(options.output / "scans", options.scan, say)
    session = start_application()
    outcomes = session.run(lambda: show(session, cases, options.output))
    report = options.output / "report.html"
    report.write_text(report_html(outcomes, time.monotonic() - started, datetime.datetime.now()), encoding="utf-8")
    for outcome in outcomes:
        if outcome.error:
            print(f"FAILED {outcome.case.title}: {outcome.error}", file=sys.stderr)
    say(f"Done in {time.monotonic() - started:.0f} s. Open {report}")
    return int(any(outcome.error for outcome in outcomes))


def draw_readme_picture(output: Path) -> int:
    """Draw the README's picture from the synthetic patient's CT.

    :raises Problem: when the module has no result for it.
    """
    from Testing.Demo.cases import phantom_cases
    from Testing.Demo.small_files import make_small

    say("Making the synthetic patient")
    (case,) = phantom_cases(output / "scans", ("ct-fast",))
    session = start_application()

    def work() -> None:
        from Testing.Demo.journey import Journey

        journey = Journey(session, output / "pictures")
        journey.show(case, README_PICTURE)
        journey.close()

    session.run(work)
    make_small(README_PICTURE)
    say(f"Drew {README_PICTURE.relative_to(REPOSITORY)}")
    return 0


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return ``scan`` (path or ``None``), ``output`` (absolute path) and ``readme_picture``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scan", type=Path, help="a CT or MRI volume of your own instead of the real scans")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "out" / "demo", help="folder of the results")
    parser.add_argument("--readme-picture", action="store_true", help="only draw docs/pictures/orbit_segmentation.png")
    options = parser.parse_args(arguments)
    options.output = options.output.resolve()
    return options


def start_application() -> Any:
    """Start the host of Slicer's modules in this process and load the module and its effects; return its session."""
    say("Starting the application")
    choose_render_window()
    sys.path.insert(0, str(REPOSITORY / "Testing" / "SlicerHost"))
    from slicerhost.session import start

    session = start()
    session.load_modules([MODULE_FILE.parent])
    return session


def show(session: Any, cases: Sequence[DemonstrationCase], output: Path) -> list[Outcome]:
    """Take the scans through the module, inside the running application, and save the scene."""
    from Testing.Demo.journey import Journey

    journey = Journey(session, output / "pictures")
    outcomes = []
    for number, case in enumerate(cases, start=1):
        say(f"{number} of {len(cases)}: {case.title}")
        outcomes.append(journey.go(case))
        say(f"    {outcomes[-1].error or f'{outcomes[-1].seconds:.1f} s'}")
    journey.close()
    say("Saving the scene")
    save_scene(output / "scene.mrb")
    return outcomes


def save_scene(path: Path) -> None:
    """Save everything as one file.

    :raises Problem: when the application cannot.
    """
    import slicer

    path.unlink(missing_ok=True)
    if not slicer.util.saveScene(str(path)):
        raise Problem(f"{path} could not be written. Is there room on the disk?")


def say(text: str) -> None:
    """Print a message for the user at once."""
    print(text, flush=True)


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # static destructors of Qt and VTK run in an undefined order
