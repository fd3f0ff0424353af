"""The plan of the reproduction of Zhang et al. 2026 (RDINet), its scales, and the numbers that the paper reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from IVGCResponseLib.muscle_groups import STRATEGIES
from IVGCResponseLib.study import STUDY
from IVGCResponseLib.synthetic.muscles import MuscleEffects
from IVGCResponseLib.synthetic.plan import ResponseCohortPlan
from IVGCResponseLib.task import CONFIGS
from NeuroOrbitLib.classifiers.region_study import RegionSettings
from NeuroOrbitLib.classifiers.training_config import ClassifierConfig, load_classifier_config
from Testing.Experiments.reproduction.scales import chosen

Row = Sequence[float | None]
#: Measures of the published table's columns.
COLUMNS = ("AUC", "ACC", "SEN", "SPE", "PPV", "NPV")
#: Numbers of the text and Table 2: AUC, ACC, SEN, SPE, PPV, NPV on the test set of 30 patients.
PUBLISHED: Mapping[str, Row] = {
    "SVM, MR+LR": (0.8981, 0.8667, 0.8333, 0.8889, None, None),
    "LogReg, four recti": (0.8796, None, None, None, None, None),
    "ResNet-50, MR+LR": (0.9074, None, None, None, None, None),
    "ResNet-50, four recti": (0.8889, None, None, None, None, None),
    "RDINet, MR+LR": (0.9213, 0.9, 0.9167, 0.8889, 0.8462, 0.9412),
    "RDINet, four recti": (0.9028, None, None, None, None, None),
    "RDINet (clinical), MR+LR": (0.9537, 0.9333, 0.9167, 0.9444, 0.9167, 0.9444),
    "RDINet (clinical), four recti": (0.9259, None, None, None, None, None),
}
#: The same for the 117 training patients, where printed.
PUBLISHED_TRAINING: Mapping[str, Row] = {
    "SVM, MR+LR": (None, 0.9060, 0.8367, 0.9559, None, None),
    "RDINet, MR+LR": (None, 0.8889, 0.9184, 0.8676, 0.8333, 0.9365),
    "RDINet (clinical), MR+LR": (0.9493, 0.9658, 0.9388, 0.9853, 0.9787, 0.9571),
}
#: Contradictions in the paper, and what it leaves open.
CONTRADICTIONS = (
    "Which class is positive is never said; here it is the responders, 61 of 147. SEN .8367 = 41/49 and SPE .9559 = "
    "65/68 of the SVM's training row fit 49 responders and 68 others among 117, which these are.",
    "That the rows of RDINet belong to MR+LR is a reading; the text does not say.",
    "The test row of the plain RDINet is once labelled \"clinical\".",
    "The discussion prints .9167 where the results have .9259 (RDINet (clinical), four recti).",
    "Fig. 3 is cited as an ablation and shows Grad-CAM.",
    "\"Deep learning is always better than radiomics\" does not hold between muscles: .8889 (ResNet-50, four recti) is "
    "below .8981 (SVM, MR+LR).",
    "RDINet is better on the test set (.9000 of decisions right) than in its training (.8889).",
    "The algorithm \"with the highest AUC\" seems to be chosen on the test set; here it is chosen inside the training.",
)
LEARNERS = {"svm": "SVM", "logistic": "LogReg", "forest": "RF"}
#: The configurations for the paper's table: title of the row, shipped configuration, group of muscles of its radiomics
#: features and, with the masked box, of its image.
NETWORKS = {"resnet50": "ResNet-50", "rdinet": "RDINet", "rdinet_clinical": "RDINet (clinical)",
            "early": "Early concatenation"}
ABLATION = (1, 2, 3, 4)
#: The packages that come with the extension, to which the study's patients are new.
PACKAGES = ("ivgc-radiomics", "ivgc-rdinet")
#: Parts that can be run alone, in the order of a complete run.
PARTS = ("muscles", "learners", "networks", "ablation", "volume-fit", "groups", "noise", "packages")


@dataclass(frozen=True)
class Scale:
    """A size of the reproduction.

    :param name: name on the command line and of the folder.
    :param statement: differences from the paper, for the reader.
    :param cohort: synthetic cohort of the study.
    :param suffix: suffix of the networks' shipped configurations, ``"_compact"`` or nothing.
    :param changes: changes of every network's configuration, see
        :func:`NeuroOrbitLib.classifiers.training_config.changed`.
    :param groups: groups of muscles whose radiomics features networks take.
    :param permutations: number of permutations of the labels, for the estimators on numbers.
    :param network_permutations: number of permutations of the labels, for RDINet (clinical).
    :param choices: number of folds for the choice of muscles and learner inside the training.
    :param equal: number of patients of the cohort whose muscles are equally informative; 0 leaves it out.
    :param leaders: largest number of correctly classified responders whose explanation by muscle is compared with the
        generator; ``None`` for all of them.
    :param ablation: whether the number of iterations is varied.
    :param volume_epochs: epochs of one fit of the published ResNet-50 in three dimensions, which shows that it runs; 0
        leaves it out.
    :param parts: parts to run, from :data:`PARTS`.
    """

    name: str
    statement: str
    cohort: ResponseCohortPlan
    suffix: str
    changes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ("MR+LR", "4_recti")
    permutations: int = 20
    network_permutations: int = 0
    choices: int = 5
    equal: int = 0
    leaders: int | None = None
    ablation: bool = True
    volume_epochs: int = 10
    parts: Sequence[str] = PARTS

    @property
    def settings(self) -> RegionSettings:
        """Settings of the preparation; the product's engine is as exact as PyRadiomics and faster."""
        return STUDY.settings(engine="own")

    @property
    def equal_cohort(self) -> ResponseCohortPlan:
        """Cohort in which all muscles are equally informative."""
        return replace(self.cohort, patients=self.equal, seed=self.cohort.seed + 10, effects=MuscleEffects(0.0))

    def network(self, key: str, group: str = "MR+LR", iterations: int | None = None) -> ClassifierConfig:
        """Return a network's configuration with radiomics features of a group of muscles."""
        changes = list(self.changes)
        if key != "resnet50":
            changes.append(f"numbers.radiomics.muscles={group}")
        if iterations is not None:
            changes.append(f"network_options.iterations={iterations}")
        return load_classifier_config(f"{key}{self.suffix}", CONFIGS, changes)

    def volume_network(self) -> ClassifierConfig:
        """Return the published ResNet-50 in three dimensions with fewer epochs."""
        return load_classifier_config("resnet50", CONFIGS, [f"schedule.epochs={self.volume_epochs}"])

    def numbers(self, key: str, muscles: Sequence[str] = STRATEGIES, learners: Sequence[str] = tuple(LEARNERS)) -> (
            ClassifierConfig):
        """Return the configuration of an estimator on numbers."""
        found = load_classifier_config(key, CONFIGS)
        if key != "radiomics":
            return found
        return replace(found, network_options={**found.network_options, "muscles": list(muscles),
                                               "learners": list(learners), "folds": self.choices})


SCALES = {scale.name: scale for scale in (
    Scale("full", "networks and schedule of the paper (for a GPU)", ResponseCohortPlan(), "", equal=147,
          network_permutations=20, volume_epochs=0),
    Scale("small", "compact networks and a schedule for a computer without a GPU", ResponseCohortPlan(), "_compact",
          equal=147),
    Scale("quick", "half the paper's patients, compact networks in 20 epochs, one split; shows how things go, and "
          "decides nothing", ResponseCohortPlan(75), "_compact", ("schedule.epochs=20",), choices=3, leaders=8,
          volume_epochs=1),
)}  # fmt: skip


def choose_scale(name: str, device: str) -> Scale:
    """Return the scale of that name, see :func:`Testing.Experiments.reproduction.scales.chosen`."""
    return chosen(SCALES, name, device)
