"""AutoCorrection for the scripted user: once over the whole structure, kept only if it is better."""

from __future__ import annotations

from functools import cache

from OrbitSegmentationLib.refinement.correction.job import find_model
from OrbitSegmentationLib.refinement.correction.pipeline import correct
from Testing.Experiments.annotation.session import Session

#: The effect's own default of how far a border may move (mm).
DISTANCE_MM = 3.0


class AutoCorrection:
    """Preview, then Apply or Cancel: two presses."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def run(self) -> None:
        """Correct the segment if there is one and it is not good enough yet."""
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
    """The network that the product ships, None when there is none: then the classical method decides."""
    return find_model(device="cpu")[0]
