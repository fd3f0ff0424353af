"""The plan of the reproduction of Lin et al. 2021, its scales, and the numbers that the paper reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from NeuroOrbitLib.classifiers.training_config import ClassifierConfig, load_classifier_config
from NeuroOrbitLib.saliency.patches import OcclusionSettings
from TAOActivityLib.run_activity import PATCH, STRIDE
from TAOActivityLib.synthetic.plan import ActivityCohortPlan
from TAOActivityLib.task import CONFIGS
from Testing.Experiments.reproduction.scales import chosen

#: Table 2: mean and SD over four runs on 31 test scans.
PUBLISHED: Mapping[str, Mapping[str, tuple[float, float | None]]] = {
    "a": {"accuracy": (0.863, 0.055), "precision": (0.680, None), "sensitivity": (0.750, 0.136),
          "specificity": (0.896, 0.042)},
    "b": {"accuracy": (0.855, 0.018), "precision": (0.640, None), "sensitivity": (0.821, 0.021),
          "specificity": (0.865, 0.021)},
}  # fmt: skip
NETWORKS = {"a": "Network A (VGG-like)", "b": "Network B (residual)"}


@dataclass(frozen=True)
class Scale:
    """A size of the reproduction.

    :param name: name on the command line and of the folder.
    :param statement: differences from the paper, for the reader.
    :param cohort: synthetic cohort of the cross-validations for comparison with the paper's table.
    :param teaching: larger synthetic cohort on which the packages are trained, with a separate cross-validation.
    :param configs: configurations of networks ``a`` and ``b``.
    :param repeats: number of repeats of the cross-validations for the table.
    :param heat: settings of the heat maps.
    :param heat_cases: largest number of correctly classified active scans whose heat is measured.
    """

    name: str
    statement: str
    cohort: ActivityCohortPlan
    teaching: ActivityCohortPlan
    configs: Mapping[str, ClassifierConfig]
    repeats: int
    heat: OcclusionSettings
    heat_cases: int = 1000

    @property
    def fresh(self) -> ActivityCohortPlan:
        """Cohort of new patients of the same kind, which no training has seen."""
        return replace(self.cohort, seed=self.cohort.seed + 1)

    def config(self, key: str) -> ClassifierConfig:
        """Return the configuration of a network's cross-validation for the paper's table."""
        return replace(self.configs[key], repeats=self.repeats)

    def teaching_config(self, key: str) -> ClassifierConfig:
        """Return a package's configuration: two repeats of three folds suffice for calibration by many scans."""
        return replace(self.configs[key], repeats=2, folds=min(self.configs[key].folds, 3))


def _shipped(suffix: str = "") -> dict[str, ClassifierConfig]:
    return {key: load_classifier_config(f"network_{key}{suffix}", CONFIGS) for key in NETWORKS}


def _tiny() -> dict[str, ClassifierConfig]:
    """Return networks that show that everything runs, and learn next to nothing."""
    found = {}
    for key, config in _shipped("_compact").items():
        options = {"width": 2, **({"dense": (8,)} if key == "a" else {})}
        schedule = replace(config.schedule, epochs=1, batch_size=4)
        found[key] = replace(config, network_options=options, schedule=schedule, folds=2)
    return found


#: Settings of explanations in the panel.
HEAT = OcclusionSettings(PATCH, STRIDE, "image mean", each_channel=True)
#: Four times the paper's cohort, as synthetic patients cost only computing time.
TEACHING = ActivityCohortPlan(432, 640, 200, seed=2)
SCALES = {scale.name: scale for scale in (
    Scale("full", "networks and schedule of the paper (for a GPU)", ActivityCohortPlan(), TEACHING, _shipped(), 4,
          HEAT),
    Scale("small", "compact networks and a schedule for a computer without a GPU", ActivityCohortPlan(), TEACHING,
          _shipped("_compact"), 4, HEAT),
    Scale("quick", "a few scans and tiny networks: shows that everything runs, and nothing else",
          ActivityCohortPlan(6, 8, 3), ActivityCohortPlan(6, 8, 3, seed=2), _tiny(), 2, OcclusionSettings(16, 16), 2),
)}  # fmt: skip


def choose_scale(name: str, device: str) -> Scale:
    """Return the scale of that name, see :func:`Testing.Experiments.reproduction.scales.chosen`."""
    return chosen(SCALES, name, device)
