"""The configuration of a classifier's training, read from a small file and checked before anything is computed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from NeuroOrbitLib.models import check_name
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.config_files import check_kinds, read_config_file, unfit_settings
from NeuroOrbitLib.training.schedule import ClassifierSchedule, schedule_from_dict


@dataclass(frozen=True)
class ClassifierConfig:
    """Configuration of a classifier and its training.

    :param name: name of the model: lower-case letters, digits and hyphens.
    :param title: title of the model in one line, as shown to users.
    :param network: name in the module's registry of networks, or of another learning method that the module offers.
    :param schedule: schedule of a network's training; None for learners without epochs.
    :param network_options: options of the network.
    :param augmentation: strength of the augmentation beyond the paper's, 0 for none.
    :param numbers: groups of numbers that the network takes beside the image; their settings are defined by the module.
    :param second_task: weight of predicting measurements of the image beside the class, 0 for the class alone;
        see :mod:`NeuroOrbitLib.classifiers.second_task`.
    :param folds: number of folds of the cross-validation by patient, at least 2.
    :param repeats: number of repeats of the cross-validation, at least 1.
    :param threshold: probability from which on a case counts as positive, between 0 and 1.
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
        """Return plain data for :func:`config_from_dict`, without ``numbers`` if the network takes none."""
        return {name: value for name, value in asdict(self).items() if name != "numbers" or value}


def load_classifier_config(name: str | Path, shipped: Path, changes: Sequence[str] = ()) -> ClassifierConfig:
    """Return the configuration from a file, or one that is shipped with a module.

    :param name: path of a file (JSON or YAML), or name of a shipped configuration.
    :param shipped: folder of the module's configurations.
    :param changes: changes of its settings, such as ``schedule.epochs=30``, see :func:`changed`.
    :raises Problem: when the file does not exist or is not a configuration, or a change is invalid.
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

    :param data: plain data of a configuration; it is not changed.
    :param changes: changes ``NAME=VALUE``, where the name has dots for nested settings
        (``network_options.iterations=2``) and the value is JSON or a word.
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
    """Return the configuration from plain data, which is checked.

    :raises Problem: naming what is missing, unknown, of another kind or out of range.
    """
    if not isinstance(data, Mapping):
        raise Problem("A configuration is a list of settings with names (an object), nothing else.")
    known = [item.name for item in fields(ClassifierConfig)]
    unknown = [key for key in data if key not in known]
    missing = [key for key in known[:4] if key not in data]
    if unknown or missing:
        raise Problem(unfit_settings("configuration", missing, unknown, known))
    check_kinds(data, ClassifierConfig)
    check_name(data["name"])
    schedule = None if data["schedule"] is None else schedule_from_dict(data["schedule"])
    config = ClassifierConfig(**{**data, "schedule": schedule})
    if config.folds < 2 or config.repeats < 1 or not 0 < config.threshold < 1:
        raise Problem("A cross-validation needs 2 folds and 1 repeat at least, and a threshold between 0 and 1.")
    return config
