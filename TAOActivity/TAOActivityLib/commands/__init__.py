"""The commands of ``python -m TAOActivityLib``; importing this package imports nothing heavy."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.task_module import ModuleWords

MODULE = ModuleWords("TAOActivityLib", "network_a, network_b (as published), network_a_compact, network_b_compact",
                     "active", "TAO activity")
