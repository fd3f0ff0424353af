"""The validation of an orbit model: ``python -m Testing.Experiments.validation.orbit.run`` (``make validate-orbit``).

Cases are phantoms of the papers' protocols, annotated real scans (also with the head turned, in thick slices and in
other units), orbits of label maps that were kept out of training, copies of scans in which the result must be the same,
and images that do not show an orbit. The result of each case is cached by the model's weights and rules and by the
case's content, so that an interrupted validation continues where it stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

from NeuroOrbitLib.models import ModelPackage, find_package  # noqa: E402
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL, RULES_VERSION  # noqa: E402
from Testing.Experiments.validation.orbit import familiarity, planted, scoring, sides, whole_heads  # noqa: E402
from Testing.Experiments.validation.orbit.case import ScoredCase  # noqa: E402
from Testing.Experiments.validation.orbit.chiasms import chiasm_cases  # noqa: E402
from Testing.Experiments.validation.orbit.head_maps import head_map_cases  # noqa: E402
from Testing.Experiments.validation.orbit.phantoms import (  # noqa: E402
    chemical_shift_cases,
    contrast_pair,
    healthy_phantoms,
    phantom_cases,
    quick_phantom,
)
from Testing.Experiments.validation.orbit.real import annotated_cases, other_cases  # noqa: E402
from Testing.Experiments.validation.orbit.report import Report, write_section  # noqa: E402
from Testing.Experiments.validation.orbit.retaken import retaken_cases  # noqa: E402
from Testing.Experiments.validation.orbit.turned import turned_cases  # noqa: E402
from Testing.Experiments.validation.orbit.unusual import look_at, operated_cases, other_unusual_cases  # noqa: E402

PARTS = ("real", "turned", "retaken", "head-maps", "chiasm", "phantoms", "chemical-shift", "consistency",
         "strangers", "planted", "heads", "sides", "unusual")
Measure = Callable[[Any, ModelPackage, int | None], dict[str, Any]]


class Validation:
    """Runs cases of one model and keeps their results.

    :param say: called with a message when a case is done.
    """

    def __init__(self, package: ModelPackage, cache: Path, views: int | None = None,
                 say: Callable[[str], None] = print) -> None:
        self.package, self.views, self.say = package, views, say
        self.scans = cache
        self.folder = cache / f"{package.name}-{package.sha256[:12]}-{RULES_VERSION}-{views or 'default'}"

    def result(self, kind: str, case: ScoredCase, measure: Measure, subject: Any = None) -> dict[str, Any]:
        """Return the result of ``measure`` for a case (or for ``subject``), from the cache if it is there."""
        path = self.folder / f"{kind}-{case.key}.json"
        if not path.exists():
            data = measure(subject or case, self.package, self.views)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps({"group": case.group, "name": case.name, **data}), encoding="utf-8")
            partial.replace(path)
            self.say(f"{kind}: {case.group}: {case.name}")
        return json.loads(path.read_text(encoding="utf-8"))

    def scored(self, cases: Iterable[ScoredCase]) -> list[dict[str, Any]]:
        """Return the scores of cases."""
        return [self.result("score", case, scoring.score) for case in cases]

    def eyes_of_heads(self, contrasts: int) -> dict[str, dict[str, int]]:
        """Return the numbers of eyes found, missed and invented in whole heads and in small fields of view."""
        totals = {}
        for title, cases in whole_heads.eyes_of_heads(contrasts).items():
            each = [self.result("heads", case, whole_heads.find_eyes_of) for case in cases]
            totals[title] = {key: sum(result[key] for result in each)
                             for key in ("scans", "eyes", "missed", "swapped", "elsewhere")}
        return totals

    def operated(self) -> dict[str, list[dict[str, Any]]]:
        """Return notices and measures of eyes after surgery, by operation and kind of scan."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for each in operated_cases():
            groups.setdefault(each.case.group, []).append(self.result("unusual", each.case, look_at, each))
        return groups

    def turned(self, poses: int) -> dict[str, int]:
        """Return how many eyes were swapped or missed in ``poses`` poses of heads."""
        case, total = quick_phantom(), {"poses": 0, "swapped": 0, "missed": 0}
        for first in range(0, poses, sides.BLOCK):
            block = replace(case, name=f"{case.name} from pose {first}")
            result = self.result("sides", block, sides.turn_heads, sides.Block(case, first))
            total = {key: value + result[key] for key, value in total.items()}
        return total


