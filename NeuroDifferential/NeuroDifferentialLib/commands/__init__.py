"""The commands of ``python -m NeuroDifferentialLib`` beside those of all tasks; importing this module is quick."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.task_module import ModuleWords

MODULE = ModuleWords(
    "NeuroDifferentialLib",
    "two_view_18, two_view_34, resnet3d_18, resnet3d_34 (as published), two_view_compact, resnet3d_compact; "
    "lesion_table, lesion_volume, cacciaguerra (no networks)",
    "NMOSD", "NMOSD or MS")
