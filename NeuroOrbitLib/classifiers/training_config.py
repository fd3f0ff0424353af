"""What a classifier's training is to be: read from a small file, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from NeuroOrbitLib.models import check_name
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.config_files import read_config_file
from NeuroOrbitLib.training.schedule import ClassifierSchedule, schedule_from_dict


@dataclass(frozen=True)
class ClassifierConfig:
    """A classifier and its training.

    :param name: of the model; small letters, digits and hyphens.
    :param title: of the model, one line for people.
    :param network: name in the module's registry of networks.
    :param schedule: how it learns.
    :param network_options: options of the network.
    :param augmentation: strength beyond what the paper did, 0 for none.
    :param second_task: weight of learning to read measurements of the image beside the class, 0 for the class alone;
        see :mod:`NeuroOrbitLib.classifiers.second_task`.
    :param folds: of the cross-validation by patient.
    :param repeats: of the cross-validation.
    :param threshold: probability from which on a case is called positive.
    :param seed: of everything random.
    """

    name: str
    title: str
    network: str
    schedule: ClassifierSchedule
    network_options: Mapping[str, Any] = field(default_factory=dict)
    augmentation: float = 0.0
    second_task: float = 0.0
    folds: int = 5
    repeats: int = 4
    threshold: float = 0.5
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain data that :func:`config_from_dict` understands."""
        return asdict(self)


def load_classifier_config(name: str | Path, shipped: Path) -> ClassifierConfig:
    """Read a configuration file, or one that comes with a module.

    :param name: a file (JSON or YAML), or the name of a shipped configuration.
    :param shipped: folder of the module's configurations.
    :raises Problem: when it does not exist or is not a configuration.
    """
    own = shipped / f"{name}.json"
    path = own if own.is_file() else Path(name)
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in shipped.glob("*.json")))
        raise Problem(f"There is no configuration {name}. Give a file, or one of: {names}.")
    try:
        return config_from_dict(read_config_file(path))
    except Problem as problem:
        raise Problem(f"{path}: {problem}") from problem


def config_from_dict(data: Any) -> ClassifierConfig:
    """Check plain data and make a configuration of it.

    :raises Problem: naming what is missing, unknown or out of range.
    """
    if not isinstance(data, Mapping):
        raise Problem("A configuration is a list of settings with names (an object), nothing else.")
    known = [item.name for item in fields(ClassifierConfig)]
    unknown = [key for key in data if key not in known]
    missing = [key for key in known[:4] if key not in data]
    if unknown or missing:
        raise Problem(f"A configuration lacks {', '.join(missing) or 'nothing'} and does not know "
                      f"{', '.join(unknown) or 'nothing else'}. Known are: {', '.join(known)}.")
    check_name(data["name"])
    config = ClassifierConfig(**{**data, "schedule": schedule_from_dict(data["schedule"])})
    if config.folds < 2 or config.repeats < 1 or not 0 < config.threshold < 1:
        raise Problem("A cross-validation needs 2 folds and 1 repeat at least, and a threshold between 0 and 1.")
    return config
