"""AutoCorrection by the scripted user: once for the whole structure, kept only if it improves it."""

from __future__ import annotations

from functools import cache

from OrbitSegmentationLib.refinement.correction.job import find_model
from OrbitSegmentationLib.refinement.correction.pipeline import correct
from Testing.Experiments.annotation.session import Session

#: The effect's default distance (mm) that a border may move.
DISTANCE_MM = 3.0


class AutoCorrection:
    """Preview, then Apply or Cancel: two button presses."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def run(self) -> None:
        """Correct the segment if there is one and it is not yet good enough."""
        case, before = self.session.case, self.session.mask
        if self.session.over or not before.any():
            return
        network = model()
        self.session.interact("button")
        with self.session.computing():
            correction = correct(case.image, before, case.spacing, DISTANCE_MM, network)
        corrected, self.session.corrected_by = correction.mask, correction.method
        self.session.show(corrected, preview=True)
        self.session.interact("button")
        better = self.session.dice(corrected) > self.session.dice(before)
        self.session.show(corrected if better else before)


@cache
def model():
    """Return the product's network; ``None`` without one, in which case the classical method is used."""
    return find_model(device="cpu")[0]
