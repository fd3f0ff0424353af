"""The reproduction of Zhang et al. 2026 as a document and as data."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from IVGCResponseLib.muscle_groups import STRATEGIES
from NeuroOrbitLib.classifiers.commands.compare import judged_in
from NeuroOrbitLib.evaluation.classification.comparison import test_rows, write_comparison
from Testing.Experiments.reproduction.ivgc_plan import (
    ABLATION,
    COLUMNS,
    CONTRADICTIONS,
    LEARNERS,
    PACKAGES,
    PUBLISHED,
    PUBLISHED_TRAINING,
    Scale,
)
from Testing.Experiments.reproduction.results import evaluations, table

Results = Mapping[str, Any]
_MEASURES = ("auc", "accuracy", "sensitivity", "specificity", "precision", "npv")
#: Folder of ours that stands beside a row of the paper.
_BESIDE = {
    "SVM, MR+LR": "MR+LR-svm", "LogReg, four recti": "4_recti-logistic", "ResNet-50, MR+LR": None,
    "ResNet-50, four recti": "resnet50", "RDINet, MR+LR": "rdinet-MR+LR", "RDINet, four recti": "rdinet-4_recti",
    "RDINet (clinical), MR+LR": "rdinet_clinical-MR+LR", "RDINet (clinical), four recti": "rdinet_clinical-4_recti",
}  # fmt: skip
_COMPARED = {"Clinical features": "clinical", "Signal ratio": "signal_ratio", "Radiomics (chosen inside)": "radiomics",
             "ResNet-50": "resnet50", "RDINet": "rdinet-MR+LR", "RDINet (clinical)": "rdinet_clinical-MR+LR",
             "Early concatenation": "early-MR+LR"}
#: What is promised of the packages: AUC below the ceiling at most, calibration error at most, share of responders whose
#: leading muscle is found at least.
CEILING_BAR, ERROR_BAR, LEADER_BAR = 0.05, 0.08, 0.6
PICTURES = ("roc", "decision_curve", "calibration", "radar")
#: Pairs of a responder and another patient in the paper's test set.
_PAIRS = 12 * 18


def as_data(scale: Scale, folder: Path) -> dict[str, Any]:
    """Return every result that is there."""
    facts = folder / "cohort" / "cohort.json"
    cohort = json.loads(facts.read_text(encoding="utf-8")) if facts.exists() else {}
    return {"scale": scale.name, "synthetic": True, "cohort": {name: value for name, value in cohort.items() if
                                                               name.startswith("ceiling")}, **evaluations(folder)}


def compared(folder: Path) -> dict[str, Any] | None:
    """Return DeLong's tests between the models on the test part, after writing their page; None before two are there.
    """
    there = {name: folder / place for name, place in _COMPARED.items() if (folder / place / "predictions.csv").exists()}
    if len(there) < 2:
        return None
    models = {name: judged_in(place)[0] for name, place in there.items()}
    return write_comparison(folder / "comparison", "Response to glucocorticoids: models on the test part", models,
                            notice="All numbers on this page come from synthetic images.")


def copy_pictures(folder: Path, target: Path) -> None:
    """Put the figures of the comparison where the document looks for them."""
    for name in PICTURES:
        if (folder / "comparison" / f"{name}.png").exists():
            shutil.copyfile(folder / "comparison" / f"{name}.png", target / f"ivgc_{name}.png")


def markdown(scale: Scale, data: Results, tests: Results | None) -> str:
    """Return the document."""
    plan = scale.cohort
    test = next((found["cases"] for name, found in data.items() if isinstance(found, dict) and "training_auc" in found),
                0)
    lines = [
        "# Results: response to intravenous glucocorticoids", "",
        f"Printed by `make reproduce-ivgc ARGUMENTS='--scale {scale.name} --document docs/results/ivgc.md'`. Every "
        "number of ours is from **synthetic** scans of synthetic patients; only the rows of Zhang et al. 2026 are "
        "about patients. They say what the task was, not which model is better.", "",
        f"Scale `{scale.name}`: {scale.statement}. {plan.patients} patients, {plan.responders} responders; {test} of "
        "them are the test part. " + _ceiling(data)]
    for section in (_beside, _grid, _choice, _groups, _networks, _ablation, _noise, _packages, _sample):
        found = section(data)
        if found:
            lines += ["", *found]
    if tests:
        lines += ["", *_tests(tests)]
    lines += ["", "## What the paper leaves open", "", *(f"- {text}" for text in CONTRADICTIONS)]
    return "\n".join(lines) + "\n"


def _ceiling(data: Results) -> str:
    found = data["cohort"]
    if not found:
        return ""
    return ("No classifier can exceed these AUC on average: image {:.3f}, clinical features {:.3f}, both {:.3f} (of "
            "this cohort {:.3f}).".format(found["ceiling_auc_image"], found["ceiling_auc_clinical"],
                                          found["ceiling_auc"], found["ceiling_auc_of_this_cohort"]))


def _beside(data: Results) -> list[str]:
    rows = []
    for name, published in PUBLISHED.items():
        rows.append([f"{name}, Zhang et al., 30 patients", *map(_number, published), ""])
        if name in PUBLISHED_TRAINING:
            rows.append([f"{name}, Zhang et al., 117 training patients", *map(_number, PUBLISHED_TRAINING[name]), ""])
        own = data.get(_BESIDE[name] or "")
        if own:
            rows.append([f"{name}, ours, synthetic", *_row(own), _number(own["training_auc"])])
    return ["## Table 2 and the text of the paper beside ours", "", *table(["", *COLUMNS, "AUC, training"], rows), "",
            "Ours: learned from the training part once, judged on the test part; a patient is called a responder from "
            "a probability of 0.5 on. The image of every network is the box of all four recti, as in the paper; the "
            "group in the row's name is that of the radiomics features."]


def _grid(data: Results) -> list[str]:
    rows = [[group, *(f"{_auc(data, f'{group}-{key}')} / {_training(data, f'{group}-{key}')}" for key in LEARNERS)]
            for group in STRATEGIES]
    return ["## Muscles and learners (Fig. 4)", "", "AUC on the test part / on the training part.", "",
            *table(["Muscles", *LEARNERS.values()], rows)]


def _choice(data: Results) -> list[str]:
    reached = [data[f"{group}-{key}"]["measures"]["auc"]["mean"] for group in STRATEGIES for key in LEARNERS
               if f"{group}-{key}" in data]
    if "radiomics" not in data or not reached:
        return []
    inside = data["radiomics"]["measures"]["auc"]["mean"]
    return ["## What choosing on the test set pretends", "",
            f"The best of the {len(reached)} above on the test part has an AUC of {max(reached):.3f}; the one that is "
            f"chosen inside the training reaches {inside:.3f} there. The difference of {max(reached) - inside:+.3f} is "
            "what the choice alone pretends."]


def _groups(data: Results) -> list[str]:
    if "groups" not in data:
        return []
    columns = {"muscles unequal (lead 0.6)": data["groups"]}
    if "equal" in data:
        columns["muscles equal (lead 0)"] = data["equal"]
    rows = [[group, *(_number(found["auc"][group]) for found in columns.values())] for group in STRATEGIES]
    rows.append(["SD between groups", *(_number(found["spread"]) for found in columns.values())])
    return ["## Does the ranking of muscles vanish when they tell alike?", "",
            "Logistic regression, five folds by patient.", "", *table(["Muscles", *columns], rows)]


def _networks(data: Results) -> list[str]:
    rows = [[title, *_row(data[name]), _number(data[name]["training_auc"])] for title, name in _COMPARED.items()
            if name in data]
    return ["## Networks and baselines on the same test part", "", *table(["", *COLUMNS, "AUC, training"], rows),
            ""] + [f"![{name.replace('_', ' ')} of the models](ivgc_{name}.png)" for name in PICTURES] if rows else []


def _ablation(data: Results) -> list[str]:
    rows = [[str(count), *_row(data[f"k-{count}"]), _number(data[f"k-{count}"]["training_auc"])] for count in ABLATION
            if f"k-{count}" in data]
    return ["## Iterations of the interaction (k)", "", *table(["k", *COLUMNS, "AUC, training"], rows)] if rows else []


def _noise(data: Results) -> list[str]:
    if "noise" not in data:
        return []
    inside, outside = (np.array(data["noise"][name]) for name in ("inside", "outside"))
    text = (f"{len(inside)} permutations of the labels, five folds, radiomics of MR+LR: mean AUC {inside.mean():.3f} "
            f"(SD {inside.std(ddof=1):.3f}) with the selection inside the folds, {outside.mean():.3f} with the "
            "selection on all patients: the leak.")
    if "network-noise" in data:
        text += f" RDINet (clinical), test part: {np.mean(data['network-noise']['inside']):.3f}."
    return ["## What noise reaches", "", text]


def _packages(data: Results) -> list[str]:
    there = [name for name in PACKAGES if f"package-{name}" in data]
    if not there:
        return []
    ceiling = data["cohort"]["ceiling_auc_of_this_cohort"]
    rows = [[name, *_row(found), _number(found["measures"]["ece"]["mean"]), f"{found['novelty']['unusual_share']:.0%}"]
            for name, found in ((name, data[f"package-{name}"]) for name in there)]
    lines = ["## The shipped packages on these patients", "",
             "All patients of this cohort are new to the packages, which have learned from synthetic patients of "
             f"another seed. The ceiling of this cohort is {ceiling:.3f}. The promises are of 400 patients; here are "
             f"{data[f'package-{there[0]}']['cases']}, whose intervals are wide.", "",
             *table(["Package", *COLUMNS, "calibration error", "called unusual"], rows), ""]
    return lines + [line for name in there for line in _promises(name, data[f"package-{name}"], ceiling)]


def _promises(name: str, found: Results, ceiling: float) -> list[str]:
    """What a package's inputs contribute, and whether what is promised of it is kept."""
    shares = ", ".join(f"{group} {value:+.3f}" for group, value in found["contributions"]["groups"].items())
    led, error = found["leaders"], found["measures"]["ece"]["mean"]
    below, share = ceiling - found["measures"]["auc"]["mean"], led["found"] / max(led["asked"], 1)
    return [f"- `{name}`: Shapley values (AUC) {shares}",
            f"- {_kept(below <= CEILING_BAR)}: `{name}` {below:.3f} below the ceiling, wanted at most {CEILING_BAR}",
            f"- {_kept(error <= ERROR_BAR)}: `{name}` calibration error {error:.3f}, wanted at most {ERROR_BAR}",
            f"- {_kept(share >= LEADER_BAR)}: `{name}` the generator's leading muscle comes first in {led['found']} of "
            f"{led['asked']} correctly called responders, wanted {LEADER_BAR:.0%} (chance 25 %)"]


