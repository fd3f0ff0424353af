"""What is said about a case: the probability of a class, its limits, and what the user should know.

A module's answer adds what it measured; see :class:`Estimate`.
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
    """What a model says about a case.

    :param probability: of the class, calibrated where the model is; None where nothing could be estimated.
    :param calibrated: whether it is.
    :param threshold: from which probability on the case is called one of the class.
    :param notices: what the user should know, an unusual scan or patient among it.
    :param interval: where the probability would lie in 95 of 100 trainings on other patients of the same kind, see
        :mod:`NeuroOrbitLib.classifiers.interval`; None where the model does not say.
    :param novelty: how unlike the cases of its training the model finds this one; None where it does not say.
    :param recalibration: to one's own patients, by which the probability was changed; None where it was not.
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
        """Return what is said where a package's model gives a raw probability.

        There is no interval where the probability was fitted to one's own patients.

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
        """Return the decision at the threshold."""
        return self.probability is not None and self.probability >= self.threshold

    def as_data(self, package: ModelPackage, decision: str, probability: str = "probability") -> dict[str, Any]:
        """Return plain data.

        :param package: whose model was asked.
        :param decision: what the case is called.
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
