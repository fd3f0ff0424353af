"""The reproduction of the study on NMOSD and MS as a document and as data."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.commands.compare import judged_in
from NeuroOrbitLib.evaluation.classification.comparison import test_rows, write_comparison
from Testing.Experiments.reproduction.neuro_lesions import SPECIFIC_RATIO, specific_patterns
from Testing.Experiments.reproduction.neuro_plan import (
    BASELINES,
    CACCIAGUERRA,
    CEILING_BAR,
    CHANCE_BAR,
    CONTRADICTIONS,
    ERROR_BAR,
    NETWORKS,
    PACKAGES,
    PLACE_BAR,
    PUBLISHED,
    Scale,
)
from Testing.Experiments.reproduction.results import evaluations, table

Results = Mapping[str, Any]
PICTURES = ("roc", "calibration")
_MEASURES = {"auc": "AUC", "accuracy": "accuracy", "sensitivity": "sensitivity", "specificity": "specificity",
             "ece": "calibration error"}


def as_data(scale: Scale, folder: Path) -> dict[str, Any]:
    """Return all available results."""
    facts = {path.parent.name: json.loads(path.read_text(encoding="utf-8"))
             for path in sorted(folder.glob("cohort-*/cohort.json"))}
    return {"scale": scale.name, "synthetic": True, "cohorts": facts, **evaluations(folder)}


def compared(folder: Path) -> dict[str, Any] | None:
    """Return DeLong's tests between the models of the study, after writing their page; ``None`` for fewer than two."""
    titles = {**{name: title for name, (_key, title, _changes) in BASELINES.items()}, **NETWORKS}
    there = {title: folder / name for name, title in titles.items() if _covers_all(folder / name)}
    if len(there) < 2:
        return None
    models = {title: judged_in(place)[0] for title, place in there.items()}
    return write_comparison(folder / "comparison", "NMOSD or MS: models on one cohort", models,
                            notice="All numbers on this page come from synthetic images.")


def copy_pictures(folder: Path, target: Path) -> None:
    """Copy the figures of the comparison to where the document refers to them."""
    for name in PICTURES:
        if (folder / "comparison" / f"{name}.png").exists():
            shutil.copyfile(folder / "comparison" / f"{name}.png", target / f"neuro_{name}.png")


def markdown(scale: Scale, data: Results, tests: Results | None) -> str:
    """Return the document."""
    lines = [
        "# Results: NMOSD or MS by the lesions of the brain", "",
        f"Printed by `make reproduce-neuro ARGUMENTS='--scale {scale.name} --document docs/results/neuro.md'`. Every "
        "number of ours is from **synthetic** lesions of synthetic patients; only the rows of the paper (41 patients "
        "with NMOSD, 47 with MS) are about patients. They say what the task was, not which model is better.", "",
        f"Scale `{scale.name}`: {scale.statement}. {scale.study.patients} patients, {scale.study.nmosd} with NMOSD. "
        + _ceiling(scale, data)]
    for section in (_table_2, _second_row, _complexity, _curves, _noise, _packages, _masks, _lesions, _table_1):
        found = section(scale, data)
        if found:
            lines += ["", *found]
    if tests:
        lines += ["", "## DeLong's tests between the models", "", *table(
            ["First", "Second", "Difference of AUC", "95 % interval", "p"], test_rows(tests))]
    lines += ["", "## What the paper contradicts itself in, or leaves open", "",
              *(f"- {text}" for text in CONTRADICTIONS)]
    return "\n".join(lines) + "\n"


def _ceiling(scale: Scale, data: Results) -> str:
    facts = _facts(data, scale.study.seed)
    if not facts:
        return ""
    return (f"{facts['mix_nmosd_like_ms']:.1%} of the patients with NMOSD have the lesions of MS, and half as many the "
            f"other way, so that no classifier can exceed an AUC of {facts['ceiling_auc']:.3f} on average "
            f"({facts['ceiling_auc_of_this_cohort']:.3f} in this cohort) and an accuracy of "
            f"{facts['ceiling_accuracy']:.3f}.")


