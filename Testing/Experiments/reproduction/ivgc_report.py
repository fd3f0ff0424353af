"""The reproduction of Zhang et al. 2026 as a document and as data."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from IVGCResponseLib.clinical import FEATURES
from IVGCResponseLib.muscle_groups import STRATEGIES
from NeuroOrbitLib.classifiers.commands.compare import judged_in
from NeuroOrbitLib.evaluation.classification.comparison import test_rows, write_comparison
from Testing.Experiments.reproduction.ivgc_plan import (
    ABLATION,
    COLUMNS,
    CONTRADICTIONS,
    LEARNERS,
    PACKAGES,
    PARTS,
    PUBLISHED,
    PUBLISHED_TRAINING,
    Scale,
)
from Testing.Experiments.reproduction.results import evaluations, joined, split_sections, table
from Testing.Experiments.validation.response.report import CEILING_BAR, ERROR_BAR, FALLS, LEADERS_TITLE, falls, leaders

Results = Mapping[str, Any]
_MEASURES = ("auc", "accuracy", "sensitivity", "specificity", "precision", "npv")
#: Folder of our result for a row of the paper.
_BESIDE = {
    "SVM, MR+LR": "MR+LR-svm", "LogReg, four recti": "4_recti-logistic", "ResNet-50, MR+LR": None,
    "ResNet-50, four recti": "resnet50", "RDINet, MR+LR": "rdinet-MR+LR", "RDINet, four recti": "rdinet-4_recti",
    "RDINet (clinical), MR+LR": "rdinet_clinical-MR+LR", "RDINet (clinical), four recti": "rdinet_clinical-4_recti",
}  # fmt: skip
_COMPARED = {"Clinical features": "clinical", "Signal ratio": "signal_ratio", "Radiomics (chosen inside)": "radiomics",
             "ResNet-50": "resnet50", "RDINet": "rdinet-MR+LR", "RDINet (clinical)": "rdinet_clinical-MR+LR",
             "Early concatenation": "early-MR+LR"}
PICTURES = ("roc", "decision_curve", "calibration", "radar")
#: Number of pairs of a responder and a non-responder in the paper's test set.
_PAIRS = 12 * 18


def as_data(scale: Scale, folder: Path) -> dict[str, Any]:
    """Return all available results."""
    facts = folder / "cohort" / "cohort.json"
    cohort = json.loads(facts.read_text(encoding="utf-8")) if facts.exists() else {}
    return {"scale": scale.name, "synthetic": True, "cohort": {name: value for name, value in cohort.items() if
                                                               name.startswith("ceiling")}, **evaluations(folder)}


def compared(scale: Scale, folder: Path) -> dict[str, Any] | None:
    """Return DeLong's tests between the models on the test part, after writing their page.

    The result is ``None`` for fewer than two models, or if the scale's parts do not include all of them.
    """
    if not {"learners", "networks"} <= set(scale.parts):
        return None
    there = {name: folder / place for name, place in _COMPARED.items() if (folder / place / "predictions.csv").exists()}
    if len(there) < 2:
        return None
    models = {name: judged_in(place)[0] for name, place in there.items()}
    return write_comparison(folder / "comparison", "Response to glucocorticoids: models on the test part", models,
                            notice="All numbers on this page come from synthetic images.")


def copy_pictures(folder: Path, target: Path) -> None:
    """Copy the figures of the comparison to where the document refers to them."""
    for name in PICTURES:
        if (folder / "comparison" / f"{name}.png").exists():
            shutil.copyfile(folder / "comparison" / f"{name}.png", target / f"ivgc_{name}.png")


def markdown(scale: Scale, data: Results) -> str:
    """Return the document.

    :param data: all results, with DeLong's tests as ``tests`` if there are any.
    """
    plan = scale.cohort
    test = next((found["cases"] for name, found in data.items() if isinstance(found, dict) and "training_auc" in found),
                0)
    head = [
        "# Results: response to intravenous glucocorticoids", "",
        f"Printed by `{_command(scale)}`. Every "
        "number of ours is from **synthetic** scans of synthetic patients; only the rows of Zhang et al. 2026 are "
        "about patients. They say what the task was, not which model is better.", "",
        f"Scale `{scale.name}`: {scale.statement}. {plan.patients} patients, {plan.responders} responders; {test} of "
        "them are the test part. " + _ceiling(data)]
    return joined("\n".join(head), {title: "\n".join(lines) for title, lines in sections_of(data).items()})


def replaced(page: str, scale: Scale, data: Results, day: date) -> str:
    """Return a document in which the sections of the scale's parts are replaced and dated; the others are kept.

    :param data: results, as for :func:`markdown`.
    """
    head, there = split_sections(page)
    stamp = f"*Printed anew on {day.isoformat()}, without the rest of this page, by `{_command(scale)}`.*"
    for title, lines in sections_of(data, scale.parts).items():
        there[title] = "\n".join([stamp, "", *lines])
    known = [title for title in SECTIONS if title in there]
    return joined(head, {title: there[title] for title in [*known, *(title for title in there if title not in known)]})


def sections_of(data: Results, parts: Sequence[str] | None = None) -> dict[str, list[str]]:
    """Return the lines of every section with results, by its title.

    :param parts: parts whose sections are returned if all that a section is about is among them; ``None`` for all.
    """
    found = {}
    for title, (about, lines_of) in SECTIONS.items():
        if parts is None or (about and set(about) <= set(parts)):
            lines = lines_of(data)
            found.update({title: lines} if lines else {})
    return found


def _command(scale: Scale) -> str:
    parts = "" if tuple(scale.parts) == PARTS else f" --parts {' '.join(scale.parts)}"
    return f"make reproduce-ivgc ARGUMENTS='--scale {scale.name}{parts} --document docs/results/ivgc.md'"


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
    return [*table(["", *COLUMNS, "AUC, training"], rows), "",
            "Ours: learned from the training part once, judged on the test part; a patient is called a responder from "
            "a probability of 0.5 on. The image of every network is the box of all four recti, as in the paper; the "
            "group in the row's name is that of the radiomics features."]


def _grid(data: Results) -> list[str]:
    rows = [[group, *(f"{_auc(data, f'{group}-{key}')} / {_training(data, f'{group}-{key}')}" for key in LEARNERS)]
            for group in STRATEGIES if f"{group}-{next(iter(LEARNERS))}" in data]
    if not rows:
        return []
    return ["AUC on the test part / on the training part.", "",
            *table(["Muscles", *LEARNERS.values()], rows)]


def _choice(data: Results) -> list[str]:
    reached = [data[f"{group}-{key}"]["measures"]["auc"]["mean"] for group in STRATEGIES for key in LEARNERS
               if f"{group}-{key}" in data]
    if "radiomics" not in data or not reached:
        return []
    inside = data["radiomics"]["measures"]["auc"]["mean"]
    return [f"The best of the {len(reached)} above on the test part has an AUC of {max(reached):.3f}; the one that is "
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
    return ["Logistic regression, five folds by patient.", "", *table(["Muscles", *columns], rows)]


def _networks(data: Results) -> list[str]:
    rows = [[title, *_row(data[name]), _number(data[name]["training_auc"])] for title, name in _COMPARED.items()
            if name in data]
    return [*table(["", *COLUMNS, "AUC, training"], rows),
            ""] + [f"![{name.replace('_', ' ')} of the models](ivgc_{name}.png)" for name in PICTURES] if rows else []


def _ablation(data: Results) -> list[str]:
    rows = [[str(count), *_row(data[f"k-{count}"]), _number(data[f"k-{count}"]["training_auc"])] for count in ABLATION
            if f"k-{count}" in data]
    return [*table(["k", *COLUMNS, "AUC, training"], rows)] if rows else []


def _noise(data: Results) -> list[str]:
    if "noise" not in data:
        return []
    inside, outside = (np.array(data["noise"][name]) for name in ("inside", "outside"))
    text = (f"{len(inside)} permutations of the labels, five folds, radiomics of MR+LR: mean AUC {inside.mean():.3f} "
            f"(SD {inside.std(ddof=1):.3f}) with the selection inside the folds, {outside.mean():.3f} with the "
            "selection on all patients: the leak.")
    if "network-noise" in data:
        text += f" RDINet (clinical), test part: {np.mean(data['network-noise']['inside']):.3f}."
    return [text]


def _packages(data: Results) -> list[str]:
    there = [name for name in PACKAGES if f"package-{name}" in data]
    if not there:
        return []
    ceiling = data["cohort"]["ceiling_auc_of_this_cohort"]
    rows = [[name, *_row(found), _number(found["measures"]["ece"]["mean"]), f"{found['novelty']['unusual_share']:.0%}"]
            for name, found in ((name, data[f"package-{name}"]) for name in there)]
    own = data.get("package-ivgc-rdinet", {})
    importance = {FEATURES.titles().get(each["name"], each["name"]): each
                  for each in own.get("contributions", {}).get("numbers", ())}
    lines = ["All patients of this cohort are new to the packages, which have learned from synthetic patients of "
             f"another seed. The ceiling of this cohort is {ceiling:.3f}. The promises are of 400 patients; here are "
             f"{data[f'package-{there[0]}']['cases']}, whose intervals are wide.", "",
             *table(["Package", *COLUMNS, "calibration error", "called unusual"], rows), ""]
    lines += [line for name in there for line in _promises(name, data[f"package-{name}"], ceiling)]
    return [*lines, "", f"Of `ivgc-rdinet`, {FALLS}", "", *falls(importance)] if importance else lines


def _leading(data: Results) -> list[str]:
    return leaders(data["leaders"]) if "leaders" in data else []


def _volume(data: Results) -> list[str]:
    found = data.get("volume-fit")
    if not found:
        return []
    return ["The published ResNet-50 in three dimensions (46.16 million parameters, 32 x 128 x 128 voxels, a stem of "
            f"stride 2) after {found['epochs']} of the paper's 100 epochs. It shows that the network runs at its "
            "published size, and says nothing about what it can reach.", "",
            *table(["", *COLUMNS, "AUC, training"], [["ResNet-50, 3-D", *_row(found), _number(found["training_auc"])]])]


def _promises(name: str, found: Results, ceiling: float) -> list[str]:
    """Return lines with the contributions of a package's inputs, and whether the promises about it are kept."""
    shares = ", ".join(f"{group} {value:+.3f}" for group, value in found["contributions"]["groups"].items())
    error, below = found["measures"]["ece"]["mean"], ceiling - found["measures"]["auc"]["mean"]
    return [f"- `{name}`: Shapley values (AUC) {shares}",
            f"- {_kept(below <= CEILING_BAR)}: `{name}` {below:.3f} below the ceiling, wanted at most {CEILING_BAR}",
            f"- {_kept(error <= ERROR_BAR)}: `{name}` calibration error {error:.3f}, wanted at most {ERROR_BAR}"]


