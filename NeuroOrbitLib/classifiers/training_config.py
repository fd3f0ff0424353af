"""What a classifier's training is to be: read from a small file, checked before anything is computed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from NeuroOrbitLib.models import check_name
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.config_files import read_config_file, unfit_settings
from NeuroOrbitLib.training.schedule import ClassifierSchedule, schedule_from_dict


@dataclass(frozen=True)
class ClassifierConfig:
    """A classifier and its training.

    :param name: of the model; small letters, digits and hyphens.
    :param title: of the model, one line for people.
    :param network: name in the module's registry of networks, or of another way to learn that the module offers.
    :param schedule: how a network learns; None for learners without epochs.
    :param network_options: options of the network.
    :param augmentation: strength beyond what the paper did, 0 for none.
    :param numbers: groups of numbers that the network takes beside the image; what an entry may say is the module's.
    :param second_task: weight of learning to read measurements of the image beside the class, 0 for the class alone;
        see :mod:`NeuroOrbitLib.classifiers.second_task`.
    :param folds: of the cross-validation by patient.
    :param repeats: of the cross-validation.
    :param threshold: probability from which on a case is called positive.
    :param seed: seed of all random choices.
    """

    name: str
    title: str
    network: str
    schedule: ClassifierSchedule | None
    network_options: Mapping[str, Any] = field(default_factory=dict)
    augmentation: float = 0.0
    numbers: Mapping[str, Any] = field(default_factory=dict)
    second_task: float = 0.0
    folds: int = 5
    repeats: int = 4
    threshold: float = 0.5
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain data that :func:`config_from_dict` understands; without numbers where a network takes none."""
        return {name: value for name, value in asdict(self).items() if name != "numbers" or value}


def load_classifier_config(name: str | Path, shipped: Path, changes: Sequence[str] = ()) -> ClassifierConfig:
    """Read a configuration file, or one that comes with a module.

    :param name: a file (JSON or YAML), or the name of a shipped configuration.
    :param shipped: folder of the module's configurations.
    :param changes: to its settings, such as ``schedule.epochs=30``, see :func:`changed`.
    :raises Problem: when it does not exist or is not a configuration.
    """
    own = shipped / f"{name}.json"
    path = own if own.is_file() else Path(name)
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in shipped.glob("*.json")))
        raise Problem(f"There is no configuration {name}. Give a file, or one of: {names}.")
    try:
        return config_from_dict(changed(read_config_file(path), changes))
    except Problem as problem:
        raise Problem(f"{path}: {problem}") from problem


def changed(data: Any, changes: Sequence[str]) -> Any:
    """Return a configuration's plain data with some settings changed.

    :param changes: each ``NAME=VALUE``, the name with dots for settings inside of settings
        (``network_options.iterations=2``), the value as in JSON, or a word.
    :raises Problem: for a change of another form.
    """
    found = deepcopy(data)
    for change in changes:
        name, sign, text = change.partition("=")
        *outer, last = name.strip().split(".")
        place = found
        for key in outer:
            place = place.setdefault(key, {}) if isinstance(place, dict) else None
        if not sign or not last or not isinstance(place, dict):
            raise Problem(f"{change!r} changes no setting. Write NAME=VALUE, e.g. schedule.epochs=30.")
        try:
            place[last] = json.loads(text)
        except ValueError:
            place[last] = text
    return found


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
        raise Problem(unfit_settings("configuration", missing, unknown, known))
    check_name(data["name"])
    schedule = None if data["schedule"] is None else schedule_from_dict(data["schedule"])
    config = ClassifierConfig(**{**data, "schedule": schedule})
    if config.folds < 2 or config.repeats < 1 or not 0 < config.threshold < 1:
        raise Problem("A cross-validation needs 2 folds and 1 repeat at least, and a threshold between 0 and 1.")
    return config
