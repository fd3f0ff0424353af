"""What is promised of the models of the response, on patients of a new seed: ``make validate-ivgc``.

``python -m Testing.Experiments.validation.response.run [--patients N] [--seed S] [--parts PART ...] [--minutes M]``

- ``package``: the shipped packages on all patients, and RDINet (clinical) by each of its inputs alone, by DeLong.
- ``trained``: image alone, clinical features alone and early concatenation, which learn from the patients that the
  package has learned from, on the same new patients, by DeLong.
- ``leaders``: how often the generator's leading muscle leads the explanation, and the same with random weights.
- ``masks``: the same patients with the orbit model's masks in place of the true ones.
- ``inputs``: what each clinical feature and each group of inputs contributes to RDINet (clinical).
- ``image``: what the image tells of the response, and how much of it networks read off.
- ``noise``: networks that learn from permuted labels.

A run that was stopped goes on where it was. Writes ``validation.json`` and ``validation.md`` into the folder.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[4]
sys.path[:0] = [str(REPOSITORY / name) for name in ("OrbitSegmentation", "TAOActivity", "IVGCResponse")]

from IVGCResponseLib.study import STUDY  # noqa: E402
from IVGCResponseLib.synthetic.cohort import make_cohort  # noqa: E402
from IVGCResponseLib.synthetic.plan import ResponseCohortPlan  # noqa: E402
from NeuroOrbitLib.classifiers.cohort import Cohort  # noqa: E402
from NeuroOrbitLib.command_line import TerminalProgress  # noqa: E402
from NeuroOrbitLib.files.safe import write_json  # noqa: E402
from NeuroOrbitLib.jobs.progress import Cancelled, Progress, part  # noqa: E402
from NeuroOrbitLib.problem import Problem  # noqa: E402
from Testing.Experiments.reproduction.time_limit import until  # noqa: E402
from Testing.Experiments.validation.response import image, patients, report, steps  # noqa: E402

#: Function that does one part and returns plain data. Parts on single patients scan them again and need no cohort.
Part = Callable[[argparse.Namespace, Progress], dict[str, Any]]
PARTS: Mapping[str, Part] = {
    "leaders": lambda options, progress: patients.leaders(plan_of(options), options.output / "patients",
                                                          options.explained, progress),
    "masks": lambda options, progress: patients.masks(plan_of(options), options.output / "patients",
                                                      options.segmented, progress),
    "package": lambda options, progress: steps.packages(new_patients(options, progress), options.output),
    "inputs": lambda options, progress: steps.inputs(new_patients(options, progress), part(progress, 0.6, 1.0)),
    "noise": lambda options, progress: steps.noise(new_patients(options, progress), options.output / "noise",
                                                   options.permutations, progress),
    "trained": lambda options, progress: steps.trained(new_patients(options, progress),
                                                       learned_from(options, progress), options.output / "trained",
                                                       progress),
    "image": lambda options, progress: image.told(
        image.Patients.of(new_patients(options, progress), plan_of(options)),
        image.Patients.of(learned_from(options, progress), learned_plan(options)), options.output / "image", progress),
}


def plan_of(options: argparse.Namespace) -> ResponseCohortPlan:
    """Return the plan of the new patients."""
    return ResponseCohortPlan(options.patients, options.seed)


def new_patients(options: argparse.Namespace, progress: Progress) -> Cohort:
    """Return the new patients; missing ones are drawn."""
    return make_cohort(options.output / "cohort", plan_of(options), STUDY.settings(engine="own"),
                       progress=part(progress, 0.0, 0.6))


def learned_from(options: argparse.Namespace, progress: Progress) -> Cohort:
    """Return the patients on whom the other models are trained, by default those of the shipped packages."""
    return make_cohort(options.output / "learned", learned_plan(options), STUDY.settings(engine="own"),
                       progress=part(progress, 0.0, 0.6))


def learned_plan(options: argparse.Namespace) -> ResponseCohortPlan:
    """Return the plan of the patients on whom the other models are trained."""
    return ResponseCohortPlan(options.learn, options.learn_seed)


def run(options: argparse.Namespace, progress: Progress) -> None:
    """Do every part; finished ones are not repeated."""
    for number, name in enumerate(options.parts):
        found = PARTS[name](options, part(progress, number / len(options.parts), (number + 1) / len(options.parts)))
        write_json(options.output / f"{name}.json", found)


def results(options: argparse.Namespace) -> dict[str, Any]:
    """Return the available results: those of every finished part, and the facts of the cohort."""
    folder = options.output
    found = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in PARTS
             if (folder / f"{name}.json").exists()}
    facts = folder / "cohort" / "cohort.json"
    known = json.loads(facts.read_text(encoding="utf-8")) if facts.exists() else {}
    return {**found, "asked": {"patients": options.patients, "seed": options.seed}, "cohort": known}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for and report the available results.

    :return: 0 when all of it is done, 1 when the time was up, 2 if it cannot be done.
    """
    options = _parser().parse_args(arguments)
    done = True
    try:
        with TerminalProgress() as progress:
            run(options, until(options.minutes, progress))
    except Cancelled:
        print("The time is up. The next run goes on from here.", file=sys.stderr)
        done = False
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    found = results(options)
    text = report.page(found)
    print(text)
    write_json(options.output / "validation.json", found)
    for path in (options.output / "validation.md", options.page):
        if path is not None:
            path.write_text(text, encoding="utf-8")
    return int(not done)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=400, help="new synthetic patients (default 400)")
    parser.add_argument("--seed", type=int, default=3101, help="of them; of no training (default 3101)")
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--explained", type=int, help="responders whose answer is explained (default all)")
    parser.add_argument("--segmented", type=int, default=100, help="patients whose orbits are segmented")
    parser.add_argument("--permutations", type=int, default=20, help="of the labels")
    parser.add_argument("--learn", type=int, default=600, help="patients that the rivals learn from")
    parser.add_argument("--learn-seed", type=int, default=2501, help="of those; the packages have learned from 2501")
    parser.add_argument("--minutes", type=float, help="stop after this time; the next run goes on from there")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "out" / "validation" / "response")
    parser.add_argument("--page", type=Path, help="page to write, e.g. docs/results/ivgc_fresh.md")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
