"""What computes a step of an analysis, and waiting for its end."""

from __future__ import annotations

from dataclasses import dataclass

from NeuroOrbitLib.mrml.run import VolumeRun


@dataclass(frozen=True)
class Tool:
    """What computes.

    :param model: name or folder of a model package.
    :param device: "auto", "cpu" or "cuda".
    :param folder: the user's own folder of model packages.
    """

    model: str
    device: str = "auto"
    folder: str = ""

    def arguments(self) -> dict[str, object]:
        """Return the arguments of a worker's step."""
        return {"model": self.model, "device": self.device, "model_folders": [self.folder] if self.folder else []}


def tool_of(node: object, folder: str) -> Tool:
    """Return what is to compute by the user's choices.

    :param node: parameter node with ``modelName`` and ``device``.
    :param folder: the user's own folder of model packages.
    """
    return Tool(node.modelName, node.device.value, folder)


def ended(run: VolumeRun, wait: bool) -> object:
    """Return the results of a run after waiting for them, or the run itself."""
    return run.wait() if wait else run
