"""Named sets of features: shipped profiles, and the user's parameter files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.settings import Extraction
from NeuroOrbitLib.sentences import sentence as _
from NeuroOrbitLib.training.config_files import read_config_file

FOLDER = Path(__file__).parent / "configs"
PROFILES = ("rdinet-660", "full")


@dataclass(frozen=True)
class Profile:
    """The features that are computed for every region.

    :param name: name of the profile; by default that of its file.
    :param description: source of this set of features.
    :param passes: passes over the scan, which together give the features.
    """

    name: str
    description: str
    passes: tuple[Extraction, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the content of the profile's file."""
        return {"name": self.name, "description": self.description,
                "passes": [one.as_parameters() for one in self.passes]}


def read_profile(name: str | Path) -> Profile:
    """Read a shipped profile by its name, or a profile from a JSON or YAML file.

    A file has a ``description`` and a list of ``passes``, or is an ordinary parameter file of PyRadiomics.

    :raises Problem: if there is no such profile, or the file is not a profile.
    """
    path = FOLDER / f"{name}.json" if str(name) in PROFILES else Path(name)
    if not path.is_file():
        raise Problem(_("There is no radiomics profile {name}. Choose {profiles}, or a parameter file.").format(
            name=name, profiles=' or '.join(PROFILES)))
    data = read_config_file(path)
    if not isinstance(data, dict):
        raise Problem(_("{name} holds no radiomics parameters.").format(name=path.name))
    passes = data.get("passes", [data])
    try:
        extractions = tuple(Extraction.from_parameters(one) for one in passes)
    except (AttributeError, TypeError) as error:
        raise Problem(_("{name} is not in the form of radiomics parameters ({error}).").format(
            name=path.name, error=error)) from error
    return Profile(str(data.get("name", path.stem)), str(data.get("description", "")), extractions)
