"""The plan of the reproduction of the study on NMOSD and MS, its scales, and the numbers that the paper reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from NeuroDifferentialLib.differential.estimators import CRITERIA, LOAD, TABLE
from NeuroDifferentialLib.differential.synthetic.plan import DifferentialCohortPlan
from NeuroDifferentialLib.task import CONFIGS
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig, load_classifier_config
from Testing.Experiments.reproduction.scales import chosen

#: Numbers of Table 2 and the text: accuracy, sensitivity, specificity, mean over 15 repeats of five folds.
PUBLISHED: Mapping[str, tuple[float, float, float]] = {
    "Two views, ResNet-34, pretrained": (0.75, 0.707, 0.759),
    "Two views, ResNet-18, pretrained": (0.725, 0.708, 0.719),
}
#: Sensitivity and specificity of the comparator by Cacciaguerra et al. 2019, training and validation sample, with MRI
#: of the spinal cord.
CACCIAGUERRA = {"training": (0.92, 0.91), "validation": (0.82, 0.91)}
#: Contradictions in the paper, and what it leaves open.
CONTRADICTIONS = (
    "The abstract gives the figures of 34 layers (.75, .707, .759); the text says that 18 layers were best.",
    "Sensitivity .707 and specificity .759 of 41 and 47 patients are an accuracy of .735, not .75; .708 and .719 are "
    ".714, not .725. Means over folds of unequal size may do that.",
    "The rows of three dimensions and of networks that were not pretrained are shown in a figure alone, lower.",
    "Loss, epochs, batch size and momentum are not given; here cross-entropy, 40 to 60 epochs, 8 or 16, and .9.",
    "Augmentation is shift and flip in one place, shift alone in another.",
    "\"Fixed crop kernel\" may mean one box for all or one for each patient; how the third axis becomes 100 voxels is "
    "not said. Here it is the box of each patient's brain, resampled along all axes.",
    "Seconds and memory of Table 3 are not known to us; the numbers of parameters are those of the networks as "
    "described.",
)
#: Titles of the rows, by shipped configuration.
NETWORKS = {"two_view_18": "Two views, ResNet-18", "two_view_34": "Two views, ResNet-34",
            "resnet3d_18": "ResNet-18, three dimensions", "resnet3d_34": "ResNet-34, three dimensions",
            "two_view_compact": "Two views, compact", "resnet3d_compact": "ResNet-18, three dimensions, compact"}
#: Learners without a network: configuration, title, and changes of the configuration.
BASELINES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "table-logistic": (TABLE, "Lesion table, logistic regression", ()),
    "table-forest": (TABLE, "Lesion table, random forest", ("network_options.learner=forest",)),
    "volume": (LOAD, "Total lesion volume", ()),
    "cacciaguerra": (CRITERIA, "Cacciaguerra criteria, brain alone", ()),
}
#: The packages that may come with the extension, to which the study's patients are new.
PACKAGES = ("neuro-lesion-table", "neuro-two-view")
#: Promises: largest distance of the accuracy below the ceiling, largest calibration error, largest distance of the mean
#: of the permutations from .5, and least AUC with which a lesion's effect separates places of one disease from others.
CEILING_BAR, ERROR_BAR, CHANCE_BAR, PLACE_BAR = 0.05, 0.10, 0.03, 0.70


@dataclass(frozen=True)
class Judged:
    """A network of the study.

    :param key: its shipped configuration.
    :param changes: changes of this configuration.
    :param repeats: number of repeats of the cross-validation.
    :param one_fold: whether only the first fold is trained and evaluated, for networks that are too large for more.
    """

    key: str
    changes: tuple[str, ...] = ()
    repeats: int = 1
    one_fold: bool = False

    def config(self) -> ClassifierConfig:
        """Return its configuration."""
        return replace(load_classifier_config(self.key, CONFIGS, self.changes), repeats=self.repeats)


@dataclass(frozen=True)
class Scale:
    """A size of the reproduction.

    :param name: name on the command line and of the folder.
    :param statement: differences from the paper, for the reader.
    :param study: synthetic cohort of the cross-validations.
    :param found: cohort of the patients whose lesions are found in a simulated FLAIR; the study itself, or a smaller
        one.
    :param fresh: cohort for the evaluation of the packages; the study itself, or another one.
    :param networks: networks to evaluate.
    :param repeats: number of repeats for the learners without a network.
    :param permutations: number of permutations of the labels, for the lesion table.
    :param network_permutations: number of permutations of the labels, for the compact network with two views.
    :param curves: networks whose training and validation are followed (Fig. 4), and the number of epochs between
        points.
    :param complexity: networks in the table of parameters, seconds and memory (Table 3).
    :param explained: number of patients whose lesions are left out one by one.
    """

    name: str
    statement: str
    study: DifferentialCohortPlan
    found: DifferentialCohortPlan
    fresh: DifferentialCohortPlan
    networks: Sequence[Judged]
    repeats: int = 15
    permutations: int = 20
    network_permutations: int = 0
    curves: Sequence[tuple[str, int]] = (("two_view_compact", 2), ("resnet3d_compact", 2))
    complexity: Sequence[str] = tuple(NETWORKS)
    explained: int = 40

    @property
    def finds(self) -> bool:
        """Whether the lesions of the study itself are found in a FLAIR."""
        return self.found == self.study

    def network(self, key: str) -> ClassifierConfig:
        """Return the configuration of a network of the study."""
        return next(each for each in self.networks if each.key == key).config()

    def baseline(self, name: str) -> ClassifierConfig:
        """Return the configuration of a learner without a network."""
        key, title, changes = BASELINES[name]
        config = load_classifier_config(key, CONFIGS, changes)
        return replace(config, name=name, title=title, repeats=1 if name == "cacciaguerra" else self.repeats)


def _epochs(key: str, epochs: int, repeats: int = 1, folds: int = 5) -> Judged:
    return Judged(key, (f"schedule.epochs={epochs}", f"folds={folds}"), repeats)


STUDY, FRESH = DifferentialCohortPlan(seed=21), DifferentialCohortPlan(400, seed=22)
QUICK = DifferentialCohortPlan(60, seed=24)
SCALES = {scale.name: scale for scale in (
    Scale("full", "networks, schedule and repeats of the paper (for a GPU)", STUDY, STUDY, FRESH,
          tuple(Judged(key, repeats=15) for key in NETWORKS), network_permutations=20),
    Scale("small", "two views at a quarter of the width, five repeats; three dimensions at 64 voxels and a quarter of "
          "the width, once; networks of the published width on one fold of five", STUDY, STUDY, FRESH,
          (Judged("two_view_compact", repeats=5), Judged("resnet3d_compact"),
           *(Judged(key, ("schedule.epochs=20",), one_fold=True) for key in list(NETWORKS)[:4])),
          network_permutations=3),
    Scale("quick", "fewer patients, lesions as they were drawn, networks at a quarter of the width in eight epochs and "
          "two folds; shows how things go, and decides nothing", QUICK, DifferentialCohortPlan(24, seed=23), QUICK,
          (_epochs("two_view_compact", 8, folds=2), _epochs("resnet3d_compact", 8, folds=2)), repeats=3,
          curves=(("two_view_compact", 2), ("resnet3d_compact", 2)), explained=4),
)}  # fmt: skip


def choose_scale(name: str, device: str) -> Scale:
    """Return the scale of that name, see :func:`Testing.Experiments.reproduction.scales.chosen`."""
    return chosen(SCALES, name, device)
