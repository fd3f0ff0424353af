"""The commands of ``python -m IVGCResponseLib`` in addition to those of all tasks; importing this package is fast."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.task_module import ModuleWords

MODULE = ModuleWords(
    "IVGCResponseLib",
    "resnet50, rdinet, rdinet_clinical, early (as published or of the paper's size), each with _compact; radiomics, "
    "radiomics_pairs (cohort --pairs), clinical, signal_ratio (no networks)",
    "a responder", "Response to intravenous glucocorticoids")
