"""How the lesion network learns: sizes, shares of what it is shown, schedule."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.config_files import read_config_file


@dataclass(frozen=True)
class LesionTraining:
    """Settings of one training.

    :param widths: channels of the network's levels. :param box: voxels (K, J, I) of a sample, multiples of 8.
    :param loads_ml: smallest and largest load of a drawn patient; drawn evenly by its logarithm.
    :param t1_share: samples with a T1. :param stripped_share: without skull. :param random_look_share: with tissues
        of any order of brightness. :param draws_per_head: samples of each head in an epoch.
    """

    widths: tuple[int, ...] = (16, 32, 64, 96)
    box: tuple[int, int, int] = (96, 96, 96)
    loads_ml: tuple[float, float] = (0.5, 60.0)
    t1_share: float = 0.5
    stripped_share: float = 0.4
    random_look_share: float = 0.1
    draws_per_head: int = 32
    steps: int = 20000
    batch_size: int = 2
    learning_rate: float = 2e-3
    seed: int = 1


def read_config(path: Path | None) -> LesionTraining:
    """Return the settings of a JSON or YAML file, or the usual ones without a file.

    :raises Problem: naming the setting that is unknown or out of range.
    """
    if path is None:
        return LesionTraining()
    try:
        data = read_config_file(path)
    except OSError as error:
        raise Problem(f"The settings {path} cannot be read ({error.strerror}). Check the name.") from error
    known = {item.name for item in fields(LesionTraining)}
    unknown = sorted(set(data) - known) if isinstance(data, dict) else ["what is not a list of settings"]
    if unknown:
        raise Problem(f"{path} has unknown settings: {', '.join(unknown)}. Known are: {', '.join(sorted(known))}.")
    return checked(LesionTraining(**{key: tuple(value) if isinstance(value, list) else value
                                     for key, value in data.items()}))


def checked(config: LesionTraining) -> LesionTraining:
    """Return the settings if they make sense.

    :raises Problem: naming what does not.
    """
    multiple = 2 ** (len(config.widths) - 1)
    if len(config.box) != 3 or any(size < multiple or size % multiple for size in config.box):
        raise Problem(f"box needs three sizes that are multiples of {multiple}, not {list(config.box)}.")
    if not 0 < config.loads_ml[0] <= config.loads_ml[1]:
        raise Problem(f"loads_ml needs two volumes above 0, the smaller first, not {list(config.loads_ml)}.")
    for name in ("steps", "batch_size", "learning_rate", "draws_per_head"):
        if not getattr(config, name) > 0:
            raise Problem(f"{name} must be greater than 0, not {getattr(config, name)}.")
    return config
