"""The reproduction of Lin et al. 2021 as a document and as data."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import f as f_distribution

from Testing.Experiments.reproduction.tao_heat import INFLAMED_FROM, RATIO_BAR, SHARE_BAR, median_ratio
from Testing.Experiments.reproduction.tao_plan import NETWORKS, PUBLISHED, Scale

MEASURES = {"auc": "AUC", "accuracy": "accuracy", "precision": "precision", "sensitivity": "sensitivity",
            "specificity": "specificity", "f1": "F1", "ece": "calibration error"}
PICTURES = {"roc": "ROC", "reliability": "Reliability"}
Results = Mapping[str, Any]


def as_data(scale: Scale, folder: Path) -> dict[str, Any]:
    """Return all available results."""
    names = [*NETWORKS, *(f"{key}-fresh" for key in NETWORKS), *(f"{key}-teaching" for key in NETWORKS),
             "b-permuted", "b-leak", "b-label-only"]
    found = {name: _read(folder / name / "evaluation.json") for name in names}
    real = [_read(path) for path in sorted((folder / "real").glob("*.json"))]
    return {"scale": scale.name, "synthetic": True, "heat": _read(folder / "heat.json"), "real": real,
            **{name: result for name, result in found.items() if result}}


def markdown(scale: Scale, data: Results) -> str:
    """Return the document."""
    plan = scale.cohort
    lines = [
        "# Results: activity of thyroid-associated ophthalmopathy", "",
        "Printed by `make reproduce-tao ARGUMENTS='--document docs/results/tao.md'`. Every number of ours is from "
        "**synthetic** scans of synthetic patients, made by the phantom with labels from a simulated clinical score; "
        "only the rows of Lin et al. 2021 are about patients. They say what the task was, not which network is better.",
        "",
        f"Scale `{scale.name}`: {scale.statement}; {plan.patients} patients, {plan.scans} scans, {plan.active} active, "
        f"as in the paper. {_ceiling(data)}",
    ]
    for section in (_table_2, _fresh, _tried, _honesty, _second_task, _heat, _real):
        part = section(data)
        if part:
            lines += ["", *part]
    return "\n".join(lines) + "\n"


def copy_pictures(folder: Path, target: Path) -> None:
    """Copy the figures of the cross-validations to where the document refers to them."""
    for key in NETWORKS:
        for picture in PICTURES:
            source = folder / key / f"{picture}.png"
            if source.exists():
                shutil.copyfile(source, target / _picture(key, picture))


def bars(data: Results) -> list[tuple[str, bool]]:
    """Return the promises about network B in words, and whether each is kept."""
    found = []
    if fresh := data.get("b-fresh"):
        auc, ceiling = fresh["measures"]["auc"]["mean"], fresh["ceiling_auc_of_this_cohort"]
        found.append((f"AUC of B on the fresh cohort {auc:.3f}, wanted 0.85 to 0.94", 0.85 <= auc <= 0.94))
        found.append((f"below the ceiling of that cohort by {ceiling - auc:.3f}, at most 0.04", ceiling - auc <= 0.04))
        ece = fresh["measures"]["ece"]["mean"]
        found.append((f"expected calibration error there {ece:.3f}, at most 0.08", ece <= 0.08))
    if permuted := data.get("b-permuted"):
        auc = permuted["measures"]["auc"]["mean"]
        found.append((f"AUC with permuted labels {auc:.3f}, wanted 0.5 ± 0.06", abs(auc - 0.5) <= 0.06))
    if "a" in data and "b" in data:
        a, b = (data[key]["measures"]["auc"]["sd"] for key in NETWORKS)
        found.append((f"SD of the AUC over repeats: B {b:.3f}, A {a:.3f}; B's is the smaller", b < a))
    if heat := data.get("heat"):
        share = heat["share_above_bar"]
        found.append((f"heat ratio of at least {RATIO_BAR:.0f} in {share['trained']:.0%} of the scans, at least "
                      f"{SHARE_BAR:.0%}; with random weights {share['random']:.0%}",
                      share["trained"] >= SHARE_BAR and share["random"] < 0.5))
    return found


def _table_2(data: Results) -> list[str]:
    """Return the lines with the paper's Table 2 and ours."""
    if not any(key in data for key in NETWORKS):
        return []
    measures = [name for name in MEASURES if name != "ece"]
    rows = [["", "scans", *(MEASURES[name] for name in measures)]]
    for key, title in NETWORKS.items():
        cells = [_mean_sd(*PUBLISHED[key][name]) if name in PUBLISHED[key] else "" for name in measures]
        rows.append([f"{title}, Lin et al. 2021, four runs", "31 of patients", *cells])
        if key in data:
            found = data[key]
            cells = [_mean_sd(found["measures"][name]["mean"], found["measures"][name]["sd"]) for name in measures]
            rows.append([f"{title}, ours, {len(found['repeats'])} × 5 folds by patient",
                         f"{found['cases']} synthetic", *cells])
    rows += _baseline_rows(data, len(measures))
    pictures = [f"![{title} of network {key.upper()} on synthetic scans]({_picture(key, name)})"
                for key in NETWORKS if key in data for name, title in PICTURES.items()]
    return ["## Table 2 of the paper beside ours", "", *_table(rows), "", *_spread_note(data),
            "Mean ± SD over runs. The paper's runs share one split of scans, not of patients; its test set holds 7 "
            "active and 24 inactive scans, so that a reported AUC of 0.92 has a 95 % interval of about 0.78 to 1.0. "
            "Ours are out-of-fold predictions after temperature scaling that is fitted across folds; a scan is called "
            "active from a probability of 0.5 on.", "", " ".join(pictures)]