def _table_2(scale: Scale, data: Results) -> list[str]:
    rows = [[f"{name}, paper, 15 x 5 folds", "", *map(_number, row), ""] for name, row in PUBLISHED.items()]
    rows += [[f"Cacciaguerra et al. 2019 with the spinal cord, {name} sample", "", "", *map(_number, row), ""]
             for name, row in CACCIAGUERRA.items()]
    for each in scale.networks:
        if each.key in data:
            found = data[each.key]
            how = "one fold of five" if each.one_fold else f"{len(found['repeats'])} x {each.config().folds} folds"
            rows.append([f"{NETWORKS[each.key]}, ours, {how}", *_row(found)])
    rows += [[f"{title}, ours", *_row(data[name])] for name, (_key, title, _changes) in BASELINES.items()
             if name in data]
    pictures = [f"![{name} of the models](neuro_{name}.png)" for name in PICTURES]
    return ["## Table 2 of the paper beside ours", "", *table(["", *_MEASURES.values()], rows), "",
            "Mean, with the SD over repeats where there are several. Ours are out-of-fold predictions by patient; a "
            "patient is called NMOSD from a probability of 0.5 on. No network starts from weights of photographs: no "
            "package index holds them, and a file of one's own is named by `network_options.start`. What the "
            "criteria ask for is in the module's README.", "", *pictures]


def _second_row(scale: Scale, data: Results) -> list[str]:
    titles = {"two_view_compact": "two views, lesions found in the FLAIR",
              "drawn-two_view_compact": "two views, lesions as drawn",
              "flair-two_view_compact": "two views, FLAIR inside of lesions found",
              "table-logistic": "lesion table, lesions found", "drawn-table-logistic": "lesion table, lesions as drawn"}
    if not scale.finds or "drawn-two_view_compact" not in data:
        return []
    return ["## Lesions as found and as drawn", "",
            *table(["", *_MEASURES.values()], [[title, *_row(data[name])] for name, title in titles.items()
                                               if name in data])]


def _complexity(scale: Scale, data: Results) -> list[str]:
    rows = [[NETWORKS[key], f"{found['parameters']:,}".replace(",", " "), f"{found['step_s']:.2f}",
             f"{found['answer_s']:.3f}", f"{found['peak_gib']:.2f}"]
            for key, found in ((key, data.get(f"complexity-{key}")) for key in scale.complexity) if found]
    return ["## Parameters, seconds and memory (Table 3)", "",
            *table(["Network", "parameters", "s per image learned from", "s per answer", "GiB at most"], rows), "",
            "Processor seconds of one thread; memory of a process that learns from two images at a time."] if rows \
        else []


def _curves(scale: Scale, data: Results) -> list[str]:
    lines: list[str] = []
    for key, _every in scale.curves:
        found = data.get(f"curves-{key}")
        if found:
            rows = [[str(epoch), *(f"{found[side][name][place]:.3f}" for side in ("training", "validation")
                                   for name in ("loss", "accuracy"))] for place, epoch in enumerate(found["epochs"])]
            lines += ["", f"{NETWORKS[key]}, first fold:", "", *table(
                ["epochs", "loss, training", "accuracy, training", "loss, validation", "accuracy, validation"], rows)]
    return ["## Training and validation (Fig. 4)", *lines] if lines else []


def _noise(scale: Scale, data: Results) -> list[str]:
    if "noise" not in data:
        return []
    mean = float(np.mean(data["noise"]["table"]))
    spread = float(np.std(data["noise"]["table"], ddof=1))
    lines = ["## What chance reaches", "",
             f"{len(data['noise']['table'])} permutations of the labels, lesion table, five folds: mean AUC {mean:.3f} "
             f"(SD {spread:.3f}).", "", f"- {_kept(abs(mean - 0.5) <= CHANCE_BAR)}: mean of the permutations "
             f"{mean:.3f}, wanted 0.5 +- {CHANCE_BAR}"]
    if data["noise"]["network"]:
        lines.append(f"- Two views, compact, {len(data['noise']['network'])} permutations: "
                     f"{np.mean(data['noise']['network']):.3f}")
    return lines


def _packages(scale: Scale, data: Results) -> list[str]:
    there = {name: data[f"package-{name}"] for name in PACKAGES if f"package-{name}" in data}
    if not there:
        return []
    facts = _facts(data, scale.fresh.seed)
    rows = [[f"`{name}`", *_row(found), f"{found['novelty']['unusual_share']:.0%}" if found.get("novelty") else ""]
            for name, found in there.items()]
    return ["## The shipped packages on patients new to them", "",
            f"{scale.fresh.patients} patients, lesions found in a simulated FLAIR; the packages have learned from "
            f"patients of another seed. Ceiling of this cohort: AUC {facts['ceiling_auc_of_this_cohort']:.3f}.", "",
            *table(["Package", *_MEASURES.values(), "called unusual"], rows), "",
            *(line for name, found in there.items() for line in _promises(name, found, facts))]


