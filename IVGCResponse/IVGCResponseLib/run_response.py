"""The steps that the panel's worker process computes: segment the muscles, estimate, explain. Plain data."""

from __future__ import annotations

from IVGCResponseLib.pipeline import RESPONSE
from NeuroOrbitLib.classifiers.region_steps import RegionSteps

STEPS = RegionSteps(RESPONSE)
prepare_file, classify_volume, explain_volume = STEPS.prepare_file, STEPS.classify_volume, STEPS.explain_volume
