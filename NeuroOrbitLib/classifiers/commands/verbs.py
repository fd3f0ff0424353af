"""The commands that need only a module's task, by name."""

from __future__ import annotations

from NeuroOrbitLib.classifiers.commands.compare import CompareCommand
from NeuroOrbitLib.classifiers.commands.contributions import ContributionsCommand
from NeuroOrbitLib.classifiers.commands.crossvalidate import CrossvalidateCommand
from NeuroOrbitLib.classifiers.commands.describe import DescribeCommand
from NeuroOrbitLib.classifiers.commands.evaluate import EvaluateCommand
from NeuroOrbitLib.classifiers.commands.recalibrate import RecalibrateCommand
from NeuroOrbitLib.classifiers.commands.train import TrainCommand
from NeuroOrbitLib.classifiers.task_module import ModuleWords
from NeuroOrbitLib.command_line import Command

_VERBS = {
    "compare": CompareCommand, "contributions": ContributionsCommand, "crossvalidate": CrossvalidateCommand,
    "describe": DescribeCommand, "evaluate": EvaluateCommand, "recalibrate": RecalibrateCommand, "train": TrainCommand,
}  # fmt: skip


def task_commands(module: ModuleWords, *names: str) -> dict[str, Command]:
    """Return the named commands for a module, by name."""
    return {name: _VERBS[name](module) for name in names}