def _promises(name: str, found: Results, facts: Results) -> list[str]:
    """Return lines that say whether the promises about a package are kept."""
    accuracy, auc, error = (found["measures"][key] for key in ("accuracy", "auc", "ece"))
    below, ceiling = facts["ceiling_accuracy"] - accuracy["mean"], facts["ceiling_auc_of_this_cohort"]
    return [f"- {_kept(below <= CEILING_BAR)}: `{name}` accuracy {below:.3f} below the ceiling, wanted at most "
            f"{CEILING_BAR}",
            f"- {_kept(auc['low'] <= ceiling)}: `{name}` AUC not significantly above the ceiling ({auc['low']:.3f} to "
            f"{auc['high']:.3f})",
            f"- {_kept(error['mean'] <= ERROR_BAR)}: `{name}` calibration error {error['mean']:.3f}, wanted at most "
            f"{ERROR_BAR}"]


def _masks(scale: Scale, data: Results) -> list[str]:
    rows = [[f"`{name}`, {title}", *_row(data[f"{kind}-{name}"])] for name in PACKAGES
            for kind, title in (("drawn-masks", "lesions as drawn"), ("found-masks", "lesions found in the FLAIR"))
            if f"{kind}-{name}" in data]
    return ["## The packages on lesions as drawn and as found", "",
            f"The same {scale.found.patients} patients twice, so few at the scale `quick` that only large differences "
            "can be seen.", "", *table(["", *_MEASURES.values()], rows)] if rows else []


def _lesions(scale: Scale, data: Results) -> list[str]:
    there = {name: data[f"lesions-{name}"] for name in PACKAGES if f"lesions-{name}" in data}
    if not there:
        return []
    rows = [[f"`{name}`, {title}", *(_number(found[key][what]) for what in ("places", "evidence"))]
            for name, found in there.items()
            for key, title in (("trained", "trained"), ("random", "knows nothing"))]
    first = next(iter(there.values()))
    patterns = ", ".join(sorted(pattern.name.lower().replace("_", " ") for pattern in specific_patterns()))
    return ["## Lesions left out one by one", "",
            f"{first['lesions']} lesions of {first['patients']} patients, each against as much of the other lesions. "
            f"Places of one disease are patterns at least {SPECIFIC_RATIO:.0f} times as frequent in it ({patterns}). "
            "The AUC says whether the size of a lesion's effect tells them from the others; the rank correlation is "
            "that of the effects with the evidence that the generator gave to each lesion. What knows nothing: random "
            "weights of a network, permuted labels of a learner on the lesion table.", "",
            *table(["", "AUC, places of one disease", "rank correlation with the evidence"], rows), "",
            *(f"- {_kept((found['trained']['places'] or 0.0) >= PLACE_BAR)}: `{name}` "
              f"{_number(found['trained']['places'])}, wanted at least {PLACE_BAR}" for name, found in there.items())]


def _table_1(scale: Scale, data: Results) -> list[str]:
    if "table-1" not in data:
        return []
    study, scans = data["table-1"]["study"], data["table-1"]["scans"]
    return ["## Table 1 of the cohort", "", *table(study["header"], study["rows"]), "",
            "Plane and scanner of the simulated FLAIR do not depend on the class:", "",
            *table(scans["header"], scans["rows"])]


def _covers_all(folder: Path) -> bool:
    """Return whether a step has evaluated all patients of the study, so that it can be compared."""
    if not (folder / "predictions.csv").exists() or not (folder / "evaluation.json").exists():
        return False
    return "training_auc" not in json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))


def _facts(data: Results, seed: int) -> Results:
    return next((facts for name, facts in data["cohorts"].items() if name.startswith(f"cohort-{seed}-")), {})


def _row(found: Results) -> list[str]:
    cells = []
    for name in _MEASURES:
        measure = found["measures"][name]
        spread = measure.get("sd")
        cells.append(_number(measure["mean"]) + (f" +- {spread:.3f}" if spread is not None else ""))
    cells[0] += " ({} to {})".format(*(_number(found["measures"]["auc"][edge]) for edge in ("low", "high")))
    return cells


def _kept(is_kept: bool) -> str:
    return "kept" if is_kept else "**missed**"


def _number(value: float | None) -> str:
    return "" if value is None or not np.isfinite(value) else f"{value:.3f}"
