"""Information about the response in the image beyond radiomics and clinical features, and the part that networks read.

The generator draws ten numbers of each patient's muscles by class. How well a source predicts each of them (R2 on new
patients, ridge regression), and the AUC of a logistic regression on the source, alone and together with radiomics and
clinical features, show where information about the response is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from IVGCResponseLib.estimators import muscle_measures
from IVGCResponseLib.muscle_groups import ALL_RECTI, values_of
from IVGCResponseLib.synthetic.plan import ResponseCohortPlan, plan_patients
from IVGCResponseLib.task import CONFIGS, TASK, estimator_of, predictor_of
from NeuroOrbitLib.anatomy.structures import RECTI
from NeuroOrbitLib.classifiers.cohort import Cohort, CohortCase
from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
from NeuroOrbitLib.classifiers.training_config import load_classifier_config
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.imaging.structure_box import masked
from NeuroOrbitLib.jobs.progress import Progress
from NeuroOrbitLib.saliency.sanity import randomised_copy
from Testing.Experiments.reproduction.results import kept
from Testing.Experiments.validation.response.steps import MODEL, shipped


@dataclass(frozen=True)
class Change:
    """A difference of the training of ResNet-50 on the image alone, compact, from its configuration.

    :param settings: changed settings of its configuration, see :func:`.load_classifier_config`.
    :param masked: whether it sees only the recti, with all else set to 0.
    """

    settings: tuple[str, ...] = ()
    masked: bool = False


CHANGES: Mapping[str, Change] = {
    "as configured": Change(), "image masked to the recti": Change(masked=True),
    "a third of the learning rate": Change(("schedule.learning_rate=0.0003",)),
    "twice the epochs": Change(("schedule.epochs=60",)), "twice as wide": Change(("network_options.width=16",))}
NETWORK = "resnet50_compact"
_COUNT = len(RECTI)
_HORIZONTAL = [RECTI.index("medial_rectus"), RECTI.index("lateral_rectus")]
_VERTICAL = [place for place in range(_COUNT) if place not in _HORIZONTAL]
#: Indices of the drawn numbers, see :mod:`IVGCResponseLib.synthetic.muscles`.
DRAWN: Mapping[str, Sequence[int]] = {
    "T2, MR and LR": _HORIZONTAL, "T2, SR and IR": _VERTICAL,
    "growth, MR and LR": [_COUNT + place for place in _HORIZONTAL],
    "growth, SR and IR": [_COUNT + place for place in _VERTICAL],
    "patchiness": [2 * _COUNT], "fat": [2 * _COUNT + 1]}


class MaskedCohort(Cohort):
    """A cohort whose images show only the recti."""

    def array(self, name: str, case: CohortCase | int) -> np.ndarray:
        """Return an array of a case; of the image, only the voxels in the recti."""
        found = super().array(name, case)
        inside = np.isin(super().array("labels", case), values_of(ALL_RECTI)) if name == "image" else None
        return found if inside is None else masked(found.astype(np.float32), inside).astype(found.dtype)


@dataclass(frozen=True)
class Patients:
    """A cohort with the numbers that its plan draws.

    :param drawn: drawn numbers (cases, 10), see :meth:`IVGCResponseLib.synthetic.muscles.MuscleEffects.draw`.
    """

    cohort: Cohort
    drawn: np.ndarray

    @classmethod
    def of(cls, cohort: Cohort, plan: ResponseCohortPlan) -> Patients:
        """Return the patients of a plan whose cohort was made."""
        return cls(cohort, np.array([patient.muscles for patient in plan_patients(plan)]))

    def masked(self) -> Patients:
        """Return the same patients with only the recti in their images."""
        return replace(self, cohort=MaskedCohort(self.cohort.folder, self.cohort.cases, self.cohort.facts))

    def signals(self) -> np.ndarray:
        """Return the mean z-score of each rectus of either side in the image, (cases, 8)."""
        values = values_of(ALL_RECTI)
        found = []
        for place in range(len(self.cohort)):
            image, labels = (self.cohort.array(name, place) for name in ("image", "labels"))
            found.append([image[labels == value].mean(dtype=np.float64) for value in values])
        return np.array(found)

    def numbers(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the radiomics and the clinical features that the shipped network takes, (cases, columns) each."""
        groups = predictor_of(shipped(MODEL)).numbers
        return tuple(self.cohort.numbers(groups[name].columns) for name in ("radiomics", "clinical"))


