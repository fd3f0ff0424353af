"""Runs a study: its synthetic cohort, its networks fold by fold, and the default model on the same test cases.

Everything is stored in files and not repeated: an interrupted run continues where it stopped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from NeuroOrbitLib.evaluation.segmentation.scores import StructureScore, labels_in, score_case, summarise
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, part
from NeuroOrbitLib.models import find_package
from NeuroOrbitLib.phantom.patients.cohort import patient_seed, write_manifest, write_patient
from NeuroOrbitLib.phantom.patients.patient import make_patient
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.cohorts import LabelledCase, read_cohort
from NeuroOrbitLib.training.folds import patient_folds
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
from OrbitSegmentationLib.paper_networks.profile_classes import class_title, sided_class_map
from OrbitSegmentationLib.paper_networks.profiles import Profile, find_profile
from OrbitSegmentationLib.paper_networks.training.run import TrainingRun, evaluate_held_out, train
from OrbitSegmentationLib.pipeline import segment_image
from Testing.Experiments.reproduction.orbit_plan import Entry, Scale, Study

DEFAULT_MODEL_TITLE = "Default model of this extension"
MEASURES = ("dice", "iou", "surface_dice")


def run_study(study: Study, scale: Scale, folder: Path, device: str, progress: Progress) -> None:
    """Make the cohort and run every network and the default model on every fold; results go to ``folder/results``."""
    cases = make_cohort(study, scale, folder / "cohort", part(progress, 0.0, 0.1))
    folds = patient_folds([case.patient for case in cases], scale.splits or study.folds)[:scale.folds]
    jobs = [(number, split, entry) for number, split in enumerate(folds, start=1) for entry in (*study.entries, None)]
    for place, (number, split, entry) in enumerate(jobs):
        report = part(progress, 0.1 + 0.9 * place / len(jobs), 0.1 + 0.9 * (place + 1) / len(jobs))
        held_out = tuple(cases[i] for i in split.held_out)
        if entry is None:
            run_default_model(study, held_out, number, folder, device, report)
        else:
            run = TrainingRun(scale.config(entry.config), tuple(cases[i] for i in split.train), held_out,
                              folder / f"{entry.config}-fold-{number}", synthetic=True, device=device)
            run_entry(entry, run, number, folder, report)


def make_cohort(study: Study, scale: Scale, folder: Path, progress: Progress) -> tuple[LabelledCase, ...]:
    """Return the study's synthetic patients; existing ones are kept."""
    count, protocol = scale.subjects or study.subjects, scale.protocol or study.protocol
    rows = []
    for number in range(1, count + 1):
        progress((number - 1) / count, f"Patient {number} of {count}")
        name = f"patient-{number:04d}"
        record = folder / name / f"{protocol}.json"
        if not record.exists():
            patient = make_patient(patient_seed(study.subjects, number), protocols=(protocol,))
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(json.dumps(write_patient(folder, name, patient)), encoding="utf-8")
        rows += json.loads(record.read_text(encoding="utf-8"))
    return read_cohort(write_manifest(folder, rows)).cases


def run_entry(entry: Entry, run: TrainingRun, fold: int, folder: Path, progress: Progress) -> None:
    """Train one network on one fold, and evaluate it on the fold's test cases in each of the entry's ways."""
    rows = [(entry.title, run.config.profile), *entry.again]
    if all(result_file(folder, title, fold).exists() for title, _ in rows):
        return
    network, outcome = train(run, resume=True, progress=part(progress, 0.0, 0.8))
    for title, profile in rows:
        judged = replace(run, config=replace(run.config, profile=profile))
        started = time.process_time()
        scores = evaluate_held_out(network, judged, part(progress, 0.8, 1.0))
        facts = {"steps": outcome.steps, "weights": weight_count(network), "training_scans": len(run.train),
                 "processor_s_per_scan": (time.process_time() - started) / len(run.held_out)}
        write_result(folder, title, fold, facts, {name: by_structure(score, judged.profile)
                                                  for name, score in scores.items()})


def run_default_model(study: Study, held_out: Sequence[LabelledCase], fold: int, folder: Path, device: str,
                      progress: Progress) -> None:
    """Evaluate the default model, which has never seen a scan of the cohort, on the fold's test cases."""
    if result_file(folder, DEFAULT_MODEL_TITLE, fold).exists():
        return
    package, profile = find_package(DEFAULT_MODEL), find_profile(study.profile)
    cases, started = {}, time.process_time()
    for number, case in enumerate(held_out):
        progress(number / len(held_out), f"Default model, {case.name}")
        image, labels = load_image(case.image), load_image(case.labels)
        try:
            found = segment_image(image, package, device).labels
        except Problem:
            # A scan without a detected eye counts as one in which nothing is found.
            found = Image(np.zeros(image.array.shape, np.uint8), image.affine)
        reference, found = (sided_class_map(label_map, profile) for label_map in (labels, found))
        cases[case.name] = by_structure(score_case(reference, found, labels_in([reference])), profile)
    facts = {"model": package.provenance(), "processor_s_per_scan": (time.process_time() - started) / len(held_out)}
    write_result(folder, DEFAULT_MODEL_TITLE, fold, facts, cases)


def by_structure(scores: Mapping[int, StructureScore], profile: Profile) -> dict[str, dict[str, float]]:
    """Return each structure's measures as means over the sides."""
    names = {label: class_title(profile.classes[(label - 1) // 2]) for label in scores}
    return {name: {measure: summarise(score.metrics[measure] for label, score in scores.items()
                                      if names[label] == name).mean for measure in MEASURES}
            for name in dict.fromkeys(names.values())}


def weight_count(network: nn.Module) -> int:
    """Return the number of weights that a network learns."""
    return sum(weights.numel() for weights in network.parameters())


def result_file(folder: Path, title: str, fold: int) -> Path:
    """Return the file for the result of a row on a fold."""
    name = "".join(letter if letter.isalnum() else "-" for letter in title.lower())
    return folder / "results" / f"{name}-fold-{fold}.json"


def write_result(folder: Path, title: str, fold: int, facts: Mapping[str, Any],
                 cases: Mapping[str, Mapping[str, Values]]) -> None:
    """Store the result of a row on a fold."""
    path = result_file(folder, title, fold)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps({"title": title, "fold": fold, "facts": facts, "cases": cases}, indent=1),
                       encoding="utf-8")
    partial.replace(path)


Values = Mapping[str, float]