def validate(validation: Validation, parts: Iterable[str], patients: int = 2, contrasts: int = 3,
             poses: int = 1000, offsets: int = 1) -> Report:
    """Return the whole validation, or parts of it (:data:`PARTS`).

    :param patients: phantoms per protocol and condition.
    :param contrasts: images per orbit and head of the label maps.
    :param poses: poses of heads in which the sides must not be confused.
    :param offsets: places of the first slice for each kind of thick slices.
    """
    results, agreement, strangers, faults, heads, turned = [], {}, {}, {}, {}, None
    real = [*annotated_cases(), *other_cases()]
    if "real" in parts:
        results += validation.scored(real)
    if "turned" in parts:
        results += validation.scored(turned_cases())
    if "retaken" in parts:
        results += validation.scored(retaken_cases(offsets))
    if "head-maps" in parts:
        results += validation.scored(head_map_cases(validation.scans, contrasts))
    if "chiasm" in parts:
        results += validation.scored(chiasm_cases(contrasts))
    if "phantoms" in parts:
        results += validation.scored(phantom_cases(patients))
    if "chemical-shift" in parts:
        results += validation.scored(chemical_shift_cases(patients))
    if "consistency" in parts:
        pair = contrast_pair()
        agreement[pair["CT"].group] = validation.result("pair", pair["CT"], scoring.agree_between, pair)
        agreement |= {case.name: validation.result("copies", case, scoring.agree) for case in real}
    if "strangers" in parts:
        strangers = {case.name: validation.result("strangers", case, scoring.beware) for case in real[:2]}
    if "planted" in parts:
        faults = {case.name: validation.result("planted", case, planted.plant)
                  for case in (*real, *healthy_phantoms(patients))}
    if "heads" in parts:
        heads = validation.eyes_of_heads(contrasts)
    if "sides" in parts:
        turned = validation.turned(poses)
    operated = {}
    if "unusual" in parts:
        results += validation.scored(other_unusual_cases())
        operated = validation.operated()
    return replace(Report.of(validation.package, results, agreement, strangers, heads, turned, faults),
                   operated=operated)


def validate_quickly(validation: Validation) -> Report:
    """Run every kind of measure that needs no real data on one coarse phantom, which takes seconds."""
    case = quick_phantom()
    strangers = validation.result("strangers", case, scoring.beware)
    return Report.of(validation.package, validation.scored([case]), {}, {case.name: strangers})


def main(arguments: list[str] | None = None) -> int:
    """Print the table and write the requested files; return 1 if a bar is missed, else 0."""
    options = _parser().parse_args(arguments)
    validation = Validation(find_package(options.model), options.cache, 1 if options.quick else options.views)
    if options.quick:
        report = validate_quickly(validation)
    else:
        report = validate(validation, options.parts, options.patients, options.contrasts, options.poses,
                          options.offsets)
    print(report.text())
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report.as_data(), indent=2) + "\n", encoding="utf-8")
    if options.docs:
        write_section(options.docs, report, _told(options))
    if options.reference:
        print(json.dumps({"novelty": familiarity.reference(report.results)}, indent=2))
    return int(bool(report.missed))


def _told(options: argparse.Namespace) -> str:
    """Return the arguments that affect the results and differ from their defaults."""
    usual = _parser().parse_args([])
    parts = "" if tuple(options.parts) == usual.parts else f"--parts {' '.join(options.parts)}"
    names = ("patients", "contrasts", "poses", "offsets", "views")
    numbers = [f"--{name} {getattr(options, name)}" for name in names if getattr(options, name) != getattr(usual, name)]
    return " ".join(filter(None, [parts, *numbers]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=DEFAULT_MODEL, help="name or folder of a model package")
    parser.add_argument("--quick", action="store_true", help="one coarse phantom, one view: is everything in order?")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--patients", type=int, default=2, help="phantoms per protocol and condition")
    parser.add_argument("--contrasts", type=int, default=3, help="images per orbit and head of the label maps")
    parser.add_argument("--poses", type=int, default=1000, help="poses of heads whose sides must not be confused")
    parser.add_argument("--offsets", type=int, default=1, help="places of the first of thick slices")
    parser.add_argument("--views", type=int, help="views of each orbit (default: the product's)")
    parser.add_argument("--cache", type=Path, default=REPOSITORY / "out" / "validation" / "cache")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results to this file")
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write the table into this page's section Validation")
    parser.add_argument("--reference", action="store_true",
                        help="print mean and SD of the measures of novelty on the synthetic cases, for the package")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
