"""The validation of the models of the response as a page with every promise, and whether it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import binomtest

from NeuroOrbitLib.number_text import fixed, signed
from Testing.Experiments.reproduction.results import table

Results = Mapping[str, Any]
#: Largest distance of the AUC below the ceiling, least gain over the parts, largest calibration error, largest distance
#: of the mean of permutations from .5, largest loss of AUC by the orbit model's masks, least share of found leaders.
CEILING_BAR, PARTS_BAR, ERROR_BAR, NOISE_BAR, MASKS_BAR, LEADER_BAR = 0.05, 0.02, 0.08, 0.03, 0.03, 0.6
MODEL = "ivgc-rdinet"
_WITH_RANDOM = f"`{MODEL}`, called by its own weights, explained by random ones"
#: Models over which the promised gain applies, and models that must not be better at all.
_BETTER_THAN = {"ResNet-50, image alone", "RDINet, image and radiomics", "clinical features alone", "image alone",
                "image and radiomics", "clinical alone"}
LEADERS_TITLE = "Which muscle leads the explanation"
FALLS = ("the fall of the AUC when one clinical feature is permuted between patients (Fig. S3 of Zhang et al. is "
         "about their sixteen).")
_NOT_BELOW = {"early concatenation"}


def page(found: Results) -> str:
    """Return the page with the finished parts."""
    facts, asked = found["cohort"], found["asked"]
    lines = ["# Results: models of the response on new patients", "",
             "Printed by `make validate-ivgc`. Every number is from **synthetic** scans of synthetic patients that no "
             f"model has learned from: {asked['patients']} patients of seed {asked['seed']}, or the first of them."]
    if facts:
        ceilings = [facts[f"ceiling_auc{name}"] for name in ("_image", "_clinical", "", "_of_this_cohort")]
        lines += ["", "No classifier can exceed these AUC on average: image {:.3f}, clinical features {:.3f}, both "
                  "{:.3f}; of these patients {:.3f}.".format(*ceilings)]
    sections = {"package": _package, "inputs": _inputs, "trained": _trained, "image": _image, "leaders": _leaders,
                "masks": _masks, "noise": _noise}
    for name, section in sections.items():
        if name in found:
            lines += ["", *section(found[name], facts)]
    return "\n".join(lines) + "\n"


def _package(found: Results, facts: Results) -> list[str]:
    rows = [[name, _with_interval(own["auc"]["mean"], own["auc"]), _number(own["ece"]), f"{own['unusual']:.0%}"]
            for name, own in found["packages"].items()]
    own = found["packages"][MODEL]
    below = facts["ceiling_auc_of_this_cohort"] - own["auc"]["mean"]
    return ["## The shipped packages", "",
            *table(["Package", "AUC (95 % interval)", "calibration error", "called unusual"], rows), "",
            _promise(below <= CEILING_BAR, f"`{MODEL}` is {fixed(below, 3)} below the ceiling of these patients, "
                     f"wanted at most {CEILING_BAR}"),
            _promise(own["ece"] <= ERROR_BAR, f"calibration error {own['ece']:.3f}, wanted at most {ERROR_BAR}"), "",
            "The same model by some of its inputs; the others are permuted between patients and the probabilities "
            "averaged. The difference is that of the whole model.", "", *_tests(found["parts"])]


def _inputs(found: Results, _facts: Results) -> list[str]:
    groups = ", ".join(f"{name} {signed(value, 3)}" for name, value in found["groups"].items())
    return ["## What the inputs contribute", "", f"Of `{MODEL}`, exact Shapley values of the AUC: {groups}. "
            f"And {FALLS}", "", *falls({each["title"]: each for each in found["features"]})]


def falls(features: Mapping[str, Results]) -> list[str]:
    """Return a table of what clinical features contribute.

    :param features: the importance of each (mean, low, high) by its title.
    """
    rows = [[title, f"{fixed(each['mean'], 4)} ({fixed(each['low'], 4)} to {fixed(each['high'], 4)})"]
            for title, each in sorted(features.items(), key=lambda item: -item[1]["mean"])]
    return table(["Clinical feature", "fall of the AUC (spread over permutations)"], rows)


def _trained(found: Results, _facts: Results) -> list[str]:
    return ["## Models of fewer inputs, and of the same side by side", "",
            f"Each has learned from {found['patients']} patients, those of the package unless another seed is said, "
            f"and for as many epochs as the package; the difference is that of `{MODEL}`.", "",
            *_tests(found["rivals"])]


def _image(found: Results, _facts: Results) -> list[str]:
    groups = list(next(iter(found["sources"].values()))["read"])
    rows = [[name, *(f"{own['read'][group]:.2f}" for group in groups), _number(own["auc"]), _number(own["beside"]),
             _number(own["own"]) if own.get("own") is not None else ""] for name, own in found["sources"].items()]
    without, drawn = found["clinical and radiomics"], found["sources"]["what is drawn"]["beside"]
    return ["## What the image tells, and how much of it networks read off", "",
            f"Regressions that learn from {found['patients']} patients, judged on the new ones. First, the part of "
            "what the generator draws of the muscles by class that a source predicts (R2, linear; of networks, from "
            "the means of the last feature maps). Then the AUC that the source reaches, alone and beside radiomics and "
            f"clinical features, which reach {_number(without)} without it; and what a network of the image alone "
            "answers itself.", "",
            *table(["", *groups, "AUC alone", "AUC beside", "AUC of its answer"], rows), "",
            f"- The image can add {fixed(drawn - without, 3)} to radiomics and clinical features at most: what is "
            "drawn itself does.", *_found_in_image(found["sources"], groups[0])]


def _found_in_image(sources: Results, drawn: str) -> list[str]:
    """Return whether trained networks find the information on drawn numbers that measurements of the image give."""
    networks = {name: own["read"][drawn] for name, own in sources.items() if name.startswith("ResNet") or "branch" in
                name}
    measured = {name: own["read"][drawn] for name, own in sources.items()
                if name not in networks and name != "what is drawn"}
    trained = {name: value for name, value in networks.items() if "random" not in name}
    if not measured or not trained:
        return []
    (best, told), (network, found) = (max(own.items(), key=lambda item: item[1]) for own in (measured, trained))
    verdict = "The image tells it, and networks do not find it" if found < told / 2 else "Networks find it"
    return [f"- Of {drawn}: {best} {told:.2f}; the best trained network ({network}) {found:.2f}. {verdict}."]


def _tests(others: Results) -> list[str]:
    rows = [[name, _with_interval(own["auc"], own["interval"]),
             f"{fixed(own['difference']['value'], 3)} ({fixed(own['difference']['low'], 3)} to "
             f"{fixed(own['difference']['high'], 3)})", _number(own["p"])] for name, own in others.items()]
    lines = [*table(["", "AUC (95 % interval)", "difference (95 % interval)", "p (DeLong)"], rows), ""]
    for name, own in others.items():
        by = own["difference"]["value"]
        if name in _BETTER_THAN:
            lines.append(_promise(by >= PARTS_BAR, f"{fixed(by, 3)} above {name}, wanted at least {PARTS_BAR}"))
        elif name in _NOT_BELOW:
            lines.append(_promise(by >= 0, f"{fixed(by, 3)} above {name}, wanted not below"))
    return lines


def _leaders(found: Results, _facts: Results) -> list[str]:
    return [f"## {LEADERS_TITLE}", "", *leaders(found)]


def leaders(found: Results) -> list[str]:
    """Return lines on how often the explanation is led by the generator's leading muscle.

    :param found: from :func:`Testing.Experiments.validation.response.patients.leaders`.
    """
    models = found["models"]
    shares = {name: own["found"] / max(own["asked"], 1) for name, own in models.items()}
    rows = [[_WITH_RANDOM if name == "random" else f"`{name}`", f"{own['found']} of {own['asked']}",
             _share(own["found"], own["asked"]), f"{own['chance']:.0%}"] for name, own in models.items()]
    chance = models["random"]["chance"]
    spread = 1.96 * float(np.sqrt(chance * (1 - chance) / max(models["random"]["asked"], 1)))
    return [f"{found['responders']} responders. Each muscle of a correctly called one gets the mean signal of the "
            "training and keeps its pattern; the one whose replacement lowers the probability most should be the one "
            "that the generator let lead. By chance: how often both would be the same if they knew nothing of each "
            "other. That is more than one in four, as medial and lateral rectus lead most responders, and the models "
            "measure these two.", "",
            *table(["", "found", "share (95 % interval)", "by chance"], rows), "",
            *(_promise(shares[name] >= LEADER_BAR, f"`{name}` {shares[name]:.0%}, wanted {LEADER_BAR:.0%}")
              for name in shares if name != "random"),
            _promise(abs(shares["random"] - chance) <= spread,
                     f"random weights {shares['random']:.0%}, wanted chance: {chance:.0%} ± {spread:.0%}")]


def _masks(found: Results, _facts: Results) -> list[str]:
    lost, span = found["difference"]["value"], found["difference"]
    told = [f"Not answered: {text}" for text in found["problems"]]
    return ["## Masks of the orbit model", "",
            f"{found['answered']} of {found['asked']} patients: AUC {found['true']:.3f} with the true masks, "
            f"{found['found']:.3f} with those of the orbit model; the probability changes by "
            f"{found['mean_change']:.3f} on average.", *told, "",
            _promise(lost <= MASKS_BAR, f"{fixed(lost, 3)} lost ({fixed(span['low'], 3)} to {fixed(span['high'], 3)}), "
                     f"wanted at most {MASKS_BAR}")]


def _noise(found: Results, _facts: Results) -> list[str]:
    values = np.array(found["auc"])
    mean = float(values.mean())
    return ["## What noise reaches", "",
            f"{len(values)} times RDINet (clinical), compact, learned permuted labels of {found['taught']} patients in "
            f"{found['epochs']} epochs and was judged on permuted labels of the others: mean AUC {mean:.3f} "
            f"(SD {values.std(ddof=1):.3f}).", "",
            _promise(abs(mean - 0.5) <= NOISE_BAR, f"mean {mean:.3f}, wanted 0.5 ± {NOISE_BAR}")]


def _promise(is_kept: bool, text: str) -> str:
    return f"- {'kept' if is_kept else '**missed**'}: {text}"


def _share(count: int, total: int) -> str:
    """Return a share with Wilson's interval."""
    if not total:
        return "–"
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return f"{count / total:.0%} ({interval.low:.0%} to {interval.high:.0%})"


def _with_interval(value: float, interval: Results) -> str:
    return f"{value:.3f} ({interval['low']:.3f} to {interval['high']:.3f})"


def _number(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