def _spread_note(data: Results) -> list[str]:
    """Return a note on whether the spread over repeats separates the networks; an SD of few values is uncertain."""
    if any(key not in data or len(data[key]["repeats"]) < 2 for key in NETWORKS):
        return []
    a, b = (data[key]["measures"]["auc"]["sd"] for key in NETWORKS)
    count = min(len(data[key]["repeats"]) for key in NETWORKS)
    factor = np.sqrt(f_distribution.ppf(0.975, count - 1, count - 1))
    ratio = max(a, b) / max(min(a, b), 1e-9)
    verdict = ": the two are not told apart" if ratio < factor else ": the two are told apart"
    return [f"The SDs of the AUC over repeats are {a:.3f} (A) and {b:.3f} (B), a factor of {ratio:.1f}. Of {count} "
            f"values each, equal spreads differ by up to a factor of {factor:.1f} in 95 of 100 experiments{verdict}.",
            ""]


def _baseline_rows(data: Results, measures: int) -> list[list[str]]:
    found = data.get("b") or data.get("a") or {}
    return [[f"{name[0].upper()}{name[1:]}, ours, fitted in the folds", f"{found['cases']} synthetic",
             f"{other['auc']['value']:.3f}", *[""] * (measures - 1)]
            for name, other in found.get("baselines", {}).items()]


def _fresh(data: Results) -> list[str]:
    """Return the lines on the packages' performance on patients whom no training has seen."""
    shown = [key for key in NETWORKS if f"{key}-fresh" in data]
    if not shown:
        return []
    rows = [["package", *MEASURES.values(), "ceiling of the AUC", "called unusual"]]
    for key in shown:
        found = data[f"{key}-fresh"]
        measures = found["measures"]
        auc = "{} ({} to {})".format(*(_number(measures["auc"][key]) for key in ("mean", "low", "high")))
        novelty = found.get("novelty")
        unusual = f"{novelty['unusual_share']:.0%}" if novelty else ""
        rows.append([f"tao-{key}", auc, *(_number(measures[name]["mean"]) for name in list(MEASURES)[1:]),
                     f"{found['ceiling_auc_of_this_cohort']:.3f}", unusual])
    promised = [f"- {'kept' if kept else '**missed**'}: {text}" for text, kept in bars(data)]
    cases, repeats = (data[f"{shown[-1]}-teaching"][key] for key in ("cases", "repeats"))
    return ["## The shipped packages on a fresh synthetic cohort", "",
            f"Trained on {cases} scans of other synthetic patients, more than the paper had, because a hundred scans "
            f"teach less than the networks can learn (above); calibrated by {len(repeats)} cross-validations of those, "
            "and asked about a cohort of the paper's size with new patients (each cohort has its own seed). Intervals "
            "by bootstrap over patients.", "",
            *_table(rows), "", "What was promised:", "", *promised]


def _tried(data: Results) -> list[str]:
    """Return the lines on how the compact configurations were chosen."""
    if data["scale"] != "small":
        return []
    return ["## What was tried", "",
            "The compact configurations were chosen on folds of the training cohort, by the AUC and by the rank "
            "correlation of the answer with the true T2, which the noise of the labels does not blur:", "",
            "- the label alone, with or without more augmentation, smaller batches or maxima instead of means before "
            "the output: each learned less, or more slowly, than with the second task described below;",
            "- the second task with weights of 3, 10 and 30: 3 overfits the labels, 30 is no better than 10;",
            "- more epochs and a higher learning rate for B: within the differences between two trainings;",
            "- nine places of the crop and their mirror images instead of its middle: a little better;",
            "- fully connected layers before B's output, as in the paper's network: better on the fold that B does "
            "worst, no better over two whole cross-validations;",
            "- more scans: the only thing that clearly helped, which is why the packages learn from more of them.", "",
            "With the paper's number of scans B is farther from the ceiling than A. A likely reason is that A reads "
            "the muscles at full resolution and keeps maxima, while the compact B halves the resolution at once."]


