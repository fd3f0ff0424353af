"""``classify``: estimate the response of one patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IVGCResponseLib.clinical import FEATURES
from IVGCResponseLib.gate import GATE
from NeuroOrbitLib.classifiers.commands.patient import PatientCommands, PatientWords

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.region_classifier import RegionClassifier


def _classifier() -> RegionClassifier:
    from IVGCResponseLib.pipeline import RESPONSE

    return RESPONSE


PATIENT = PatientCommands(_classifier, GATE, FEATURES, PatientWords(
    classify="estimate whether the patient will respond",
    classify_long="Estimate the response to intravenous glucocorticoids from a coronal T2 MRI of the orbits and, if "
    "given, clinical features. For research use only.",
    explain="show on the image what speaks for a response",
    explain_long="Estimate the response and write a heat map (heat.nii.gz, Grad-CAM: coarse), the volume that the "
    "network saw (volume.nii.gz) and a table (muscles.csv): how much the probability falls when each muscle gets the "
    "mean signal of the training. For research use only.",
    of="of a response", segmentation="the orbits", numbers="clinical features",
    example="age=45 cas=4 trab=12.5 smoking=no",
    closed="inactive disease, optic neuropathy, treatment begun, a child", noun="muscle"))
add_parser, run = PATIENT.classify.add_parser, PATIENT.classify.run