def _kept(is_kept: bool) -> str:
    return "kept" if is_kept else "**missed**"


def _sample(data: Results) -> list[str]:
    pairs = {name: row[0] * _PAIRS for name, row in PUBLISHED.items() if row[0]}
    rows = [[name, _number(value / _PAIRS), f"{value:.1f} of {_PAIRS}", _width(value / _PAIRS)]
            for name, value in pairs.items()]
    return ["## What 30 patients can tell", "",
            "An AUC on 12 responders and 18 others is a count of 216 pairs; the 95 % interval is that of Hanley and "
            "McNeil (1982). The printed AUC are whole counts, and all intervals overlap: nothing is told apart.", "",
            *table(["", "AUC", "pairs", "95 % interval"], rows)]


def _tests(tests: Results) -> list[str]:
    return ["## DeLong's tests between the models", "",
            *table(["First", "Second", "Difference of AUC", "95 % interval", "p"], test_rows(tests))]


def _width(area: float, responders: int = 12, others: int = 18) -> str:
    """The interval of an AUC by Hanley and McNeil 1982."""
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (responders - 1) * (first - area**2) + (others - 1) * (second - area**2)) / (
        responders * others)
    half = 1.96 * float(np.sqrt(variance))
    return f"{area - half:.3f} to {min(area + half, 1.0):.3f}"


def _row(found: Results) -> list[str]:
    auc = found["measures"]["auc"]
    return [f"{_number(auc['mean'])} ({_number(auc['low'])} to {_number(auc['high'])})",
            *(_number(found["measures"][name]["mean"]) for name in _MEASURES[1:])]


def _auc(data: Results, name: str) -> str:
    return _number(data[name]["measures"]["auc"]["mean"]) if name in data else ""


def _training(data: Results, name: str) -> str:
    return _number(data[name]["training_auc"]) if name in data else ""


def _number(value: float | None) -> str:
    return "" if value is None or not np.isfinite(value) else f"{value:.3f}"
