"""How the lesion network learns: its size, what it is shown, for how long."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.config_files import read_config_file


@dataclass(frozen=True)
class LesionTraining:
    """Settings of one training.

    :param widths: channels of each level of the network, the finest first. :param patients: drawn patients in all,
        spread over the label maps.
    :param loads_ml: smallest and largest load of a drawn patient; drawn evenly by its logarithm.
    :param t1_share: patients with a T1. :param ms_share: patients with lesions of multiple sclerosis; the others have
        those of NMOSD.
    :param batch_size: slices of a step. :param patch: rows and columns of a slice that are learned from.
    """

    widths: tuple[int, ...] = (20, 40, 80, 128)
    patients: int = 208
    loads_ml: tuple[float, float] = (0.5, 70.0)
    t1_share: float = 0.4
    ms_share: float = 0.65
    steps: int = 9000
    batch_size: int = 8
    patch: int = 160
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
    if not config.widths or any(width < 1 for width in config.widths):
        raise Problem(f"widths needs the size of at least one level, not {list(config.widths)}.")
    if not 0 < config.loads_ml[0] <= config.loads_ml[1]:
        raise Problem(f"loads_ml needs two volumes above 0, the smaller first, not {list(config.loads_ml)}.")
    for name in ("patients", "steps", "batch_size", "patch", "learning_rate"):
        if not getattr(config, name) > 0:
            raise Problem(f"{name} must be greater than 0, not {getattr(config, name)}.")
    return config