def _kept(is_kept: bool) -> str:
    return "kept" if is_kept else "**missed**"


def _sample(_data: Results) -> list[str]:
    pairs = {name: row[0] * _PAIRS for name, row in PUBLISHED.items() if row[0]}
    rows = [[name, _number(value / _PAIRS), f"{value:.1f} of {_PAIRS}", _width(value / _PAIRS)]
            for name, value in pairs.items()]
    return ["An AUC on 12 responders and 18 others is a count of 216 pairs; the 95 % interval is that of Hanley and "
            "McNeil (1982). The printed AUC are whole counts, and all intervals overlap: nothing is told apart.", "",
            *table(["", "AUC", "pairs", "95 % interval"], rows)]


def _tests(data: Results) -> list[str]:
    tests = data.get("tests")
    header = ["First", "Second", "Difference of AUC", "95 % interval", "p"]
    return table(header, test_rows(tests)) if tests else []


def _width(area: float, responders: int = 12, others: int = 18) -> str:
    """Return the width of the interval of an AUC by Hanley and McNeil 1982."""
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


def _left_open(_data: Results) -> list[str]:
    return [f"- {text}" for text in CONTRADICTIONS]


#: For each title, in the order of the document, the parts that a section is about, and its lines from all results.
SECTIONS: Mapping[str, tuple[Sequence[str], Callable[[Results], list[str]]]] = {
    "Table 2 and the text of the paper beside ours": (("muscles", "networks"), _beside),
    "Muscles and learners (Fig. 4)": (("muscles",), _grid),
    "What choosing on the test set pretends": (("muscles", "learners"), _choice),
    "Does the ranking of muscles vanish when they tell alike?": (("groups",), _groups),
    "Networks and baselines on the same test part": (("learners", "networks"), _networks),
    "Iterations of the interaction (k)": (("ablation",), _ablation),
    "One fit in three dimensions": (("volume-fit",), _volume),
    "What noise reaches": (("noise",), _noise),
    "The shipped packages on these patients": (("packages",), _packages),
    LEADERS_TITLE: (("packages",), _leading),
    "What 30 patients can tell": ((), _sample),
    "DeLong's tests between the models": (("learners", "networks"), _tests),
    "What the paper leaves open": ((), _left_open),
}
