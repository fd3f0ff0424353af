"""Configuration of a training of a paper network, read from a small file and checked before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.config_files import read_config_file
from OrbitSegmentationLib.paper_networks.profiles import Profile, find_profile

CONFIG_FOLDER = Path(__file__).parents[1] / "configs"
_KINDS = {
    (str, "a text"): ("name", "title", "profile", "loss"),
    (bool, "true or false"): ("cosine", "bf16"),
    (Mapping, "settings with names"): ("profile_changes", "network_options", "synthetic"),
}
#: Settings that are whole numbers, and their smallest allowed values.
_WHOLE_NUMBERS = {"batch_size": 1, "epochs": 1, "folds": 2, "validation_epochs": 1, "patience": 0, "workers": 0,
                  "seed": 0}
_SYNTHETIC = ("count", "seed", "protocols")


@dataclass(frozen=True)
class TrainingConfig:
    """The configuration of a training.

    :param name: name of the model in small letters, digits and hyphens.
    :param title: title of the model, one line.
    :param profile: name of the profile that prepares the images, see
        :data:`OrbitSegmentationLib.paper_networks.profiles.PROFILES`.
    :param profile_changes: settings of the profile to change, by name.
    :param network_options: options of the network besides its number of output channels, by name.
    :param loss: ``sigmoid_cross_entropy`` or ``weighted_soft_dice``.
    :param learning_rate: learning rate of Adam, above 0.
    :param cosine: whether the learning rate falls to zero along a cosine, after a warm-up over a tenth of the steps;
        otherwise it is constant.
    :param batch_size: number of samples per step.
    :param epochs: number of passes over the training samples.
    :param folds: number of folds of the patient-level cross-validation, at least 2.
    :param validation_fraction: share of the training patients held out for choosing the best weights; 0 for none.
    :param validation_epochs: number of epochs between validations.
    :param patience: number of validations without progress after which training stops; 0 never stops early.
    :param largest_gradient: largest norm of the gradient over all weights, to which longer ones are shortened; ``None``
        for no limit.
    :param bf16: whether to compute in bfloat16 where the device supports it natively.
    :param workers: number of processes that prepare batches.
    :param seed: seed of all random choices.
    :param synthetic: ``count``, ``seed`` and ``protocols`` of the phantoms when the cohort is ``synthetic``.
    """

    name: str
    title: str
    profile: str
    loss: str
    learning_rate: float
    batch_size: int
    epochs: int
    folds: int
    profile_changes: Mapping[str, Any] = field(default_factory=dict)
    network_options: Mapping[str, Any] = field(default_factory=dict)
    cosine: bool = False
    validation_fraction: float = 0.1
    validation_epochs: int = 5
    patience: int = 0
    largest_gradient: float | None = None
    bf16: bool = False
    workers: int = 0
    seed: int = 0
    synthetic: Mapping[str, Any] = field(default_factory=lambda: {"count": 12, "seed": 0, "protocols": ["ct-fast"]})

    def resolved_profile(self) -> Profile:
        """Return the profile with ``profile_changes`` applied."""
        return find_profile(self.profile).changed(self.profile_changes)

    def as_dict(self) -> dict[str, Any]:
        """Return the configuration as plain data, which :func:`config_from_dict` reads."""
        return asdict(self)


def load_config(name: str | Path) -> TrainingConfig:
    """Return the configuration in a file (JSON, or YAML where PyYAML is installed), or one that comes with the product.

    :param name: path of a file, or name of a shipped configuration such as ``sv_net``.
    :raises Problem: when it does not exist or is not a valid configuration.
    """
    shipped = CONFIG_FOLDER / f"{name}.json"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        raise Problem(f"There is no configuration {name}. Give a file, or one of: {', '.join(shipped_configs())}.")
    try:
        return config_from_dict(read_config_file(path))
    except Problem as problem:
        raise Problem(f"{path}: {problem}") from problem


def shipped_configs() -> list[str]:
    """Return the names of the configurations that come with the product."""
    return sorted(path.stem for path in CONFIG_FOLDER.glob("*.json"))


def config_from_dict(data: Any) -> TrainingConfig:
    """Return the configuration in plain data, after checking it.

    :raises Problem: if a setting is missing, unknown or out of range; the message names it.
    """
    if not isinstance(data, Mapping):
        raise Problem("A configuration is a list of settings with names (an object), nothing else.")
    known = {item.name: item for item in fields(TrainingConfig)}
    for key in data:
        if key not in known:
            raise Problem(f"Unknown setting {key!r}. Known are: {', '.join(known)}.")
    try:
        config = TrainingConfig(**data)
    except TypeError as error:
        missing = [key for key in list(known)[:8] if key not in data]
        raise Problem(f"These settings are missing: {', '.join(missing)}.") from error
    _check(config)
    return config


def _check(config: TrainingConfig) -> None:
    from NeuroOrbitLib.models import check_name
    from NeuroOrbitLib.training.losses import LOSSES

    for (kind, wanted), keys in _KINDS.items():
        for key in keys:
            if not isinstance(getattr(config, key), kind):
                raise Problem(f"{key} must be {wanted}, not {getattr(config, key)!r}.")
    check_name(config.name)
    config.resolved_profile()
    if config.loss not in LOSSES:
        raise Problem(f"There is no loss {config.loss!r}. Choose one of: {', '.join(LOSSES)}.")
    for key, least in _WHOLE_NUMBERS.items():
        _check_whole(key, getattr(config, key), least)
    positive = ["learning_rate"] if config.largest_gradient is None else ["learning_rate", "largest_gradient"]
    wrong = [key for key in positive if not _is_number(getattr(config, key)) or getattr(config, key) <= 0]
    if wrong:
        raise Problem(f"{wrong[0]} must be a number above 0, not {getattr(config, wrong[0])!r}.")
    if not _is_number(config.validation_fraction) or not 0 <= config.validation_fraction < 1:
        raise Problem(f"validation_fraction must lie from 0 to below 1, not {config.validation_fraction!r}.")
    _check_network(config)
    _check_synthetic(config.synthetic)


def _check_network(config: TrainingConfig) -> None:
    """Raise :class:`Problem` if the network cannot be built, rather than after hours of preparing images.

    The network is built on the device "meta", without memory for its weights.
    """
    import torch

    from OrbitSegmentationLib.paper_networks.registry import find

    profile = config.resolved_profile()
    try:
        with torch.device("meta"):
            find(profile.network).build(out_channels=profile.channels, **config.network_options)
    except (TypeError, ValueError, ArithmeticError, LookupError, RuntimeError) as error:
        raise Problem(f"network_options do not suit the network {profile.network}: {error}") from error


def _check_synthetic(plan: Mapping[str, Any]) -> None:
    from NeuroOrbitLib.phantom.scanner.protocols import protocol

    unknown = [key for key in plan if key not in _SYNTHETIC]
    if unknown:
        raise Problem(f"synthetic has no setting {unknown[0]!r}. Known are: {', '.join(_SYNTHETIC)}.")
    _check_whole("the count of synthetic", plan.get("count", 1), 1)
    _check_whole("the seed of synthetic", plan.get("seed", 0), 0)
    names = plan.get("protocols", ["ct-fast"])
    if not isinstance(names, (list, tuple)) or not names or not all(isinstance(name, str) for name in names):
        raise Problem(f"The protocols of synthetic must be a list of names, not {names!r}.")
    for name in names:
        protocol(name)


def _check_whole(name: str, value: Any, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise Problem(f"{name} must be a whole number, at least {least}, not {value!r}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
