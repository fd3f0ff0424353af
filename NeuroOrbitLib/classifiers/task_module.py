"""The interface of the ``task.py`` in a classifier module's Lib, from which the shared commands are built."""

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
        """Return the estimator that a configuration describes: a network, or any other :class:`Estimator`.

        Packages contain networks only: :meth:`package_words` refuses a configuration of anything else.
        """

    def baselines(self, cohort: Cohort) -> Sequence[Estimator]:
        """Return the simple estimators that a network is compared with."""

    def predictor_of(self, package: ModelPackage, device: str = "cpu") -> Predictor:
        """Return a package's network, ready to predict; a package of another task is refused."""

    def package_words(self, config: ClassifierConfig, cohort: Cohort) -> PackageWords:
        """Return the statements of a package that is trained on the cohort."""

    def documents(self, predictor: NetworkPredictor, cohort: Cohort) -> Mapping[str, Any]:
        """Return the documents that the task adds to a package."""

    def check_fit(self, package: ModelPackage, cohort: Cohort) -> None:
        """Refuse a cohort that was prepared differently from the package's training."""

    def novelty_scores(self, package: ModelPackage, cohort: Cohort, device: str = "cpu") -> Sequence[Any] | None:
        """Return how unusual each case is for the package, or None if it contains no reference."""


@dataclass(frozen=True)
class ModuleWords:
    """Words of a module in the help and output of the shared commands.

    :param library: name of the module's Lib, e.g. ``"MyClassifierLib"``.
    :param configs: names of the shipped configurations, for the help.
    :param positive: name of a case from the threshold on, e.g. ``"active"``.
    :param report_title: title of the report on a table of predictions.
    """

    library: str
    configs: str
    positive: str
    report_title: str

    @property
    def cohort_command(self) -> str:
        """Command line that prepares a cohort."""
        return f"python -m {self.library} cohort"

    def is_ours(self, package: ModelPackage) -> bool:
        """Return whether a model package belongs to the module's task."""
        return package.facts.settings.get("kind") == self.task_module().TASK.kind

    def task_module(self) -> TaskModule:
        """Import and return the Lib's ``task.py``."""
        return cast("TaskModule", import_module(f"{self.library}.task"))
