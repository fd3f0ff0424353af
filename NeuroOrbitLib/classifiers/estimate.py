"""The answer for a case: the probability of a class, its limits, and notices for the user.

A module's answer adds its own measurements; see :class:`Estimate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.classifiers.novelty import Novelty

if TYPE_CHECKING:
    from typing import Self

    from NeuroOrbitLib.classifiers.recalibration import Recalibration
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A model's answer for a case.

    :param probability: probability of the class, calibrated if the model is; None if nothing could be estimated.
    :param calibrated: whether the probability is calibrated.
    :param threshold: least probability at which the case is assigned to the class.
    :param notices: notices for the user, e.g. about an unusual scan or patient.
    :param interval: range of the probability in 95 of 100 trainings on other patients of the same kind, see
        :mod:`NeuroOrbitLib.classifiers.interval`; None if the model gives none.
    :param novelty: how unlike the training cases this one is; None if the model does not measure it.
    :param recalibration: the fit to the user's own patients that changed the probability; None without one.
    """

    probability: float | None
    calibrated: bool
    threshold: float
    notices: tuple[str, ...] = ()
    interval: tuple[float, float] | None = None
    novelty: Novelty | None = None
    recalibration: Recalibration | None = None

    @classmethod
    def of(cls, package: ModelPackage, raw: float, recalibration: Recalibration | None = None, **others: Any) -> Self:
        """Return the answer for the raw probability of a package's model.

        There is no interval if the probability was fitted to the user's own patients.

        :param others: further fields.
        """
        from NeuroOrbitLib.classifiers.answer import calibrated_probability, interval_of

        probability, calibrated = calibrated_probability(package, raw)
        interval = interval_of(package, probability) if recalibration is None else None
        spoken = probability if recalibration is None else recalibration.probability(probability)
        return cls(probability=spoken, calibrated=calibrated, threshold=float(package.facts.settings["threshold"]),
                   interval=interval, recalibration=recalibration, **others)

    @property
    def positive(self) -> bool:
        """Whether the case is assigned to the class at the threshold."""
        return self.probability is not None and self.probability >= self.threshold

    def as_data(self, package: ModelPackage, decision: str, probability: str = "probability") -> dict[str, Any]:
        """Return the answer as plain data.

        :param package: package of the model.
        :param decision: name of the class to which the case is assigned.
        :param probability: key of the probability.
        """
        from NeuroOrbitLib.research_use import RESEARCH_USE_IN_RECORDS

        return {
            probability: self.probability, "calibrated": self.calibrated,
            "interval": list(self.interval) if self.interval else None,
            "novelty": self.novelty.as_data() if self.novelty else None, "threshold": self.threshold,
            "decision": decision, "notices": list(self.notices), "model": package.provenance(),
            "synthetic_training": package.facts.is_synthetic, "research_use": RESEARCH_USE_IN_RECORDS,
        }  # fmt: skip
