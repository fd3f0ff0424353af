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
    "estimate whether the patient will respond",
    "Estimate the response to intravenous glucocorticoids from a coronal T2 MRI of the orbits and, if given, clinical "
    "features. For research use only.",
    "show on the image what speaks for a response",
    "Estimate the response and write a heat map (heat.nii.gz, Grad-CAM: coarse), the volume that the network saw "
    "(volume.nii.gz) and a table (muscles.csv): how much the probability falls when each muscle gets the mean signal "
    "of the training. For research use only.",
    "of a response", "the orbits", "clinical features", "age=45 cas=4 trab=12.5 smoking=no",
    "inactive disease, optic neuropathy, treatment begun, a child", "muscle"))
add_parser, run = PATIENT.classify.add_parser, PATIENT.classify.run
