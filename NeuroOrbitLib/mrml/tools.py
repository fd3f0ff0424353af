"""The model and device of a step of an analysis, and waiting for its end."""

from __future__ import annotations

from dataclasses import dataclass

from NeuroOrbitLib.mrml.run import VolumeRun


@dataclass(frozen=True)
class Tool:
    """The model and the device that compute a step.

    :param model: name or folder of a model package.
    :param device: "auto", "cpu" or "cuda".
    :param folder: the user's folder of model packages; "" for none.
    """

    model: str
    device: str = "auto"
    folder: str = ""

    def arguments(self) -> dict[str, object]:
        """Return the model and the device as arguments of a function of the worker."""
        return {"model": self.model, "device": self.device, "model_folders": [self.folder] if self.folder else []}


def tool_of(node: object, folder: str) -> Tool:
    """Return the model and the device that the user has chosen.

    :param node: parameter node with ``modelName`` and ``device``.
    :param folder: the user's folder of model packages; "" for none.
    """
    return Tool(node.modelName, node.device.value, folder)


def ended(run: VolumeRun, wait: bool) -> object:
    """Return the results of a run after waiting for them or, if ``wait`` is false, the run itself."""
    return run.wait() if wait else run