def told(new: Patients, learned: Patients, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return the information in each source, by its name: the drawn numbers, measurements, radiomics and networks.

    :param new: patients for the evaluation.
    :param learned: patients on whom regressions and networks are trained.
    """
    both = (new, learned)
    found = {
        "what is drawn": _row(both, [each.drawn for each in both]),
        "signal ratios and volumes": _row(both, [muscle_measures(each.cohort, range(len(each.cohort)))
                                                 for each in both]),
        "mean signal of each rectus in the image": _row(both, [each.signals() for each in both]),
        "radiomics of the package": _row(both, [each.numbers()[0] for each in both])}
    package = shipped(MODEL)
    found["image branch of the package"] = kept(folder / "package.json", lambda: _network_row(
        both, predictor_of(package)), package)
    for number, name in enumerate(CHANGES):
        progress(0.6 + 0.4 * number / len(CHANGES), f"Training {NETWORK}, {name}")
        found[f"ResNet-50, {name}"] = kept(folder / f"{name}.json", lambda name=name: _row_of(name, both, folder))
    found["ResNet-50, random weights"] = kept(folder / "random.json", lambda: _network_row(
        both, _random(_trained(learned.cohort, next(iter(CHANGES)), folder))))
    return {"sources": found, "patients": len(learned.cohort), "clinical and radiomics": _auc(
        both, [np.hstack(each.numbers()) for each in both])}


def _row_of(name: str, both: Sequence[Patients], folder: Path) -> dict[str, Any]:
    seen = [each.masked() for each in both] if CHANGES[name].masked else both
    return _network_row(seen, _trained(seen[1].cohort, name, folder))


def _trained(cohort: Cohort, name: str, folder: Path) -> NetworkPredictor:
    """Return the network with one of the changes, read from the folder if it was trained before."""
    config = load_classifier_config(NETWORK, CONFIGS, CHANGES[name].settings)
    return estimator_of(config).fit(cohort, range(len(cohort)), folder / name, 0)


def _random(predictor: NetworkPredictor) -> NetworkPredictor:
    return replace(predictor, network=randomised_copy(predictor.network).eval())


def _network_row(both: Sequence[Patients], predictor: NetworkPredictor) -> dict[str, Any]:
    """Return the information in the means of a network's last feature maps, and the AUC of an image-only network."""
    row = _row(both, [features_of(predictor, each.cohort) for each in both])
    new = both[0].cohort
    own = None if predictor.numbers else area_under_curve(
        new.labels, predictor.probabilities(new, range(len(new)))[:, TASK.positive])
    return {**row, "own": own}


def features_of(predictor: NetworkPredictor, cohort: Cohort) -> np.ndarray:
    """Return the means of the network's last feature maps over all views of each image, (cases, channels)."""
    import torch

    images, found = torch.from_numpy(cohort.arrays(predictor.image)), []
    with torch.inference_mode():
        for part in images.split(16):
            found.append(torch.stack([predictor.network.features(view).flatten(2).mean(dim=2)
                                      for view in predictor.views(part)]).mean(dim=0))
    return torch.cat(found).numpy()


def _row(both: Sequence[Patients], values: Sequence[np.ndarray]) -> dict[str, Any]:
    beside = [np.hstack([own, *each.numbers()]) for own, each in zip(values, both, strict=True)]
    return {"read": read_off(values, [each.drawn for each in both]), "auc": _auc(both, values),
            "beside": _auc(both, beside)}


def read_off(values: Sequence[np.ndarray], drawn: Sequence[np.ndarray]) -> dict[str, float]:
    """Return R2 of each group of drawn numbers, predicted from values; the mean over the group, at least 0.

    :param values, drawn: values and drawn numbers of new patients, and of those on whom the regression is trained.
    """
    from sklearn.linear_model import RidgeCV

    model = _scaled(RidgeCV(np.logspace(-2, 5, 15))).fit(values[1], drawn[1])
    error = ((model.predict(values[0]) - drawn[0]) ** 2).sum(axis=0)
    explained = 1 - error / ((drawn[0] - drawn[0].mean(axis=0)) ** 2).sum(axis=0)
    return {name: max(float(explained[list(places)].mean()), 0.0) for name, places in DRAWN.items()}


def _auc(both: Sequence[Patients], values: Sequence[np.ndarray]) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    new, learned = (each.cohort for each in both)
    model = _scaled(GridSearchCV(LogisticRegression(max_iter=2000), {"C": np.logspace(-5, 1, 13)}, cv=10,
                                 scoring="neg_log_loss"))
    model.fit(values[1], learned.labels == TASK.positive)
    return area_under_curve(new.labels, model.predict_proba(values[0])[:, 1])


def _scaled(model: Any) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(SimpleImputer(), StandardScaler(), model)
