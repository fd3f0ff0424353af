"""What can be wrong with a model package."""

from __future__ import annotations

from NeuroOrbitLib.problem import Problem


class ModelProblem(Problem):
    """A model package or device that cannot be used; the message says why and what to do."""
