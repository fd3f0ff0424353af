"""What a classifier module of the extension provides in its Lib's ``task.py``; the shared commands are made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort
    from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor
    from NeuroOrbitLib.classifiers.packing import PackageWords
    from NeuroOrbitLib.classifiers.task import Estimator, Predictor, Task
    from NeuroOrbitLib.classifiers.training_config import ClassifierConfig
    from NeuroOrbitLib.models import ModelPackage


class TaskModule(Protocol):
    """The functions of a Lib's ``task.py``."""

    TASK: Task
    CONFIGS: Path

    def estimator_of(self, config: ClassifierConfig, device: str = "cpu") -> Any:
        """Return what a configuration describes, ready to be fitted: a network, or any other :class:`Estimator`.

        Packages hold networks only: :meth:`package_words` refuses a configuration of anything else.
        """

    def baselines(self, cohort: Cohort) -> Sequence[Estimator]:
        """Return the simple measures that a network is compared with."""

    def predictor_of(self, package: ModelPackage, device: str = "cpu") -> Predictor:
        """Return a package's network, ready to be asked; a package of another task is refused."""

    def package_words(self, config: ClassifierConfig, cohort: Cohort) -> PackageWords:
        """Return what a package that is trained on the cohort says about itself."""

    def documents(self, predictor: NetworkPredictor, cohort: Cohort) -> Mapping[str, Any]:
        """Return what the task adds to a package."""

    def check_fit(self, package: ModelPackage, cohort: Cohort) -> None:
        """Refuse a cohort that shows something else than the package has learned from."""

    def novelty_scores(self, package: ModelPackage, cohort: Cohort, device: str = "cpu") -> Sequence[Any] | None:
        """Return how unusual the package finds each case, or None where it does not say."""


@dataclass(frozen=True)
class ModuleWords:
    """How the shared commands speak of a module.

    :param library: name of its Lib, e.g. ``"MyClassifierLib"``.
    :param configs: the shipped configurations, for the help.
    :param positive: what a case is called from the threshold on, e.g. ``"active"``.
    :param report_title: of the report on a table of predictions.
    """

    library: str
    configs: str
    positive: str
    report_title: str

    @property
    def cohort_command(self) -> str:
        """Return the command that prepares a cohort."""
        return f"python -m {self.library} cohort"

    def is_ours(self, package: ModelPackage) -> bool:
        """Return whether a model package is of the module's task."""
        return package.facts.settings.get("kind") == self.task_module().TASK.kind

    def task_module(self) -> TaskModule:
        """Return the Lib's ``task.py``; imports it."""
        return cast("TaskModule", import_module(f"{self.library}.task"))
