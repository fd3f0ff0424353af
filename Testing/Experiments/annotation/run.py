"""How many clicks and strokes ground truth costs: ``python -m Testing.Experiments.annotation.run [--quick]``.

Scripted users with an unsteady hand label eye muscles, nerve and globe of synthetic patients, and of annotated real
scans where there are some, in several ways (``make bench-annotation``). The exit status is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

from Testing.Experiments.annotation.cases import AnnotatedHead, drawn_case, phantom_cases, real_cases  # noqa: E402
from Testing.Experiments.annotation.methods import METHODS, prelabel  # noqa: E402
from Testing.Experiments.annotation.session import TARGETS, Session  # noqa: E402
from Testing.Experiments.annotation.summary import complete, missed_targets, report  # noqa: E402

PROTOCOLS = ("ct-fast", "mr-coronal-t2", "mr-t1", "mr-axial-spir")
SEEDS = (4, 3)
LIMIT = 100
QUICK_LIMIT = 60
REPORT = REPOSITORY / "docs" / "results" / "annotation.md"
PICTURE = REPOSITORY / "docs" / "pictures" / "annotation_effort.png"


def main() -> int:
    """Label all cases with all methods, print the report, and write it with its figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one drawn muscle, in less than a minute")
    parser.add_argument("--runs", type=Path, metavar="FILE",
                        help="one line of JSON per run; those already there are not repeated")
    parser.add_argument("--report", type=Path, metavar="FILE", help="the report, markdown (--quick: none)")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="the interactions (PNG)")
    parser.add_argument("--protocols", nargs="*", default=PROTOCOLS, help="of the synthetic scans")
    parser.add_argument("--no-labelling", action="store_true", help="only report what has been done")
    parser.add_argument("--no-real", action="store_true", help="leave out the real scans")
    options = parser.parse_args()
    if not options.quick:
        options.report, options.picture = options.report or REPORT, options.picture or PICTURE
    file = options.runs or Path("out/annotation-quick.jsonl" if options.quick else "out/annotation.jsonl")
    runs = label_everything(file, chosen_cases(options), QUICK_LIMIT if options.quick else LIMIT)
    text = report(complete(runs))
    print(text)
    if options.report:
        options.report.write_text(text + "\n", encoding="utf-8")
    if options.picture:
        from Testing.Experiments.annotation.plot import draw

        draw(complete(runs), options.picture)
    missed = missed_targets(complete(runs))
    for line in missed:
        print(f"TARGET MISSED: {line}", file=sys.stderr)
    return int(bool(missed))


def chosen_cases(options: argparse.Namespace) -> Iterator[AnnotatedHead]:
    """Return the cases to label, made as they are needed."""
    if options.no_labelling:
        return iter(())
    return iter([drawn_case()]) if options.quick else all_cases(options.protocols, not options.no_real)


def all_cases(protocols: Sequence[str], real: bool) -> Iterator[AnnotatedHead]:
    """Yield a first patient of every protocol, then the next ones; then the real scans."""
    for seed in SEEDS:
        for protocol in protocols:
            yield from phantom_cases(protocol, seed)
    if real:
        yield from real_cases()


def label_everything(path: Path, cases: Iterator[AnnotatedHead], limit: int) -> list[dict[str, Any]]:
    """Run all methods on all cases; each run is written to ``path`` as soon as it is done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    runs = [json.loads(line) for line in lines]
    done = {(run["case"], run["method"], run["proposer"]) for run in runs}
    with path.open("a", encoding="utf-8") as file:
        for case in cases:
            for method in METHODS:
                if (case.name, method, _proposer(case, method)) not in done:
                    runs.append(label(case, method, limit))
                    print(json.dumps(runs[-1]), file=file, flush=True)
                    print(f"{case.name}: {method}: {runs[-1]['reached']}", file=sys.stderr, flush=True)
    # Runs that began with the outline of an older model have been repeated.
    return list({(run["case"], run["method"]): run for run in runs}.values())


def label(case: AnnotatedHead, method: str, limit: int) -> dict[str, Any]:
    """Let one user label one structure, and return plain data about it."""
    session, started = Session(case, limit), time.monotonic()
    METHODS[method](session, np.random.default_rng(zlib.crc32(case.name.encode())))
    steps = {str(target): session.reached(target) for target in TARGETS}
    reached = {target: None if step is None else
               {"interactions": step.interactions, "seconds": step.seconds, "travel_mm": step.travel_mm}
               for target, step in steps.items()}
    return {"case": case.name, "source": case.source, "real": case.real, "group": case.group, "plane": case.plane,
            "slices": int(case.reference.any(axis=(1, 2)).sum()), "method": method, "limit": limit,
            "proposer": _proposer(case, method),
            "reached": reached, "dice": session.dice(), "counts": dict(session.counts),
            "corrected_by": session.corrected_by,
            "wall_s": time.monotonic() - started}


def _proposer(case: AnnotatedHead, method: str) -> str:
    """Return the model whose outline a method begins with; "" if there is none."""
    return case.proposer if METHODS[method] is prelabel else ""


if __name__ == "__main__":
    sys.exit(main())
