"""Why a response is expected: heat on the anatomy, and what each muscle contributes to the probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IVGCResponseLib.answers import Asked
from IVGCResponseLib.task import MUSCLE_MEANS
from NeuroOrbitLib.anatomy.structures import RECTI
from NeuroOrbitLib.classifiers.structure_reasons import StructureReasons, scan_heat
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.recalibration import Recalibration
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True)
class Explanation(StructureReasons):
    """What speaks for a response; the structures are the recti."""

    @property
    def notice(self) -> str:
        """Return a warning where the model hardly looks at the muscles' signal, else an empty text."""
        return _("The signal of no muscle changes the probability by a percentage point: the model ignores the image, "
                 "or decides by other parts of it.") if self.ignores_signal else ""

    def as_data(self) -> dict[str, Any]:
        """Return plain data without the heat's voxels."""
        return {"by_muscle": self.by_structure, "ratio": self.ratio if np.isfinite(self.ratio) else None,
                "share": self.share if np.isfinite(self.share) else None,
                "falls": self.falls, "leading_muscle": self.leading, "notice": self.notice}


def explain(package: ModelPackage, asked: Asked, progress: Progress = silent,
            recalibration: Recalibration | None = None) -> Explanation:
    """Explain the answer about a patient.

    :param recalibration: by which the probability was changed.
    :raises Problem: when the package does not say what the muscles' mean signal is.
    """
    from NeuroOrbitLib.classifiers.augmentation import seen

    means = package.document(MUSCLE_MEANS)
    if means is None:
        raise Problem(_("The model {name} does not state the mean signal of the muscles. Train it again.").format(
            name=package.name))
    return Explanation.of(asked, RECTI, means, seen, recalibration, progress)


def weights_matter(asked: Asked, stages: int = 4) -> list[float]:
    """Return how like the heat stays while weights are randomised, see :func:`.likeness_to_random`."""
    from NeuroOrbitLib.classifiers.augmentation import seen
    from NeuroOrbitLib.classifiers.network_heat import likeness_to_random

    return likeness_to_random(asked.predictor.network, lambda other: scan_heat(asked, seen, other), stages)
