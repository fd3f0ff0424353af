"""Estimation of the response of one patient, for the panel, the command line, batches and tests.

The scan is a coronal T2 MRI, the segmentation shows the orbits, and the probability is the probability of a response to
intravenous glucocorticoids; see :class:`NeuroOrbitLib.classifiers.region_classifier.RegionClassifier`.
"""

from __future__ import annotations

from IVGCResponseLib import task
from IVGCResponseLib.clinical import FEATURES
from IVGCResponseLib.familiarity import ADVICE, FAMILIARITY
from IVGCResponseLib.gate import GATE
from IVGCResponseLib.inventory import RESPONSE_MODEL
from IVGCResponseLib.report import report_words
from IVGCResponseLib.sequence import refuse_early, require_usable
from IVGCResponseLib.study import STUDY
from NeuroOrbitLib.classifiers.region_classifier import RegionClassifier
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress


def orbits(scan: Image, device: str, progress: Progress) -> Image:
    """Return the label map of the orbits on the scan's grid."""
    from OrbitSegmentationLib.pipeline import orbits_of

    return orbits_of(scan, device, progress)


RESPONSE = RegionClassifier(
    kind=RESPONSE_MODEL, task=task, study=STUDY, gate=GATE, refuse_early=refuse_early, require_usable=require_usable,
    segment=orbits, familiarity=FAMILIARITY, advice=ADVICE, columns=FEATURES, means=task.MUSCLE_MEANS,
    decisions=("non-responder", "responder"), probability="probability_of_response", noun="muscle",
    words_of=report_words)
classify_image, explain_image, classify_file = RESPONSE.classify, RESPONSE.explain, RESPONSE.classify_file