def _honesty(data: Results) -> list[str]:
    """Return the lines on chance and leakage."""
    titles = {"b": "by patient (as reported)", "b-permuted": "by patient, labels permuted",
              "b-leak": "by scan: patients leak between the folds"}
    rows = [["network B, one cross-validation", "AUC", "accuracy"]]
    for name, title in titles.items():
        if name in data:
            first = data[name]["repeats"][0]
            rows.append([title, f"{first['auc']:.3f}", f"{first['accuracy']:.3f}"])
    if len(rows) < 3:
        return []
    return ["## What chance and leakage reach", "", *_table(rows), "",
            "With permuted labels nothing is left to learn, and nothing is learned. When scans of one patient fall on "
            "both sides of a split, the network may know the patient instead of the disease; that is why scans are "
            "never split here unless `--leak` is given. The synthetic second scans are taken after treatment, which "
            "changes the label: knowing the patient pays little here, and may pay much with repeated scans of one "
            "state."]


def _second_task(data: Results) -> list[str]:
    if "b-label-only" not in data or "b" not in data:
        return []
    rows = [["network B, first repeat", "AUC"],
            ["label and the muscles' signals (shipped)", f"{data['b']['repeats'][0]['auc']:.3f}"],
            ["label alone, same number of steps", f"{data['b-label-only']['repeats'][0]['auc']:.3f}"]]
    return ["## What helps with few labels", "", *_table(rows), "",
            "A hundred noisy labels hardly tell a network where to look. The compact configurations therefore also "
            "learn to read what is measured in every training image (signal of each rectus, highest signal ratios); "
            "the measurements know nothing of the label, and the finished network needs none of them."]


def _heat(data: Results) -> list[str]:
    heat = data.get("heat")
    if not heat:
        return []
    rows = [["weights", "scans", f"ratio of at least {RATIO_BAR:.0f}", "median ratio"]]
    for key, title in {"trained": "trained", "random": "randomised"}.items():
        rows.append([title, str(heat["cases"]), f"{heat['share_above_bar'][key]:.0%}",
                     f"{median_ratio(heat, key):.1f}"])
    settings = heat["settings"]
    return ["## Does the heat lie on inflamed muscles?", "",
            "Active scans of the fresh cohort that tao-b calls active: mean positive occlusion heat in the muscles "
            f"with a T2 of {INFLAMED_FROM:.0f} ms or more, over that in everything else inside the orbits (other "
            f"muscles too). Patch {settings['patch']}, stride {settings['stride']}, fill {settings['fill']}, "
            f"{'each slice by itself' if settings['each_channel'] else 'all slices at once'}.", "",
            *_table(rows), "",
            f"Rank correlation of the maps of trained and randomised weights: {heat['correlation']:.2f}. Covering all "
            "five slices at once gives one map for all of them, so that what lies above or below a muscle is warm as "
            "well; smaller patches, patches that overlap and a darker fill do not change that."]


def _real(data: Results) -> list[str]:
    real = data.get("real")
    if not real:
        return []
    rows = [["scan", "verdict", "reason", "vitreous : muscle", "fat : muscle"]]
    rows += [[one["scan"], "may be used" if one["usable"] else "refused", one["text"],
              *("" if one[key] is None else f"{one[key]:.2f}" for key in ("vitreous", "fat"))] for one in real]
    return ["## Real scans that are no fat-suppressed T2", "",
            "What the module says when it is asked to classify them; the segmentation is its own.", "", *_table(rows)]


def _ceiling(data: Results) -> str:
    found = data.get("b") or data.get("a")
    if not found or "ceiling_auc_of_this_cohort" not in found:
        return ""
    return (f"{found['label_noise']:.0%} of the labels disagree with the best decision from the true T2: no classifier "
            f"of these images can exceed an AUC of about {found['ceiling_auc']:.3f} ("
            f"{found['ceiling_auc_of_this_cohort']:.3f} in this cohort).")


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]


def _mean_sd(mean: float | None, sd: float | None) -> str:
    return _number(mean) if sd is None else f"{_number(mean)} ± {sd:.3f}"


def _number(value: float | None) -> str:
    """Return three decimals; a dash for undefined values, e.g. the precision of a network that calls nothing active."""
    return "-" if value is None else f"{value:.3f}"


def _picture(key: str, name: str) -> str:
    return f"tao_{key}_{name}.png"


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
